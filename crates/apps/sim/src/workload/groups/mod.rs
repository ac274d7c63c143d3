//! Consumer groups: members that join, commit, pause too long, vanish and come back, over topics that grow and go.
//!
//! A group has topics of its own. Its members behave as well-behaved clients do: they never commit before they were told
//! their assignment, go on from the committed offset, and stop when they hear that they are out.

mod assign;
mod classic;
mod modern;
mod offsets;
pub mod view;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use headwater_runtime::Random;

use super::topics::{NewTopic, create, delete, grow};
use super::{Stage, Switch, Topic};
use crate::client::Client;
use crate::history::Place;

/// Virtual time in which a group that is left alone must come to rest.
const REST: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(20);
/// Members have this long to do something before the group is left alone.
const WORK: Duration = Duration::from_millis(60);

/// What a group is like.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its number; names come from it.
    pub number: u64,
    /// How many members.
    pub members: u64,
    /// How many of them are static.
    pub statics: u64,
    /// How long a member may be silent.
    pub session_timeout_ms: i32,
    /// How long a rebalance may take.
    pub rebalance_timeout_ms: i32,
    /// Longest pause between two things that a member does.
    pub think: Duration,
    /// One step in so many is a pause that is too long; 0 for never.
    pub pause_one_in: u64,
    /// One step in so many the member leaves or vanishes; 0 for never.
    pub leave_one_in: u64,
    /// Members of the protocol in which the coordinator assigns (KIP-848), if the node offers it.
    pub modern: bool,
    /// The leader gives a partition to two members. A planted bug.
    pub assigns_twice: bool,
}

impl Plan {
    /// A group at random.
    pub fn roll(random: &mut Random, number: u64) -> Self {
        let members = 1 + random.below(4);
        Self {
            number,
            members,
            statics: if random.chance(3) { 1 + random.below(members) } else { 0 },
            session_timeout_ms: 100 + random.below(500) as i32,
            rebalance_timeout_ms: 100 + random.below(900) as i32,
            think: Duration::from_millis(1 + random.below(20)),
            pause_one_in: [0, 50, 200][random.below(3) as usize],
            leave_one_in: [0, 30, 100][random.below(3) as usize],
            modern: random.chance(2),
            assigns_twice: false,
        }
    }
}

/// Where a member stands, as far as it knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) generation: i32,
    pub(crate) places: Vec<Place>,
}

/// A group, as its members share it.
pub(crate) struct Group {
    pub(crate) id: String,
    /// Topics that members subscribe to and that were made; one may be gone again.
    pub(crate) topics: RefCell<Vec<Topic>>,
    /// Where each member stands; `None` while it is out.
    pub(crate) standings: RefCell<BTreeMap<u64, Option<Standing>>>,
    /// Members may go.
    pub(crate) released: Cell<bool>,
}

impl Group {
    pub(crate) fn stands(&self, number: u64, standing: Option<Standing>) {
        self.standings.borrow_mut().insert(number, standing);
    }

    /// What keeps the group from being at rest.
    fn unrest(&self, members: u64) -> Option<String> {
        let standings = self.standings.borrow();
        let topics = self.topics.borrow();
        let mut places: Vec<Place> = topics
            .iter()
            .flat_map(|topic| (0..topic.partitions).map(|partition| Place { topic: topic.id, partition }))
            .collect();
        places.sort_unstable();
        let mut given: Vec<Place> =
            standings.values().flatten().flat_map(|standing| standing.places.iter().copied()).collect();
        given.sort_unstable();
        let first = standings.values().flatten().next().map(|standing| standing.generation);
        let all_in = standings.values().flatten().count() as u64 == members;
        let together = standings.values().flatten().all(|standing| Some(standing.generation) == first);
        let restless = !all_in || !together || given != places;
        restless.then(|| format!("{}: {standings:?} over {topics:?}", self.id))
    }
}

/// Plays a group until the switch says otherwise and it has come to rest; topics that stay are added to `kept`.
///
/// `offsets_topic` is the topic of offsets, if it is made by hand and not by the first who looks for a coordinator.
pub async fn group(
    client: Client,
    switch: Switch,
    plan: Plan,
    offsets_topic: Option<NewTopic>,
    kept: Rc<RefCell<Vec<Topic>>>,
) {
    if let Some(offsets_topic) = offsets_topic
        && create(&client, &switch, &offsets_topic).await.is_none()
    {
        return;
    }
    let mut random = Random::new(client.runtime.random_u64());
    let new = |name: String, partitions: u64| {
        let configs = BTreeMap::from([("file.delete.delay.ms".to_owned(), "10".to_owned())]);
        NewTopic { name, partitions: partitions as i32, configs }
    };
    let group = Rc::new(Group {
        id: format!("group{}", plan.number),
        topics: RefCell::default(),
        standings: RefCell::default(),
        released: Cell::new(false),
    });
    client.history.borrow_mut().group(&group.id);
    let steady = new(format!("grouped{}", plan.number), 1 + random.below(4));
    let Some(mut steady) = create(&client, &switch, &steady).await else { return };
    group.topics.borrow_mut().push(steady.clone());
    while !matches!(offsets::anchor(&client, &group.id, &steady).await, Ok(true)) {
        if switch.stage() == Stage::Over {
            return;
        }
        client.pause(LOOK).await;
    }
    let modern = plan.modern && !plan.assigns_twice && offers_modern(&client, &switch).await;
    let members: Vec<_> = (0..plan.members)
        .map(|number| {
            let (runtime, client) = (client.runtime.clone(), client.clone());
            let (plan, switch, group) = (plan.clone(), switch.clone(), group.clone());
            if modern {
                let member = modern::Member::new(client, plan, switch, group, number);
                runtime.spawn_local("member", member.run())
            } else {
                let member = classic::Member::new(client, plan, switch, group, number);
                runtime.spawn_local("member", member.run())
            }
        })
        .collect();
    if random.chance(2) {
        fade(&client, &switch, &group, &new(format!("fading{}", plan.number), 1 + random.below(2))).await;
    }
    if random.chance(2) {
        client.pause(Duration::from_millis(200)).await;
        let count = steady.partitions + 1 + random.below(3) as i32;
        if grow(&client, &switch, &mut steady, count).await {
            group.topics.borrow_mut()[0].partitions = count;
        }
    }
    kept.borrow_mut().push(steady);
    while switch.stage() == Stage::Running {
        client.runtime.sleep(LOOK).await;
    }
    if !plan.assigns_twice {
        rest(&client, &group, plan.members).await;
    }
    group.released.set(true);
    for member in members {
        let _ = member.await;
    }
}

async fn offers_modern(client: &Client, switch: &Switch) -> bool {
    while switch.stage() != Stage::Over {
        if let Ok(offered) = modern::is_offered(client).await {
            return offered;
        }
        client.pause(LOOK).await;
    }
    false
}

/// A topic that the group consumes for a while.
async fn fade(client: &Client, switch: &Switch, group: &Group, new: &NewTopic) {
    let Some(topic) = create(client, switch, new).await else { return };
    group.topics.borrow_mut().push(topic.clone());
    client.pause(Duration::from_millis(400)).await;
    if delete(client, switch, &topic).await {
        group.topics.borrow_mut().retain(|known| known.id != topic.id);
    }
}

/// Waits until the group has come to rest.
async fn rest(client: &Client, group: &Group, members: u64) {
    client.runtime.sleep(WORK).await;
    let deadline = client.runtime.now() + REST;
    while let Some(unrest) = group.unrest(members) {
        if client.runtime.now() > deadline {
            client.history.borrow_mut().restless.push(unrest);
            return;
        }
        client.runtime.sleep(LOOK).await;
    }
    client.tell(format_args!("{} is at rest", group.id));
}
