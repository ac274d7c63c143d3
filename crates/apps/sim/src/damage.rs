//! Damage to files that only help: everything in them can be found again in the logs (case D11).

use headwater_log::disk::{Disk, MemDisk, OpenMode};
use headwater_runtime::Random;

/// Files in a partition's folder, by the ends of their names.
const IN_PARTITIONS: &[&str] = &[".index", ".timeindex", ".txnindex", ".snapshot", "leader-epoch-checkpoint"];
/// Files in a log directory.
const IN_ROOT: &[&str] = &[
    "recovery-point-offset-checkpoint",
    "log-start-offset-checkpoint",
    "replication-offset-checkpoint",
    ".headwater_boot",
];
/// The metadata log keeps its own counsel.
const METADATA: &str = "__cluster_metadata-0";

/// Removes some of these files or fills them with rubbish, durably. Gives how many.
pub fn damage(disk: &MemDisk, random: &mut Random) -> u64 {
    let mut harmed = 0;
    let Ok(root) = disk.list("") else { return 0 };
    for entry in root {
        if entry.is_dir && entry.name != METADATA {
            let folder = entry.name;
            let files = disk.list(&folder).unwrap_or_default();
            let helpers =
                files.into_iter().filter(|file| IN_PARTITIONS.iter().any(|end| file.name.ends_with(end)));
            for file in helpers {
                harmed += harm(disk, &folder, &format!("{folder}/{}", file.name), random);
            }
        } else if IN_ROOT.contains(&entry.name.as_str()) {
            harmed += harm(disk, "", &entry.name, random);
        }
    }
    harmed
}

fn harm(disk: &MemDisk, folder: &str, path: &str, random: &mut Random) -> u64 {
    if !random.chance(3) {
        return 0;
    }
    let done = if random.chance(2) { disk.remove_file(path) } else { fill(disk, path, random) };
    done.and_then(|()| disk.sync_dir(folder)).expect("a disk without faults");
    1
}

/// Rubbish: random bytes, zeros, or half of what was there.
fn fill(disk: &MemDisk, path: &str, random: &mut Random) -> std::io::Result<()> {
    let file = disk.open(path, OpenMode::Existing)?;
    let len = file.len()?;
    match random.below(3) {
        // A whole number of entries less is no rubbish but a shorter index, which nobody can tell from a good one.
        0 => file.truncate((len / 2) | 1)?,
        kind => {
            let byte = |random: &mut Random| if kind == 1 { 0 } else { random.next_u64() as u8 };
            let bytes: Vec<u8> = (0..len.max(7)).map(|_| byte(random)).collect();
            file.write_at(&bytes, 0)?;
        }
    }
    file.sync_data()
}
