//! Checkpoints and control batches: the same bytes as Apache Kafka, every record back, every damage seen.

use std::path::Path;

use headwater_base::{LeaderEpoch, NodeId, Offset, Uuid};
use headwater_raft::control::{self, ControlRecord};
use headwater_raft::snapshot::{SnapshotErrorKind, SnapshotOptions, SnapshotReader, SnapshotWriter};
use headwater_raft::{
    Action, Config, Endpoint, Event, KRaftVersion, Raft, ReplicaKey, SnapshotId, Stored, VoterNode, VoterSet,
};
use headwater_records::{BatchView, batches, patch};

fn kafka_batch(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/kafka_batches.hex");
    let text = std::fs::read_to_string(path).expect("file");
    let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("a batch of that name").trim();
    (0..line.len()).step_by(2).map(|at| u8::from_str_radix(&line[at..at + 2], 16).expect("hex")).collect()
}

fn local() -> VoterNode {
    VoterNode {
        key: ReplicaKey::new(NodeId(1), "RpxIWmrtTyG35XCymCqNGQ".parse().expect("a UUID")),
        endpoints: vec![Endpoint {
            name: "CONTROLLER".to_owned(),
            host: "localhost".to_owned(),
            port: 39093,
        }],
        min_kraft_version: 0,
        max_kraft_version: 1,
    }
}

fn write(values: &[Vec<u8>], id: SnapshotId, version: KRaftVersion, now_ms: i64) -> Vec<u8> {
    let voters = VoterSet::new([local()]);
    let mut writer = SnapshotWriter::new(&SnapshotOptions {
        id,
        last_contained_log_timestamp_ms: 1_795_255_739_675,
        kraft_version: version,
        voters: Some(&voters),
        now_ms,
    });
    let mut file = Vec::new();
    for value in values {
        writer.append(value);
        file.extend(writer.take_bytes());
    }
    file.extend(writer.finish());
    file
}

fn read(file: &[u8]) -> Result<Vec<Vec<u8>>, SnapshotErrorKind> {
    let mut reader = SnapshotReader::new(file).map_err(|error| error.kind)?;
    let mut values = Vec::new();
    while let Some(batch) = reader.next_batch().map_err(|error| error.kind)? {
        values.extend(batch);
    }
    Ok(values)
}

#[test]
fn the_first_voters_checkpoint_is_byte_for_byte_kafkas() {
    let header = kafka_batch("voters_checkpoint_header");
    let ours = write(&[], SnapshotId::BOOTSTRAP, KRaftVersion::V1, 1_795_255_739_700);
    assert_eq!(&ours[..header.len()], header.as_slice());
    let footer = kafka_batch("voters_checkpoint_footer");
    let ours = write(&[], SnapshotId::BOOTSTRAP, KRaftVersion::V1, 1_795_255_739_709);
    assert_eq!(&ours[header.len()..], footer.as_slice());
    let file = [header, footer].concat();
    let reader = SnapshotReader::new(&file).expect("Kafka's file");
    assert_eq!(reader.header().kraft_version, Some(1));
    assert_eq!(reader.header().voters, Some(VoterSet::new([local()])));
    assert_eq!(reader.header().last_contained_log_timestamp_ms, 1_795_255_739_675);
    assert_eq!(read(&file), Ok(vec![]));
}

#[test]
fn the_first_batch_of_a_leader_is_byte_for_byte_kafkas() {
    for (name, version) in [("first_epoch_v1", KRaftVersion::V1), ("first_epoch_v0", KRaftVersion::V0)] {
        let expected = kafka_batch(name);
        let view = BatchView::parse(&expected).expect("a batch");
        let mut voter = local();
        if version == KRaftVersion::V0 {
            voter.key.directory_id = Uuid::ZERO;
        }
        let stored = Stored {
            election: None,
            log_end_offset: Offset(0),
            durable_end_offset: Offset(0),
            last_epoch: LeaderEpoch(0),
            kraft_version: version,
            voters: VoterSet::new([voter]),
            voters_in_log: false,
        };
        let mut raft = Raft::start(Config { local: local() }, stored).expect("starts");
        let mut actions = Vec::new();
        raft.step(view.base_timestamp, Event::Ready, &mut actions);
        raft.step(view.base_timestamp, Event::ElectionStatePersisted, &mut actions);
        let Some(Action::Append { epoch, mut batch, .. }) = actions.pop() else { panic!("an append") };
        patch::set_leader_epoch(&mut batch, epoch);
        assert_eq!(batch, expected, "{name}");
        let records = control::decode_batch(&view).expect("control records");
        let one = vec![NodeId(1)];
        let expected =
            ControlRecord::LeaderChange { leader_id: NodeId(1), voters: one.clone(), granting_voters: one };
        assert_eq!(records[0], expected);
    }
}

#[test]
fn records_come_back_over_many_batches() {
    let values: Vec<Vec<u8>> = (0..5_000u32).map(|i| i.to_be_bytes().repeat(200)).collect();
    let id = SnapshotId { end_offset: Offset(77), epoch: LeaderEpoch(9) };
    for version in [KRaftVersion::V0, KRaftVersion::V1] {
        let file = write(&values, id, version, 5);
        assert!(batches(&file).count() > 5, "more than one batch of records");
        assert!(batches(&file).all(|batch| batch.expect("whole").leader_epoch == LeaderEpoch(9)));
        assert_eq!(read(&file).as_ref(), Ok(&values));
        let header = SnapshotReader::new(&file).expect("whole").header().clone();
        assert_eq!(header.voters.is_some(), version == KRaftVersion::V1);
    }
}

#[test]
fn d17_every_cut_and_every_flipped_bit_is_seen() {
    let values = vec![vec![7; 40], vec![], vec![1, 2, 3]];
    let id = SnapshotId { end_offset: Offset(3), epoch: LeaderEpoch(2) };
    let file = write(&values, id, KRaftVersion::V1, 5);
    assert_eq!(read(&file).as_ref(), Ok(&values));
    for end in 0..file.len() {
        assert!(read(&file[..end]).is_err(), "cut to {end} of {}", file.len());
    }
    // The leader epoch of a batch lies outside its checksum and does not matter here.
    let starts: Vec<usize> = {
        let mut walk = batches(&file);
        std::iter::from_fn(|| {
            let start = walk.position();
            walk.next().map(|_| start)
        })
        .collect()
    };
    let unchecked = |at: usize| starts.iter().any(|start| (start + 12..start + 16).contains(&at));
    for at in (0..file.len()).filter(|at| !unchecked(*at)) {
        let mut damaged = file.clone();
        damaged[at] ^= 0x10;
        assert!(read(&damaged).is_err(), "bit flipped at {at}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    let id = SnapshotId { end_offset: Offset(3), epoch: LeaderEpoch(2) };
    let file = write(&[vec![1]], id, KRaftVersion::V0, 5);
    let sizes: Vec<usize> = batches(&file).map(|batch| batch.expect("whole").bytes().len()).collect();
    let (header, data) = (sizes[0], sizes[1]);
    assert_eq!(read(&[]), Err(SnapshotErrorKind::NoHeader));
    let headless = SnapshotErrorKind::Offset { expected: Offset(0), found: Offset(1) };
    assert_eq!(read(&file[header..]), Err(headless));
    assert_eq!(read(&file[..header + data]), Err(SnapshotErrorKind::NoFooter));
    let mut longer = file.clone();
    longer.extend_from_slice(&file[header + data..]);
    assert!(read(&longer).is_err());
    let mut hole = file[..header].to_vec();
    hole.extend_from_slice(&file[header + data..]);
    assert_eq!(read(&hole), Err(SnapshotErrorKind::Offset { expected: Offset(1), found: Offset(2) }));
}
