//! One life of the node: it starts, things go wrong, it ends.

use std::time::Duration;

use headwater_runtime::Runtime;

use crate::cluster::Phase;
use crate::faults::{self, Death};
use crate::history::End;
use crate::scenario::World;
use crate::workload::audit;

/// Virtual time that a clean stop may take.
const STOP: Duration = Duration::from_secs(40);
const LOOK: Duration = Duration::from_millis(3);
/// Room that a full disk has left.
const LITTLE_ROOM: u64 = 20_000;

/// Begins a life.
pub(crate) fn begin(world: &mut World, with_faults: bool) {
    world.history.borrow_mut().lives.push(End::None);
    let slow = with_faults && world.swarm.slow_appends;
    let seed = world.random.next_u64();
    let (sim, client, history) = (world.sim.clone(), world.client.clone(), world.history.clone());
    world.cluster.start(move |runtime, broker| async move {
        history.borrow_mut().counts.starts += 1;
        let auditing = async move {
            // Whoever gets no answer asks in the next life.
            let _ = audit::audit(&client).await;
        };
        sim.driver().spawn_detached("audit", auditing);
        if slow {
            slow_appends(&runtime, &broker, seed).await;
        }
    });
}

/// Now and then a directory counts as slow, so that appends go through its I/O threads.
async fn slow_appends(runtime: &Runtime, broker: &headwater_broker::broker::Broker, seed: u64) {
    let mut random = headwater_runtime::Random::new(seed);
    loop {
        runtime.sleep(Duration::from_micros(random.below(20_000))).await;
        let partitions = broker.partitions.all();
        if !partitions.is_empty() {
            let chosen = random.below(partitions.len() as u64) as usize;
            partitions[chosen].directory().append_took(1_000 + random.below(4_000) as u32);
        }
    }
}

/// A whole life, faults and end included.
pub(crate) async fn one_life(world: &mut World) {
    let death = world.swarm.death(&mut world.random);
    let lasts = world.swarm.lasts(&mut world.random);
    if world.swarm.clock_jumps {
        let offset_ms = world.random.below(3_600_000) as i64 - 1_800_000;
        world.sim.set_wall_clock_offset(world.cluster.node(), offset_ms);
    }
    begin(world, true);
    world.tell(format_args!("begins, lasts {lasts:?}, then {death:?}"));
    let trouble = suffer(world, lasts).await;
    if let (Phase::Failed(why), false) = (world.cluster.phase(), trouble) {
        let what = format!("life {}: the node gave up: {why}", world.history.borrow().life());
        world.history.borrow_mut().unexplained.push(what);
    }
    die(world, death, trouble).await;
    for disk in world.cluster.disks() {
        disk.heal();
        disk.set_capacity(u64::MAX);
    }
    if world.swarm.damage && world.random.chance(2) {
        for disk in world.cluster.disks() {
            let harmed = crate::damage::damage(&disk, &mut world.random);
            world.tell(format_args!("{harmed} helping files are damaged"));
        }
    }
    world.sim.set_link(world.cluster.node(), world.clients, true);
    // The machine is off for a while.
    let off = Duration::from_micros(world.random.below(20_000));
    world.sim.driver().sleep(off).await;
}

/// Lets the life's time pass, with faults. True if the disk gave errors, so that the node may rightly give up.
async fn suffer(world: &mut World, lasts: Duration) -> bool {
    let driver = world.sim.driver();
    let end = driver.now() + lasts;
    let mut trouble = false;
    while driver.now() < end {
        if matches!(world.cluster.phase(), Phase::Failed(_)) {
            break;
        }
        driver.sleep(LOOK).await;
        let swarm = world.swarm.clone();
        let random = &mut world.random;
        if swarm.resets && random.chance(10) {
            world.sim.reset_connections(world.cluster.node(), world.clients);
        }
        if swarm.cuts && random.chance(20) {
            let works = random.chance(2);
            world.sim.set_link(world.cluster.node(), world.clients, works);
        }
        if swarm.disk_errors && random.chance(20) {
            let fault = faults::disk_error(random);
            world.tell(format_args!("{fault:?}"));
            let disks = world.cluster.disks();
            disks[world.random.below(disks.len() as u64) as usize].inject(fault);
            world.history.borrow_mut().counts.disk_faults += 1;
            trouble = true;
        }
        if swarm.full_disk && world.random.chance(20) {
            for disk in world.cluster.disks() {
                let room =
                    if world.random.chance(2) { world.random.below(LITTLE_ROOM) } else { u64::MAX / 2 };
                disk.set_capacity(disk.used() + room);
            }
            world.tell(format_args!("the disk is full, or not any more"));
            world.history.borrow_mut().counts.disk_faults += 1;
            trouble = true;
        }
    }
    trouble
}

async fn die(world: &mut World, death: Death, broken: bool) {
    let driver = world.sim.driver();
    match death {
        Death::Kill => kill(world),
        Death::PowerLoss => power_loss(world),
        Death::PowerLossAfterChanges(changes) => {
            for disk in world.cluster.disks() {
                disk.fail_after_changes(changes);
            }
            driver.sleep(Duration::from_micros(world.random.below(20_000))).await;
            power_loss(world);
        }
        Death::Stop { interrupted, then_dark } => {
            world.cluster.stop();
            match interrupted {
                Some((after, dark)) => {
                    driver.sleep(after).await;
                    if world.cluster.phase() == Phase::Stopped && !broken {
                        stopped(world, then_dark);
                    } else if dark {
                        power_loss(world);
                    } else {
                        kill(world);
                    }
                }
                None if wait_for_stop(&driver, world).await && !broken => stopped(world, then_dark),
                None if then_dark => power_loss(world),
                None => kill(world),
            }
        }
    }
}

/// Waits for the process to end; true if it ended in order.
async fn wait_for_stop(driver: &Runtime, world: &World) -> bool {
    let waiting = async {
        loop {
            match world.cluster.phase() {
                Phase::Stopped => return true,
                Phase::Failed(_) => return false,
                _ => driver.sleep(LOOK).await,
            }
        }
    };
    match driver.timeout(STOP, waiting).await {
        Ok(in_order) => in_order,
        Err(_) => {
            world.history.borrow_mut().stuck.push("a stop does not come to an end".to_owned());
            false
        }
    }
}

/// A clean stop without anything in between.
///
/// # Errors
/// When it does not succeed.
pub(crate) async fn stop(world: &mut World) -> Result<(), String> {
    world.cluster.stop();
    if wait_for_stop(&world.sim.driver(), world).await {
        let then_dark = world.random.chance(2);
        stopped(world, then_dark);
        Ok(())
    } else {
        Err(format!("the node does not stop in order: {:?}", world.cluster.phase()))
    }
}

fn ended(world: &World, end: End) {
    world.tell(format_args!("{:?} ends by {end:?}", world.cluster.phase()));
    let mut history = world.history.borrow_mut();
    if let Some(last) = history.lives.last_mut() {
        *last = end;
    }
    match end {
        End::Kill => history.counts.kills += 1,
        End::PowerLoss => history.counts.power_losses += 1,
        End::CleanStop => history.counts.clean_stops += 1,
        End::None => {}
    }
}

fn kill(world: &World) {
    ended(world, End::Kill);
    world.cluster.kill();
}

fn power_loss(world: &World) {
    ended(world, End::PowerLoss);
    world.cluster.power_loss();
}

fn stopped(world: &World, then_dark: bool) {
    ended(world, End::CleanStop);
    world.cluster.kill();
    if then_dark {
        world.cluster.power_loss();
    }
}
