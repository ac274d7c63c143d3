//! What the disk in memory promises, so that the other tests mean something.

use std::io::ErrorKind;

use headwater_log::disk::{Fault, FaultKind, read_whole, replace_whole};
use headwater_log::{Disk, MemDisk, OpenMode};

fn contents(disk: &MemDisk, path: &str) -> Option<Vec<u8>> {
    read_whole(disk, path, 1 << 20).unwrap()
}

#[test]
fn only_what_is_synced_survives_for_certain() {
    let mut outcomes = std::collections::BTreeSet::new();
    for seed in 0..100 {
        let disk = MemDisk::new();
        let file = disk.open("a", OpenMode::CreateNew).unwrap();
        file.write_at(b"first", 0).unwrap();
        file.sync_data().unwrap();
        disk.sync_dir("").unwrap();
        file.write_at(b"other", 0).unwrap();
        disk.power_loss(seed);
        assert!(file.len().is_err(), "a handle of before");
        outcomes.insert(contents(&disk, "a"));
    }
    let expected = [Some(b"first".to_vec()), Some(b"other".to_vec())];
    assert_eq!(
        outcomes,
        expected.into_iter().collect(),
        "both, and nothing else: a sector is written as one"
    );
}

#[test]
fn a_name_needs_its_folders_sync() {
    let lost = (0..100).filter(|seed| {
        let disk = MemDisk::new();
        disk.open("a", OpenMode::CreateNew).unwrap().sync_data().unwrap();
        disk.power_loss(*seed);
        contents(&disk, "a").is_none()
    });
    assert!((20..80).contains(&lost.count()));
}

#[test]
fn large_writes_tear_at_sectors() {
    let mut torn = 0;
    for seed in 0..100 {
        let disk = MemDisk::new();
        let file = disk.open("a", OpenMode::CreateNew).unwrap();
        disk.sync_dir("").unwrap();
        file.write_at(&[7; 2000], 100).unwrap();
        disk.power_loss(seed);
        let found = contents(&disk, "a").unwrap();
        for (sector, bytes) in found.chunks(512).enumerate() {
            let data = if sector == 0 { &bytes[100.min(bytes.len())..] } else { bytes };
            assert!(data.iter().all(|byte| *byte == 7) || data.iter().all(|byte| *byte == 0), "seed {seed}");
        }
        torn += usize::from(found.iter().filter(|byte| **byte == 7).count() % 2000 != 0);
    }
    assert!(torn > 20, "{torn}");
}

#[test]
fn replacing_is_atomic() {
    for seed in 0..100 {
        let disk = MemDisk::new();
        replace_whole(&disk, "a", b"old").unwrap();
        disk.fail_after_changes(seed % 6);
        let _ = replace_whole(&disk, "a", b"new");
        disk.power_loss(seed);
        let found = contents(&disk, "a").unwrap();
        assert!(found == b"old" || found == b"new");
    }
}

#[test]
fn a_sync_that_failed_is_not_made_good_by_the_next() {
    let disk = MemDisk::new();
    let file = disk.open("a", OpenMode::CreateNew).unwrap();
    disk.sync_dir("").unwrap();
    file.write_at(b"lost", 0).unwrap();
    let error = ErrorKind::Other;
    disk.inject(Fault { kind: FaultKind::Sync, path: "a".to_owned(), after: 0, times: 1, error });
    assert!(file.sync_data().is_err());
    file.sync_data().unwrap();
    assert_eq!(contents(&disk, "a").unwrap(), b"lost", "the cache has it");
    disk.power_loss(0);
    assert_eq!(contents(&disk, "a").unwrap(), b"", "the disk never had");
}

#[test]
fn the_same_seed_gives_the_same_disk() {
    let run = || {
        let disk = MemDisk::new();
        disk.create_dir("d").unwrap();
        for index in 0..20 {
            let file = disk.open(&format!("d/{index}"), OpenMode::Create).unwrap();
            file.write_at(&vec![index; 900], u64::from(index)).unwrap();
            if index % 3 == 0 {
                file.sync_data().unwrap();
            }
        }
        disk.sync_dir("").unwrap();
        disk.power_loss(99);
        let names = disk.list("d").unwrap();
        names.iter().map(|entry| contents(&disk, &format!("d/{}", entry.name))).collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}
