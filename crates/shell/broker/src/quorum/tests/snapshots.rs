//! Snapshots: when they are made, what they let go, and what a damaged one costs.

use super::*;

#[test]
fn snapshots_by_bytes_and_by_time() {
    let (sim, node, disk) = world(6);
    let look = disk.clone();
    life(&sim, node, move |runtime| async move {
        let mut config = config();
        config.snapshot_bytes = 3_000;
        let quorum = open(&runtime, config).await.expect("starts");
        let count = || storage::list_snapshots(&look).expect("listed").len();
        assert_eq!(count(), 1, "the one at offset 0");
        for i in 0..40 {
            set_config(&quorum.handle, "log.retention.ms", &i.to_string()).await.expect("answered");
        }
        runtime.sleep(Duration::from_secs(1)).await;
        let by_bytes = count();
        assert!(by_bytes > 1, "by bytes");
        set_config(&quorum.handle, "log.retention.ms", "77").await.expect("answered");
        runtime.sleep(Duration::from_secs(3_700)).await;
        assert_eq!(count(), by_bytes + 1, "by time");
        runtime.sleep(Duration::from_secs(36_000)).await;
        assert_eq!(count(), by_bytes + 1, "nothing happened, nothing is written");
    });
    // The newest snapshot stands for everything: the log may even be gone.
    let newest = *storage::list_snapshots(&disk).expect("listed").last().expect("one");
    let loaded = storage::read_snapshot(&disk, newest).expect("valid");
    assert_eq!(loaded.header.kraft_version, Some(1));
    assert!(!loaded.records.is_empty());
    let image =
        life(
            &sim,
            node,
            |runtime| async move { open(&runtime, config()).await.expect("starts").handle.image() },
        );
    assert_eq!(configured(&image, "log.retention.ms").as_deref(), Some("77"));
}

#[test]
fn retention_moves_the_start_and_the_next_start_needs_the_snapshot() {
    let (sim, node, disk) = world(7);
    let small = || {
        let mut config = config();
        config.snapshot_bytes = 3_000;
        config.segment_ms = 1_000;
        config.retention = Limits { max_bytes: 5_000, max_ms: -1 };
        config
    };
    let before = life(&sim, node, move |runtime| async move {
        let quorum = open(&runtime, small()).await.expect("starts");
        for i in 0..200 {
            set_config(&quorum.handle, "log.retention.ms", &i.to_string()).await.expect("answered");
            runtime.sleep(Duration::from_millis(100)).await;
        }
        quorum.handle.shutdown().await;
        quorum.handle.image()
    });
    let names: Vec<String> =
        disk.list(METADATA_DIR).expect("listed").into_iter().map(|entry| entry.name).collect();
    assert!(!names.contains(&format!("{:020}.log", 0)), "{names:?}");
    let snapshots = storage::list_snapshots(&disk).expect("listed");
    assert!(snapshots.len() <= 4, "{snapshots:?}");
    let after = life(&sim, node, move |runtime| async move {
        open(&runtime, small()).await.expect("starts").handle.image()
    });
    assert!(after.same_content(&before));
    // Without a usable snapshot the node must not start as if it were empty.
    for id in storage::list_snapshots(&disk).expect("listed") {
        damage(&disk, &id.file_name());
    }
    let refused = life(&sim, node, move |runtime| async move { open(&runtime, small()).await.err() });
    assert!(matches!(refused, Some(QuorumError::NoSnapshot { .. })), "{refused:?}");
}

fn damage(disk: &MemDisk, name: &str) {
    let file = disk.open(&format!("{METADATA_DIR}/{name}"), OpenMode::Existing).expect("there");
    let at = file.len().expect("length") / 2;
    let mut byte = [0];
    file.read_at(&mut byte, at).expect("read");
    file.write_at(&[byte[0] ^ 0xFF], at).expect("written");
    file.sync_data().expect("synced");
}

#[test]
fn d17_a_damaged_snapshot_falls_back_to_an_older_one_and_the_log() {
    let (sim, node, disk) = world(8);
    let before = life(&sim, node, |runtime| async move {
        let mut config = config();
        config.snapshot_bytes = 3_000;
        let quorum = open(&runtime, config).await.expect("starts");
        for i in 0..120 {
            set_config(&quorum.handle, "log.retention.ms", &i.to_string()).await.expect("answered");
            runtime.sleep(Duration::from_millis(10)).await;
        }
        quorum.handle.shutdown().await;
        quorum.handle.image()
    });
    let snapshots = storage::list_snapshots(&disk).expect("listed");
    assert!(snapshots.len() > 2, "{snapshots:?}");
    // One after the other, newest first, until only the log is left; even the one with the first voters.
    for id in snapshots.into_iter().rev() {
        damage(&disk, &id.file_name());
        let after = life(&sim, node, |runtime| async move {
            open(&runtime, config()).await.expect("starts").handle.image()
        });
        assert!(after.same_content(&before), "without {id}");
        assert!(after.provenance.offset > before.provenance.offset);
    }
}
