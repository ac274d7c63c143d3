//! A member of a classic group, as Kafka's consumer is one.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use headwater_base::ErrorCode;
use headwater_protocol::messages::heartbeat_request::HeartbeatRequest;
use headwater_protocol::messages::heartbeat_response::HeartbeatResponse;
use headwater_protocol::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use headwater_protocol::messages::join_group_response::JoinGroupResponse;
use headwater_protocol::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use headwater_protocol::messages::leave_group_response::LeaveGroupResponse;
use headwater_protocol::messages::sync_group_request::SyncGroupRequest;
use headwater_protocol::messages::sync_group_response::SyncGroupResponse;
use headwater_runtime::Random;

use super::super::codes::is_passing;
use super::super::{Stage, Switch};
use super::offsets::{self, Committer};
use super::{Group, Plan, Standing, assign};
use crate::client::{Client, Connection, Lost};
use crate::history::Place;

const RETRY_PAUSE: Duration = Duration::from_millis(20);
const PROTOCOL: &str = "dealt";

/// Versions of the APIs that a member uses.
struct Versions {
    join: i16,
    sync: i16,
    heartbeat: i16,
    commit: i16,
    fetch: i16,
}

/// See the module.
pub(super) struct Member {
    client: Client,
    plan: Plan,
    switch: Switch,
    random: Random,
    group: Rc<Group>,
    number: u64,
    versions: Versions,
    id: String,
    instance: Option<String>,
    generation: i32,
    positions: BTreeMap<Place, i64>,
    /// What it dealt out when it led, to see that a topic grew.
    dealt: Option<usize>,
    /// A static member that comes back may lead and not know it, so that nobody sees its topics grow (before KIP-814; and
    /// since then what changed while it was away). When the group is left alone it joins once more.
    checked: bool,
    commits: u64,
}

impl Member {
    pub(super) fn new(client: Client, plan: Plan, switch: Switch, group: Rc<Group>, number: u64) -> Self {
        let mut random = Random::new(client.runtime.random_u64());
        let versions = Versions {
            join: random.between(5, 9) as i16,
            sync: random.between(3, 5) as i16,
            heartbeat: random.between(3, 4) as i16,
            commit: random.between(7, 9) as i16,
            fetch: random.between(8, 9) as i16,
        };
        let instance_less = number >= plan.statics;
        let instance = (!instance_less).then(|| format!("static{number}"));
        Self {
            client,
            plan,
            switch,
            random,
            group,
            number,
            versions,
            id: String::new(),
            instance,
            generation: -1,
            positions: BTreeMap::new(),
            dealt: None,
            checked: instance_less,
            commits: 0,
        }
    }

    /// Is a member, again and again, until it may go.
    pub(super) async fn run(mut self) {
        while self.switch.stage() != Stage::Over && !self.group.released.get() {
            let ended = self.session().await;
            self.out();
            if let Err(lost) = ended {
                self.client.tell(format_args!("{} member {}: {lost}", self.group.id, self.number));
                self.client.pause(RETRY_PAUSE).await;
            }
        }
    }

    fn out(&mut self) {
        self.positions.clear();
        self.dealt = None;
        self.group.stands(self.number, None);
    }

    fn note(&self, api: &str, code: ErrorCode) {
        let what = format!("{api} was answered with {}", code.name());
        self.client.history.borrow_mut().unexplained.push(what);
    }

    /// Who it is for the log of assignments: a static member comes back under another id.
    fn who(&self) -> String {
        self.instance.clone().unwrap_or_else(|| self.id.clone())
    }

    /// What is done over one connection.
    async fn session(&mut self) -> Result<(), Lost> {
        let mut connection = self.client.connect().await?;
        if !self.find(&mut connection).await? {
            self.client.pause(RETRY_PAUSE).await;
            return Ok(());
        }
        while !self.group.released.get() && self.switch.stage() != Stage::Over {
            self.out();
            let Some(joined) = self.join(&mut connection).await? else { continue };
            let Some(places) = self.sync(&mut connection, &joined).await? else { continue };
            if !self.begin(&mut connection, &places).await? {
                continue;
            }
            self.group.stands(self.number, Some(Standing { generation: self.generation, places }));
            self.consume(&mut connection).await?;
        }
        self.out();
        if self.random.chance(2) {
            self.leave(&mut connection).await?;
        }
        Ok(())
    }

    async fn find(&mut self, connection: &mut Connection) -> Result<bool, Lost> {
        match offsets::find(connection, &self.group.id).await? {
            ErrorCode::None => Ok(true),
            code if is_passing(code) => Ok(false),
            code => {
                self.note("FindCoordinator", code);
                Ok(false)
            }
        }
    }

    async fn join(&mut self, connection: &mut Connection) -> Result<Option<JoinGroupResponse>, Lost> {
        let topics = self.group.topics.borrow().iter().map(|topic| topic.name.clone()).collect();
        let protocol =
            JoinGroupRequestProtocol { name: PROTOCOL.to_owned(), metadata: assign::subscription(topics) };
        let request = JoinGroupRequest {
            group_id: self.group.id.clone(),
            session_timeout_ms: self.plan.session_timeout_ms,
            rebalance_timeout_ms: self.plan.rebalance_timeout_ms,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
            protocol_type: "consumer".to_owned(),
            protocols: vec![protocol],
            reason: None,
        };
        let (life, floor) = {
            let mut history = self.client.history.borrow_mut();
            let life = history.life();
            (life, history.group(&self.group.id).newest(life))
        };
        let answer: JoinGroupResponse = connection.ask(self.versions.join, &request).await?;
        match ErrorCode::from_code(answer.error_code) {
            ErrorCode::None => {
                self.client.history.borrow_mut().group(&self.group.id).told(
                    life,
                    floor,
                    answer.generation_id,
                );
                self.id.clone_from(&answer.member_id);
                self.generation = answer.generation_id;
                return Ok(Some(answer));
            }
            ErrorCode::MemberIdRequired => self.id = answer.member_id,
            ErrorCode::UnknownMemberId | ErrorCode::FencedInstanceId => self.forget(),
            ErrorCode::RebalanceInProgress => {}
            code if is_passing(code) => self.client.pause(RETRY_PAUSE).await,
            code => {
                self.note("JoinGroup", code);
                self.client.pause(RETRY_PAUSE).await;
            }
        }
        Ok(None)
    }

    fn forget(&mut self) {
        self.id.clear();
        self.generation = -1;
    }

    /// Takes its assignment, and makes those of all if it leads.
    async fn sync(
        &mut self,
        connection: &mut Connection,
        joined: &JoinGroupResponse,
    ) -> Result<Option<Vec<Place>>, Lost> {
        let leads = joined.leader == self.id && !joined.members.is_empty();
        let topics = self.group.topics.borrow().clone();
        let mut assignments = Vec::new();
        if leads {
            let mut members: Vec<String> =
                joined.members.iter().map(|member| member.member_id.clone()).collect();
            members.sort_unstable();
            if !joined.skip_assignment {
                self.dealt = Some(self.extent());
                assignments = assign::deal(&members, &topics, self.plan.assigns_twice);
            }
        }
        let named = self.versions.sync >= 5;
        let request = SyncGroupRequest {
            group_id: self.group.id.clone(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
            protocol_type: named.then(|| "consumer".to_owned()),
            protocol_name: named.then(|| PROTOCOL.to_owned()),
            assignments,
        };
        let answer: SyncGroupResponse = connection.ask(self.versions.sync, &request).await?;
        match ErrorCode::from_code(answer.error_code) {
            ErrorCode::None => {
                let topics = self.group.topics.borrow().clone();
                let Some(places) = assign::given(&answer.assignment, &topics) else {
                    self.note("SyncGroup", ErrorCode::CorruptMessage);
                    return Ok(None);
                };
                {
                    let mut history = self.client.history.borrow_mut();
                    history.counts.assignments += 1;
                    history.group(&self.group.id).assigned(self.generation, &self.who(), &places);
                }
                self.client.tell(format_args!(
                    "{} generation {}: {} has {places:?}",
                    self.group.id,
                    self.generation,
                    self.who()
                ));
                return Ok(Some(places));
            }
            ErrorCode::UnknownMemberId | ErrorCode::FencedInstanceId => self.forget(),
            ErrorCode::RebalanceInProgress | ErrorCode::IllegalGeneration => {}
            code if is_passing(code) => self.client.pause(RETRY_PAUSE).await,
            code => self.note("SyncGroup", code),
        }
        Ok(None)
    }

    /// How much there is to deal out.
    fn extent(&self) -> usize {
        self.group.topics.borrow().iter().map(|topic| 1_000 + topic.partitions as usize).sum()
    }

    /// Goes on from the committed offsets.
    async fn begin(&mut self, connection: &mut Connection, places: &[Place]) -> Result<bool, Lost> {
        let topics = self.group.topics.borrow().clone();
        let fetched =
            offsets::fetch(&self.client, connection, self.versions.fetch, &self.group.id, &topics, places);
        match fetched.await? {
            Ok(positions) => {
                self.positions = positions;
                Ok(true)
            }
            Err(code) if is_passing(code) => {
                self.client.pause(RETRY_PAUSE).await;
                Ok(false)
            }
            Err(code) => {
                self.note("OffsetFetch", code);
                Ok(false)
            }
        }
    }

    /// Consumes, commits and sends heartbeats until it has to join again.
    async fn consume(&mut self, connection: &mut Connection) -> Result<(), Lost> {
        while !self.group.released.get() && self.switch.stage() != Stage::Over {
            self.client.pause(self.plan.think).await;
            if self.switch.stage() == Stage::Running && self.misbehaves(connection).await? {
                return Ok(());
            }
            if self.random.chance(2) && !self.positions.is_empty() && !self.commit(connection).await? {
                return Ok(());
            }
            if !self.checked && self.switch.stage() != Stage::Running {
                self.checked = true;
                return Ok(());
            }
            if self.dealt.is_some_and(|dealt| dealt != self.extent()) {
                return Ok(());
            }
            if !self.heartbeat(connection).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Now and then it pauses too long, leaves, or forgets who it is. True if it has to join again.
    async fn misbehaves(&mut self, connection: &mut Connection) -> Result<bool, Lost> {
        if self.plan.pause_one_in > 0 && self.random.chance(self.plan.pause_one_in) {
            let longest = Duration::from_millis(2 * self.plan.session_timeout_ms as u64);
            self.client.pause(longest).await;
        }
        if self.plan.leave_one_in > 0 && self.random.chance(self.plan.leave_one_in) {
            if self.random.chance(2) {
                self.leave(connection).await?;
            } else {
                self.forget();
                return Err(Lost("it vanishes".to_owned()));
            }
            return Ok(true);
        }
        Ok(false)
    }

    async fn heartbeat(&mut self, connection: &mut Connection) -> Result<bool, Lost> {
        let request = HeartbeatRequest {
            group_id: self.group.id.clone(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
        };
        let answer: HeartbeatResponse = connection.ask(self.versions.heartbeat, &request).await?;
        match ErrorCode::from_code(answer.error_code) {
            ErrorCode::None => Ok(true),
            ErrorCode::RebalanceInProgress => {
                // What was read is committed before the partitions are given up, if there is still time.
                if self.random.chance(2) && !self.positions.is_empty() {
                    self.commit(connection).await?;
                }
                Ok(false)
            }
            code => Ok(self.answered("Heartbeat", code).await),
        }
    }

    /// What an error means for a member; true if it is still one.
    async fn answered(&mut self, api: &str, code: ErrorCode) -> bool {
        match code {
            ErrorCode::None => true,
            ErrorCode::RebalanceInProgress => false,
            ErrorCode::UnknownMemberId | ErrorCode::FencedInstanceId => {
                self.forget();
                false
            }
            ErrorCode::IllegalGeneration => false,
            code if is_passing(code) => {
                self.client.pause(RETRY_PAUSE).await;
                true
            }
            code => {
                self.note(api, code);
                true
            }
        }
    }

    /// Reads on in one of its partitions and commits that; false if it is out.
    async fn commit(&mut self, connection: &mut Connection) -> Result<bool, Lost> {
        let chosen = self.random.below(self.positions.len() as u64) as usize;
        let Some((place, position)) = self.positions.iter_mut().nth(chosen) else { return Ok(true) };
        *position += self.random.below(5) as i64;
        let (place, position) = (*place, *position);
        let topic = self.group.topics.borrow().iter().find(|topic| topic.id == place.topic).cloned();
        let Some(topic) = topic else { return Ok(true) };
        self.commits += 1;
        let by = Committer {
            group: &self.group.id,
            member: &self.id,
            instance: self.instance.as_deref(),
            generation: self.generation,
            modern: false,
            number: self.commits,
            name: self.number,
        };
        let committing = offsets::commit(
            &self.client,
            connection,
            self.versions.commit,
            &by,
            &topic,
            (place.partition, position),
        );
        let code = committing.await?;
        Ok(self.answered("OffsetCommit", code).await)
    }

    async fn leave(&mut self, connection: &mut Connection) -> Result<(), Lost> {
        let member = MemberIdentity {
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
            reason: None,
        };
        let request = LeaveGroupRequest {
            group_id: self.group.id.clone(),
            members: vec![member],
            ..LeaveGroupRequest::default()
        };
        let answer: LeaveGroupResponse = connection.ask(4, &request).await?;
        let code = ErrorCode::from_code(answer.error_code);
        if code != ErrorCode::None && !is_passing(code) {
            self.note("LeaveGroup", code);
        }
        self.forget();
        Ok(())
    }
}
