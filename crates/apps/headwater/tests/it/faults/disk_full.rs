//! Case D6 on the running node: file systems that are really full, or really read-only.
//!
//! The node gets a small file system in memory, in a mount namespace of its own, so that nothing stays behind. Where the
//! system does not allow that, the tests say so and end.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{STORAGE_ERROR, eventually};
use headwater_base::ErrorCode;

use crate::client::{Client, batch};
use crate::groups::member::Member;
use crate::node::{Folder, Node, log_of};

/// A node on a file system of its own.
struct OnSmallDisk {
    folder: Folder,
    node: Node,
}

impl OnSmallDisk {
    /// `None` where nobody may mount anything.
    fn start(size: &str, overrides: &[&str]) -> Option<OnSmallDisk> {
        let allowed = Command::new("unshare").args(["-Urm", "true"]).stderr(Stdio::null()).status();
        if !allowed.is_ok_and(|status| status.success()) {
            assert!(std::env::var_os("CI").is_none(), "no mount namespaces here");
            eprintln!("skipped: this system gives no mount namespaces");
            return None;
        }
        let folder = Folder::new();
        let disk = folder.path().join("disk");
        std::fs::create_dir(&disk).unwrap();
        let mut command = Command::new("unshare");
        let script =
            format!("mount -t tmpfs -o size={size} none {0} && exec \"$@\" --data {0}/data", disk.display());
        command.args(["-Urm", "sh", "-c", &script, "sh", env!("CARGO_BIN_EXE_headwater")]);
        command.args(["start", "--listen", "127.0.0.1:0", "--quiet"]);
        command.arg("--port-file").arg(folder.path().join("port"));
        for text in overrides {
            command.args(["--override", text]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let node = Node::start_as(&folder, command);
        Some(OnSmallDisk { folder, node })
    }

    /// The file system as the node sees it.
    fn inside(&self, name: &str) -> PathBuf {
        let disk = self.folder.path().join("disk");
        Path::new(&format!("/proc/{}/root", self.node.pid())).join(disk.strip_prefix("/").unwrap()).join(name)
    }

    /// Mounts the file system anew with these options.
    fn remount(&self, options: &str) {
        let target = self.node.pid().to_string();
        let disk = self.folder.path().join("disk");
        let status = Command::new("nsenter")
            .args(["-t", &target, "-U", "--preserve-credentials", "-m", "mount", "-o"])
            .arg(format!("remount,{options}"))
            .arg(disk)
            .status();
        assert!(status.unwrap().success());
    }

    /// Produces until it is refused; how many batches were taken.
    fn fill(&self, client: &mut Client, value: &str) -> usize {
        for count in 0..100_000 {
            match client.produce_one("t", batch(&[value])).error_code {
                0 => {}
                STORAGE_ERROR => return count,
                other => panic!("error {other}"),
            }
        }
        panic!("it is never full");
    }
}

#[test]
fn d6_a_full_disk_refuses_records_and_goes_on_with_the_rest() {
    let Some(it) = OnSmallDisk::start("16m", &["log.flush.offset.checkpoint.interval.ms=300"]) else {
        return;
    };
    let mut client = it.node.client();
    client.create_topic("t", 1, &[]);
    client.create_topic("ballast", 1, &[]);
    let value = "x".repeat(50_000);
    for _ in 0..40 {
        assert_eq!(client.produce_one("ballast", batch(&[&value])).error_code, 0);
    }
    let taken = it.fill(&mut client, &value);
    assert!(taken > 100, "{taken}");
    // Refused again and again, and nothing else is affected: reading, metadata, new topics, checkpoints.
    for _ in 0..20 {
        assert_eq!(client.produce_one("t", batch(&["small", &value])).error_code, STORAGE_ERROR);
    }
    assert_eq!(client.read_all("t", 0).len(), taken);
    client.create_topic("new", 1, &[]);
    client.new_producer();
    std::thread::sleep(std::time::Duration::from_millis(700));
    let log = log_of(&it.folder);
    assert_eq!(log.lines().filter(|line| line.contains("no room: records are refused")).count(), 1, "{log}");
    assert!(!log.contains("goes offline") && !log.contains("no room for a checkpoint"), "{log}");
    // An administrator makes room, and that is all there is to do.
    client.delete_topic("ballast");
    let gone = || {
        let names = std::fs::read_dir(it.inside("data")).unwrap();
        names.filter_map(Result::ok).filter(|it| it.file_name().to_string_lossy().contains("-delete")).count()
    };
    assert_eq!(gone(), 1);
    std::fs::remove_dir_all(
        std::fs::read_dir(it.inside("data"))
            .unwrap()
            .filter_map(Result::ok)
            .find(|it| it.file_name().to_string_lossy().contains("-delete"))
            .unwrap()
            .path(),
    )
    .unwrap();
    assert_eq!(client.produce_one("t", batch(&["there is room again"])).error_code, 0);
    assert_eq!(client.read_all("t", 0).len(), taken + 1);
    assert!(log_of(&it.folder).contains("there is room again"));
    it.node.stop();
}

/// A commit that has no room is refused alone: the member stays what it is, and nothing is loaded anew.
#[test]
fn d6_a_full_disk_refuses_commits_and_nobody_loses_his_group() {
    let few = ["offsets.topic.num.partitions=1", "log.flush.offset.checkpoint.interval.ms=300"];
    let Some(it) = OnSmallDisk::start("16m", &few) else { return };
    let mut client = it.node.client();
    client.create_topic("t", 1, &[]);
    let mut member = Member::new(&it.node, "g");
    member.alone(b"all");
    assert_eq!(member.commit(1, 1, ""), ErrorCode::None);
    it.fill(&mut client, &"x".repeat(50_000));
    let mut refused = ErrorCode::None;
    for offset in 2..1_000 {
        refused = member.commit(1, offset, &"m".repeat(4_000));
        if refused != ErrorCode::None {
            break;
        }
    }
    assert_eq!(refused, ErrorCode::NotCoordinator, "as for a log that cannot be written");
    let before = member.offsets();
    for _ in 0..10 {
        assert_eq!(member.commit(1, 5_000, &"m".repeat(4_000)), ErrorCode::NotCoordinator);
        assert_eq!(member.heartbeat(), ErrorCode::None);
    }
    assert_eq!(member.offsets(), before);
    it.remount("size=32m");
    eventually("it recovers", || member.commit(1, 6_000, "") == ErrorCode::None);
    assert_eq!(member.offsets(), [(0, 6_000)]);
    assert_eq!(member.heartbeat(), ErrorCode::None);
    assert_eq!(member.describe().members.len(), 1);
    let log = log_of(&it.folder);
    assert!(!log.contains("group coordinator ends") && !log.contains("goes offline"), "{log}");
}

#[test]
fn d6_without_a_reserve_the_last_byte_is_refused_and_it_recovers_as_well() {
    let reserve = "headwater.log.dir.reserve.bytes=0";
    let Some(it) = OnSmallDisk::start("8m", &[reserve, "log.flush.offset.checkpoint.interval.ms=300"]) else {
        return;
    };
    let mut client = it.node.client();
    client.create_topic("t", 1, &[]);
    let taken = it.fill(&mut client, &"x".repeat(30_000));
    // To the last page.
    let rest = it.fill(&mut client, "y");
    std::thread::sleep(std::time::Duration::from_millis(700));
    let found = client.read_all("t", 0);
    assert_eq!(found.len(), taken + rest);
    assert!(found.iter().enumerate().all(|(at, (offset, _))| at as i64 == *offset), "no half batch");
    assert!(!log_of(&it.folder).contains("goes offline"), "{}", log_of(&it.folder));
    it.remount("size=16m");
    eventually("it recovers", || client.produce_one("t", batch(&["again"])).error_code == 0);
    let found = client.read_all("t", 0).len();
    it.node.stop();
    assert!(found > taken + rest);
}
