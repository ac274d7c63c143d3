//! A member of a consumer group of KIP-848: the coordinator assigns, and the member tells in each heartbeat what it owns.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use headwater_base::{ErrorCode, Uuid};
use headwater_protocol::ApiKey;
use headwater_protocol::messages::api_versions_request::ApiVersionsRequest;
use headwater_protocol::messages::api_versions_response::ApiVersionsResponse;
use headwater_protocol::messages::consumer_group_heartbeat_request::{
    ConsumerGroupHeartbeatRequest, TopicPartitions,
};
use headwater_protocol::messages::consumer_group_heartbeat_response::{
    Assignment, ConsumerGroupHeartbeatResponse,
};
use headwater_runtime::Random;

use super::super::codes::is_passing;
use super::super::{Stage, Switch};
use super::offsets::{self, Committer};
use super::{Group, Plan, Standing};
use crate::client::{Client, Connection, Lost};
use crate::history::Place;

const RETRY_PAUSE: Duration = Duration::from_millis(20);
/// Version of ConsumerGroupHeartbeat, in which members make their own ids.
const HEARTBEAT: i16 = 1;
const JOINS: i32 = 0;
const LEAVES: i32 = -1;
/// A static member that will come back.
const PAUSES: i32 = -2;

/// Whether the node offers the protocol.
///
/// # Errors
/// [`Lost`] when there is no answer.
pub(super) async fn is_offered(client: &Client) -> Result<bool, Lost> {
    let request = ApiVersionsRequest {
        client_software_name: "sim".to_owned(),
        client_software_version: "1".to_owned(),
    };
    let answer: ApiVersionsResponse = client.ask(4, &request).await?;
    let key = ApiKey::ConsumerGroupHeartbeat.code();
    Ok(answer.api_keys.iter().any(|api| api.api_key == key))
}

/// See the module.
pub(super) struct Member {
    client: Client,
    plan: Plan,
    switch: Switch,
    random: Random,
    group: Rc<Group>,
    number: u64,
    commit_version: i16,
    id: String,
    instance: Option<String>,
    epoch: i32,
    owned: BTreeMap<Place, i64>,
    /// The next heartbeat tells everything, as the first one and each after an error do: only then does the coordinator
    /// tell an assignment again whose answer was lost.
    full: bool,
    commits: u64,
}

impl Member {
    pub(super) fn new(client: Client, plan: Plan, switch: Switch, group: Rc<Group>, number: u64) -> Self {
        let mut random = Random::new(client.runtime.random_u64());
        let commit_version = random.between(9, 10) as i16;
        let instance = (number < plan.statics).then(|| format!("static{number}"));
        let mut member = Self {
            client,
            plan,
            switch,
            random,
            group,
            number,
            commit_version,
            id: String::new(),
            instance,
            epoch: JOINS,
            owned: BTreeMap::new(),
            full: true,
            commits: 0,
        };
        member.renamed();
        member
    }

    fn renamed(&mut self) {
        let id = Uuid::from_random(self.random.next_u64(), self.random.next_u64());
        self.id = id.to_string();
        self.epoch = JOINS;
    }

    /// Is a member, again and again, until it may go.
    pub(super) async fn run(mut self) {
        while self.switch.stage() != Stage::Over && !self.group.released.get() {
            if let Err(lost) = self.session().await {
                self.client.tell(format_args!("{} member {}: {lost}", self.group.id, self.number));
                self.client.pause(RETRY_PAUSE).await;
            }
        }
    }

    fn note(&self, api: &str, code: ErrorCode) {
        let what = format!("{api} was answered with {}", code.name());
        self.client.history.borrow_mut().unexplained.push(what);
    }

    fn who(&self) -> String {
        self.instance.clone().unwrap_or_else(|| self.id.clone())
    }

    /// It is out, and owns nothing.
    fn abandon(&mut self) {
        self.epoch = JOINS;
        self.owned.clear();
        self.group.stands(self.number, None);
    }

    /// What is done over one connection. A member stays what it is when the connection breaks.
    async fn session(&mut self) -> Result<(), Lost> {
        let mut connection = self.client.connect().await?;
        while offsets::find(&mut connection, &self.group.id).await? != ErrorCode::None {
            self.client.pause(RETRY_PAUSE).await;
        }
        self.full = true;
        while !self.group.released.get() && self.switch.stage() != Stage::Over {
            self.heartbeat(&mut connection, self.epoch).await?;
            self.client.pause(self.plan.think).await;
            if self.random.chance(2) && !self.owned.is_empty() {
                self.commit(&mut connection).await?;
            }
            if self.switch.stage() == Stage::Running {
                self.misbehave(&mut connection).await?;
            }
        }
        if self.random.chance(2) && self.epoch != JOINS {
            self.heartbeat(&mut connection, LEAVES).await?;
        }
        Ok(())
    }

    async fn heartbeat(&mut self, connection: &mut Connection, epoch: i32) -> Result<(), Lost> {
        let joins = epoch == JOINS;
        let topics = || self.group.topics.borrow().iter().map(|topic| topic.name.clone()).collect();
        let request = ConsumerGroupHeartbeatRequest {
            group_id: self.group.id.clone(),
            member_id: self.id.clone(),
            member_epoch: epoch,
            instance_id: self.instance.clone(),
            rebalance_timeout_ms: if joins || self.full { self.plan.rebalance_timeout_ms } else { -1 },
            subscribed_topic_names: (epoch >= JOINS).then(topics),
            server_assignor: (joins && self.plan.number.is_multiple_of(2)).then(|| "range".to_owned()),
            topic_partitions: (epoch >= JOINS).then(|| owned(&self.owned)),
            ..ConsumerGroupHeartbeatRequest::default()
        };
        let life = self.client.history.borrow().life();
        let answer: ConsumerGroupHeartbeatResponse = connection.ask(HEARTBEAT, &request).await?;
        self.full = answer.error_code != 0;
        match ErrorCode::from_code(answer.error_code) {
            ErrorCode::None if epoch < JOINS => {
                self.abandon();
                self.renamed();
            }
            ErrorCode::None => {
                let history = &self.client.history;
                history.borrow_mut().group(&self.group.id).told(life, epoch, answer.member_epoch);
                self.epoch = answer.member_epoch;
                self.take(connection, answer.assignment).await?;
            }
            ErrorCode::UnknownMemberId | ErrorCode::FencedMemberEpoch => self.abandon(),
            // Its place is taken until the session of the one before is over.
            ErrorCode::UnreleasedInstanceId => {
                self.abandon();
                self.client.pause(RETRY_PAUSE).await;
            }
            ErrorCode::FencedInstanceId => {
                self.abandon();
                self.renamed();
            }
            code if is_passing(code) => self.client.pause(RETRY_PAUSE).await,
            code => {
                self.note("ConsumerGroupHeartbeat", code);
                self.client.pause(RETRY_PAUSE).await;
            }
        }
        Ok(())
    }

    /// Gives up what it shall not have any more, and goes on from the committed offsets in what is new.
    async fn take(&mut self, connection: &mut Connection, assigned: Option<Assignment>) -> Result<(), Lost> {
        if let Some(assigned) = assigned {
            let places: Vec<Place> = assigned
                .topic_partitions
                .iter()
                .flat_map(|given| {
                    let topic = given.topic_id;
                    given.partitions.iter().map(move |partition| Place { topic, partition: *partition })
                })
                .collect();
            let revoked = self.owned.keys().any(|place| !places.contains(place));
            if revoked && self.random.chance(2) {
                self.commit(connection).await?;
            }
            self.owned.retain(|place, _| places.contains(place));
            let new: Vec<Place> =
                places.iter().copied().filter(|place| !self.owned.contains_key(place)).collect();
            {
                let mut history = self.client.history.borrow_mut();
                history.counts.assignments += 1;
                history.group(&self.group.id).assigned(self.epoch, &self.who(), &places);
            }
            if !new.is_empty() && !self.begin(connection, &new).await? {
                return Ok(());
            }
        }
        let topics = self.group.topics.borrow();
        // A topic that is gone is taken away by the coordinator, but not yet.
        let places =
            self.owned.keys().copied().filter(|place| topics.iter().any(|topic| topic.id == place.topic));
        let places = places.collect();
        drop(topics);
        self.group.stands(self.number, Some(Standing { generation: self.epoch, places }));
        Ok(())
    }

    async fn begin(&mut self, connection: &mut Connection, new: &[Place]) -> Result<bool, Lost> {
        let topics = self.group.topics.borrow().clone();
        // It may be told of a topic before its maker was.
        let positions: BTreeMap<Place, i64> = new.iter().map(|place| (*place, 0)).collect();
        let known: Vec<Place> =
            new.iter().copied().filter(|place| topics.iter().any(|topic| topic.id == place.topic)).collect();
        self.owned.extend(positions);
        loop {
            match offsets::fetch(&self.client, connection, 9, &self.group.id, &topics, &known).await? {
                Ok(positions) => {
                    self.owned.extend(positions);
                    return Ok(true);
                }
                Err(code) if is_passing(code) => self.client.pause(RETRY_PAUSE).await,
                Err(code) => {
                    self.note("OffsetFetch", code);
                    return Ok(false);
                }
            }
        }
    }

    /// Reads on in one of its partitions and commits that.
    async fn commit(&mut self, connection: &mut Connection) -> Result<(), Lost> {
        let chosen = self.random.below(self.owned.len() as u64) as usize;
        let Some((place, position)) = self.owned.iter_mut().nth(chosen) else { return Ok(()) };
        *position += self.random.below(5) as i64;
        let (place, position) = (*place, *position);
        let topic = self.group.topics.borrow().iter().find(|topic| topic.id == place.topic).cloned();
        let Some(topic) = topic else { return Ok(()) };
        self.commits += 1;
        let by = Committer {
            group: &self.group.id,
            member: &self.id,
            instance: self.instance.as_deref(),
            generation: self.epoch,
            modern: true,
            number: self.commits,
            name: self.number,
        };
        let to = (place.partition, position);
        match offsets::commit(&self.client, connection, self.commit_version, &by, &topic, to).await? {
            // The next heartbeat tells more.
            ErrorCode::None | ErrorCode::StaleMemberEpoch => {}
            ErrorCode::UnknownMemberId | ErrorCode::FencedMemberEpoch | ErrorCode::FencedInstanceId => {
                self.abandon();
            }
            code if is_passing(code) => self.client.pause(RETRY_PAUSE).await,
            code => self.note("OffsetCommit", code),
        }
        Ok(())
    }

    /// Now and then it pauses too long, leaves, or forgets who it is.
    async fn misbehave(&mut self, connection: &mut Connection) -> Result<(), Lost> {
        if self.plan.pause_one_in > 0 && self.random.chance(self.plan.pause_one_in) {
            let longest = Duration::from_millis(2 * self.plan.session_timeout_ms as u64);
            self.client.pause(longest).await;
        }
        if self.plan.leave_one_in > 0 && self.random.chance(self.plan.leave_one_in) && self.epoch != JOINS {
            if self.random.chance(2) {
                let way = if self.instance.is_some() && self.random.chance(2) { PAUSES } else { LEAVES };
                return self.heartbeat(connection, way).await;
            }
            self.abandon();
            self.renamed();
            return Err(Lost("it vanishes".to_owned()));
        }
        Ok(())
    }
}

fn owned(positions: &BTreeMap<Place, i64>) -> Vec<TopicPartitions> {
    let mut topics: Vec<TopicPartitions> = Vec::new();
    for place in positions.keys() {
        match topics.last_mut() {
            Some(last) if last.topic_id == place.topic => last.partitions.push(place.partition),
            _ => topics.push(TopicPartitions { topic_id: place.topic, partitions: vec![place.partition] }),
        }
    }
    topics
}
