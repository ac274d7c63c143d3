//! A member of a classic group, as bytes: JoinGroup 5, SyncGroup 3, Heartbeat 3, LeaveGroup 3, OffsetCommit 7.

use std::thread;
use std::time::{Duration, Instant};

use crate::wire::{Answer, Connection, Request};

const OFFSET_COMMIT: i16 = 8;
const OFFSET_FETCH: i16 = 9;
const FIND_COORDINATOR: i16 = 10;
const JOIN_GROUP: i16 = 11;
const HEARTBEAT: i16 = 12;
const LEAVE_GROUP: i16 = 13;
const SYNC_GROUP: i16 = 14;
const DESCRIBE_GROUPS: i16 = 15;
const LIST_GROUPS: i16 = 16;

/// Error codes that a member has an answer to.
pub const REBALANCE_IN_PROGRESS: i16 = 27;
const MEMBER_ID_REQUIRED: i16 = 79;
/// COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR.
const PASSING: [i16; 3] = [14, 15, 16];

const PATIENCE: Duration = Duration::from_secs(60);
const RETRY: Duration = Duration::from_millis(5);
const PROTOCOL: &str = "lean";

/// See the module.
pub struct Member {
    pub connection: Connection,
    pub group: String,
    pub id: String,
    pub generation: i32,
    pub session_timeout_ms: i32,
    pub topic: String,
}

/// What JoinGroup told beside the generation: who the members are, if this one has to assign.
pub struct Joined {
    pub members: Vec<String>,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn fine(what: &str, code: i16) -> Result<(), String> {
    if code == 0 { Ok(()) } else { Err(format!("{what}: error {code}")) }
}

/// Asks for a group's coordinator until there is one.
pub fn find(connection: &mut Connection, group: &str) -> Result<(), String> {
    let begun = Instant::now();
    loop {
        let mut request = Request::new(FIND_COORDINATOR, 2, 0);
        request.string(group).i8(0);
        let mut answer = Answer(connection.ask(request)?);
        answer.i32()?;
        match answer.i16()? {
            0 => return Ok(()),
            code if PASSING.contains(&code) && begun.elapsed() < PATIENCE => thread::sleep(RETRY),
            code => return fine("FindCoordinator", code),
        }
    }
}

/// An OffsetCommit of one offset for the first partitions of a topic.
pub fn commit_frame(
    group: &str,
    (generation, member): (i32, &str),
    topic: &str,
    partitions: usize,
    offset: i64,
) -> Vec<u8> {
    let mut request = Request::new(OFFSET_COMMIT, 7, 0);
    request.string(group).i32(generation).string(member).i16(-1).i32(1).string(topic);
    request.i32(i32::try_from(partitions).expect("few partitions"));
    for partition in 0..partitions {
        request.i32(i32::try_from(partition).expect("few partitions")).i64(offset).i32(-1).string("");
    }
    request.frame()
}

/// Reads the answer to an OffsetCommit.
pub fn committed(answer: &[u8]) -> Result<(), String> {
    let mut answer = Answer(answer);
    answer.i32()?;
    for _ in 0..answer.i32()? {
        answer.string()?;
        for _ in 0..answer.i32()? {
            answer.i32()?;
            fine("OffsetCommit", answer.i16()?)?;
        }
    }
    Ok(())
}

impl Member {
    pub fn open(broker: &str, group: &str, topic: &str) -> Result<Self, String> {
        let mut connection = Connection::open(broker)?;
        find(&mut connection, group)?;
        Ok(Self {
            connection,
            group: group.to_owned(),
            id: String::new(),
            generation: -1,
            session_timeout_ms: 30_000,
            topic: topic.to_owned(),
        })
    }

    /// Joins until it is in a generation.
    pub fn join(&mut self) -> Result<Joined, String> {
        let mut metadata = vec![0, 0, 0, 0, 0, 1];
        metadata.extend_from_slice(&u16::try_from(self.topic.len()).expect("short").to_be_bytes());
        metadata.extend_from_slice(self.topic.as_bytes());
        metadata.extend_from_slice(&(-1_i32).to_be_bytes());
        let begun = Instant::now();
        loop {
            let mut request = Request::new(JOIN_GROUP, 5, 0);
            request.string(&self.group).i32(self.session_timeout_ms).i32(60_000).string(&self.id).i16(-1);
            request.string("consumer").i32(1).string(PROTOCOL).bytes(&metadata);
            let mut answer = Answer(self.connection.ask(request)?);
            answer.i32()?;
            let code = answer.i16()?;
            let generation = answer.i32()?;
            answer.string()?;
            answer.string()?;
            let id = text(answer.string()?);
            match code {
                0 => {
                    let mut members = Vec::new();
                    for _ in 0..answer.i32()? {
                        members.push(text(answer.string()?));
                        answer.string()?;
                        answer.bytes()?;
                    }
                    (self.id, self.generation) = (id, generation);
                    return Ok(Joined { members });
                }
                MEMBER_ID_REQUIRED => self.id = id,
                // UNKNOWN_MEMBER_ID: it was too slow.
                25 => self.id.clear(),
                REBALANCE_IN_PROGRESS => {}
                code if PASSING.contains(&code) && begun.elapsed() < PATIENCE => thread::sleep(RETRY),
                code => return Err(format!("JoinGroup: error {code}")),
            }
        }
    }

    /// Assigns, if it leads, and waits for its own assignment; the error code.
    pub fn sync(&mut self, joined: &Joined) -> Result<i16, String> {
        let mut request = Request::new(SYNC_GROUP, 3, 0);
        request.string(&self.group).i32(self.generation).string(&self.id).i16(-1);
        request.i32(i32::try_from(joined.members.len()).expect("few members"));
        for member in &joined.members {
            request.string(member).bytes(&[7; 100]);
        }
        let mut answer = Answer(self.connection.ask(request)?);
        answer.i32()?;
        answer.i16()
    }

    /// Joins and syncs until it has an assignment.
    pub fn enter(&mut self) -> Result<(), String> {
        loop {
            let joined = self.join()?;
            match self.sync(&joined)? {
                0 => return Ok(()),
                22 | REBALANCE_IN_PROGRESS => {}
                25 => self.id.clear(),
                code if PASSING.contains(&code) => thread::sleep(RETRY),
                code => return fine("SyncGroup", code),
            }
        }
    }

    /// The error code of a heartbeat.
    pub fn heartbeat(&mut self) -> Result<i16, String> {
        let mut request = Request::new(HEARTBEAT, 3, 0);
        request.string(&self.group).i32(self.generation).string(&self.id).i16(-1);
        let mut answer = Answer(self.connection.ask(request)?);
        answer.i32()?;
        answer.i16()
    }

    pub fn leave(&mut self) -> Result<(), String> {
        let mut request = Request::new(LEAVE_GROUP, 3, 0);
        request.string(&self.group).i32(1).string(&self.id).i16(-1);
        let mut answer = Answer(self.connection.ask(request)?);
        answer.i32()?;
        fine("LeaveGroup", answer.i16()?)
    }

    /// The committed offset of partition 0; −1 for none.
    pub fn committed_offset(&mut self) -> Result<i64, String> {
        let mut request = Request::new(OFFSET_FETCH, 5, 0);
        request.string(&self.group).i32(1).string(&self.topic).i32(1).i32(0);
        let mut answer = Answer(self.connection.ask(request)?);
        answer.i32()?;
        answer.i32()?;
        answer.string()?;
        answer.i32()?;
        answer.i32()?;
        answer.i64()
    }
}

/// Describes a group; gives its state and how many members it has.
pub fn describe(connection: &mut Connection, group: &str) -> Result<(String, i32), String> {
    let mut request = Request::new(DESCRIBE_GROUPS, 3, 0);
    request.i32(1).string(group).i8(0);
    let mut answer = Answer(connection.ask(request)?);
    answer.i32()?;
    answer.i32()?;
    fine("DescribeGroups", answer.i16()?)?;
    answer.string()?;
    let state = text(answer.string()?);
    answer.string()?;
    answer.string()?;
    Ok((state, answer.i32()?))
}

/// How many groups there are.
pub fn list(connection: &mut Connection) -> Result<i32, String> {
    let mut answer = Answer(connection.ask(Request::new(LIST_GROUPS, 2, 0))?);
    answer.i32()?;
    fine("ListGroups", answer.i16()?)?;
    answer.i32()
}
