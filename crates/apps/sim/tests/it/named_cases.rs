//! Cases by the names that they have in the list of failures that a node must live through.

use std::time::Duration;

use headwater_sim::faults::Swarm;
use headwater_sim::history::Counts;
use headwater_sim::{Planted, run_with};

fn play(seeds: std::ops::Range<u64>, swarm: &Swarm) -> Counts {
    let mut counts = Counts::default();
    for seed in seeds {
        let report = run_with(seed, Planted::Nothing, |_| swarm.clone());
        assert!(report.violations.is_empty(), "seed {seed}: {:#?}", report.violations);
        counts.add(&report.counts);
    }
    counts
}

/// kill -9 in the middle of appends, at any moment: nothing acknowledged is lost, in memory mode neither.
#[test]
fn d1_kill_in_the_middle_of_appends() {
    let swarm = Swarm { kills: true, slow_appends: true, ..Swarm::none(5) };
    let counts = play(0..12, &swarm);
    assert!(counts.kills >= 50 && counts.acknowledged > 1_000, "{counts:?}");
    assert_eq!(counts.lost_rightly, 0, "a kill takes nothing, whatever was promised");
}

/// All replicas there are lose their power at one moment, hundreds of times.
#[test]
fn d2_power_loss() {
    let swarm = Swarm { power_losses: true, early_deaths: true, ..Swarm::none(8) };
    let counts = play(0..30, &swarm);
    assert!(counts.power_losses >= 200 && counts.acknowledged > 1_000, "{counts:?}");
}

/// The power goes between the changes of rolls, checkpoints, renames and creations.
#[test]
fn d3_power_loss_between_changes() {
    let longest_life = Duration::from_millis(40);
    let swarm = Swarm { power_losses: true, stops: true, longest_life, ..Swarm::none(8) };
    let counts = play(1_000..1_020, &swarm);
    assert!(counts.power_losses >= 50, "{counts:?}");
}

/// Indexes, snapshots, epochs and checkpoints are missing or rubbish: the logs alone tell everything.
#[test]
fn d11_helping_files_are_missing_or_rubbish() {
    let swarm = Swarm { kills: true, stops: true, power_losses: true, damage: true, ..Swarm::none(5) };
    play(2_000..2_025, &swarm);
}

/// The disk is full for a while: refused, and taken again when there is space.
#[test]
fn d6_a_full_disk_recovers_by_itself() {
    let swarm = Swarm { kills: true, full_disk: true, ..Swarm::none(4) };
    let counts = play(3_000..3_012, &swarm);
    assert!(counts.disk_faults > 0, "{counts:?}");
}

/// Reads, writes and syncs fail: what was acknowledged stays, what was not is not acknowledged later.
#[test]
fn d4_d5_the_disk_fails() {
    let swarm = Swarm { kills: true, power_losses: true, disk_errors: true, ..Swarm::none(5) };
    let counts = play(4_000..4_030, &swarm);
    assert!(counts.disk_faults > 0, "{counts:?}");
}
