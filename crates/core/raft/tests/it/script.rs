//! Scripts in `testdata/*.txt`: a command, `----`, and the actions it leads to. `UPDATE=1` writes what comes out.
//!
//! Commands: `start [key=value]…`, `ready`, `persisted`, `propose COUNT`, `appended OFFSET`, `append-failed`,
//! `synced OFFSET`, `storage-failed`, `shutdown`.

use std::fmt::Write as _;
use std::path::Path;

use headwater_base::{LeaderEpoch, NodeId, Offset, Uuid};
use headwater_raft::control::{self, ControlRecord};
use headwater_raft::{
    Action, Config, ElectionState, Endpoint, Event, KRaftVersion, Raft, ReplicaKey, Stored, VoterNode,
    VoterSet,
};
use headwater_records::BatchView;

const NOW_MS: i64 = 1_000;

pub(crate) fn voter(id: i32, directory: u128, port: u16) -> VoterNode {
    VoterNode {
        key: ReplicaKey::new(NodeId(id), Uuid(directory)),
        endpoints: vec![Endpoint { name: "CONTROLLER".to_owned(), host: "localhost".to_owned(), port }],
        min_kraft_version: 0,
        max_kraft_version: 1,
    }
}

fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    let script = std::fs::read_to_string(&path).expect("script");
    let mut machine = None;
    let mut result = String::new();
    let mut lines = script.lines().peekable();
    while let Some(line) = lines.next() {
        result.push_str(line);
        result.push('\n');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        while lines.next_if(|next| !next.is_empty()).is_some() {}
        result.push_str("----\n");
        run(line, &mut machine, &mut result);
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, result).expect("written");
    } else {
        for (number, (now, before)) in (1..).zip(result.lines().zip(script.lines())) {
            assert_eq!(now, before, "{name}:{number}: run with UPDATE=1 and look at the difference");
        }
        assert_eq!(result.len(), script.len(), "{name}: one is longer");
    }
}

fn run(line: &str, machine: &mut Option<Raft>, out: &mut String) {
    let mut words = line.split_whitespace();
    let command = words.next().expect("a command");
    let arguments: Vec<&str> = words.collect();
    if command == "start" {
        match start(&arguments) {
            Ok(raft) => *machine = Some(raft),
            Err(error) => {
                *machine = None;
                writeln!(out, "error: {error}").expect("String");
                return;
            }
        }
    } else {
        let raft = machine.as_mut().expect("started");
        let mut actions = Vec::new();
        raft.step(NOW_MS, event(command, &arguments), &mut actions);
        for action in &actions {
            show(action, out);
        }
    }
    let raft = machine.as_ref().expect("started");
    let high_watermark = raft.high_watermark().map_or("-".to_owned(), |offset| offset.to_string());
    let effective = if raft.is_effective_leader() { " effective" } else { "" };
    writeln!(
        out,
        "= {}{effective} epoch {} log end {} durable {} high watermark {high_watermark}",
        raft.role(),
        raft.epoch(),
        raft.log_end_offset(),
        raft.durable_end_offset()
    )
    .expect("String");
}

fn start(arguments: &[&str]) -> Result<Raft, headwater_raft::StartError> {
    let local = voter(1, 11, 9093);
    let mut stored = Stored {
        election: None,
        log_end_offset: Offset(0),
        durable_end_offset: Offset(0),
        last_epoch: LeaderEpoch(0),
        kraft_version: KRaftVersion::V1,
        voters: VoterSet::new([local.clone()]),
        voters_in_log: true,
    };
    let mut election = ElectionState::INITIAL;
    for argument in arguments {
        let (key, value) = argument.split_once('=').expect("key=value");
        let number = || value.parse::<i64>().expect("a number");
        match key {
            "epoch" => election.epoch = LeaderEpoch(number() as i32),
            "leader" => election.leader_id = Some(NodeId(number() as i32)),
            "voted" => election.voted = Some(ReplicaKey::new(NodeId(number() as i32), Uuid(11))),
            "end" => stored.log_end_offset = Offset(number()),
            "durable" => stored.durable_end_offset = Offset(number()),
            "last_epoch" => stored.last_epoch = LeaderEpoch(number() as i32),
            "kraft" => stored.kraft_version = KRaftVersion::from_level(number() as i16).expect("known"),
            "in_log" => stored.voters_in_log = value == "true",
            "port" => stored.voters = VoterSet::new([voter(1, 11, number() as u16)]),
            "directory" => stored.voters = VoterSet::new([voter(1, number() as u128, 9093)]),
            "voters" => {
                stored.voters =
                    VoterSet::new((1..=number() as i32).map(|id| voter(id, 10 + id as u128, 9093)))
            }
            other => panic!("unknown key {other}"),
        }
        stored.election = Some(election);
    }
    Raft::start(Config { local }, stored)
}

fn event(command: &str, arguments: &[&str]) -> Event {
    let number = || arguments.first().and_then(|text| text.parse::<i64>().ok()).expect("a number");
    match command {
        "ready" => Event::Ready,
        "persisted" => Event::ElectionStatePersisted,
        "propose" => Event::Propose { batch: vec![0; 3], record_count: number() as u32 },
        "upgrade" => Event::Upgrade(KRaftVersion::from_level(number() as i16).expect("known")),
        "appended" => Event::Appended { end_offset: Offset(number()) },
        "append-failed" => Event::AppendFailed,
        "synced" => Event::Synced { end_offset: Offset(number()) },
        "storage-failed" => Event::StorageFailed,
        "shutdown" => Event::Shutdown,
        other => panic!("unknown command {other}"),
    }
}

fn show(action: &Action, out: &mut String) {
    match action {
        Action::PersistElectionState(state) => {
            let text = state.to_file(KRaftVersion::V1, []);
            writeln!(out, "persist {text}")
        }
        Action::Append { epoch, base_offset, batch, control: false } => {
            writeln!(out, "append at {base_offset} in epoch {epoch}: {} bytes", batch.len())
        }
        Action::Append { epoch, base_offset, batch, control: true } => {
            writeln!(out, "append control batch at {base_offset} in epoch {epoch}").expect("String");
            for record in control_records(batch) {
                writeln!(out, "  {record:?}").expect("String");
            }
            Ok(())
        }
        Action::RefuseProposal => writeln!(out, "refuse proposal"),
        Action::Sync { end_offset } => writeln!(out, "sync to {end_offset}"),
        Action::HighWatermark(offset) => writeln!(out, "high watermark {offset}"),
        Action::BecameLeader { epoch, epoch_start } => {
            writeln!(out, "became leader of epoch {epoch} that starts at {epoch_start}")
        }
        Action::LostLeadership { epoch } => writeln!(out, "lost leadership of epoch {epoch}"),
    }
    .expect("String");
}

fn control_records(batch: &[u8]) -> Vec<ControlRecord> {
    let view = BatchView::parse(batch).expect("a batch");
    view.verify_crc().expect("valid");
    assert!(view.is_control());
    control::decode_batch(&view).expect("control records")
}

#[test]
fn upgrade_of_the_quorums_protocol() {
    check("upgrade.txt");
}

#[test]
fn first_start() {
    check("first_start.txt");
}

#[test]
fn restart() {
    check("restart.txt");
}

#[test]
fn refused_starts() {
    check("refused_starts.txt");
}

#[test]
fn group_commit() {
    check("group_commit.txt");
}

#[test]
fn failures() {
    check("failures.txt");
}
