//! Case X4: a bug anywhere ends the process, and the next one finds everything.
//!
//! The shipped binary has no switch for bugs, so a child of the test runs the node of the binary inside itself and is told
//! where to panic.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::Duration;

use headwater_base::config::node::{NodeConfig, start_properties};
use headwater_broker::node;
use headwater_runtime::{RealConfig, RealGround, install_panic_policy};

use crate::client::{Client, batch};
use crate::node::{Folder, Node};

const CASE: &str = "HEADWATER_PANIC_AT";
const DATA: &str = "HEADWATER_PANIC_DATA";

/// Not a test by itself: what the children run.
#[test]
fn child() {
    let (Ok(case), Ok(data)) = (std::env::var(CASE), std::env::var(DATA)) else { return };
    install_panic_policy();
    let texts: BTreeMap<String, String> = start_properties("127.0.0.1:0", &data);
    let (config, _) = NodeConfig::parse(&texts).unwrap();
    let ground = RealGround::start(&RealConfig { data_cores: 1 }).unwrap();
    ground.block_on(|runtime| async move {
        let node = node::start(&runtime, config).await.unwrap();
        let address = node.bound()[0].address;
        // Acknowledged before the bug, and under way while it happens.
        let working = std::thread::spawn(move || {
            let mut client = Client::connect(address);
            for number in 0.. {
                let part = client.produce_one("t", batch(&[&format!("value {number}")]));
                assert_eq!(part.error_code, 0);
                if number == 20 {
                    std::fs::write(std::path::Path::new(&data).with_extension("acknowledged"), "21").unwrap();
                }
            }
        });
        let marker = std::path::PathBuf::from(std::env::var(DATA).unwrap()).with_extension("acknowledged");
        while !marker.exists() {
            runtime.sleep(Duration::from_millis(5)).await;
        }
        match case.as_str() {
            "connection" => {
                runtime.spawn_on(0, "connection", |_| async { panic!("a bug in a connection") });
            }
            "partition" => {
                let partition = node.broker().partition("t", 0).unwrap();
                let io = partition.directory().io.clone();
                io.submit_now(Box::new(move || panic!("a bug beside {}", partition.name)));
            }
            "control" => {
                runtime.spawn_local("quorum", async { panic!("a bug on the control core") });
            }
            other => panic!("unknown case {other}"),
        }
        runtime.sleep(Duration::from_secs(60)).await;
        drop(working);
        eprintln!("went on");
    });
}

#[test]
fn x4_a_panic_in_any_task_ends_the_process_and_nothing_acknowledged_is_lost() {
    for (case, message) in [
        ("connection", "a bug in a connection"),
        ("partition", "a bug beside t-0"),
        ("control", "a bug on the control core"),
    ] {
        let folder = Folder::new();
        let node = Node::start(&folder);
        node.client().create_topic("t", 1, &[]);
        node.stop();
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "panics::child", "--nocapture"])
            .env(CASE, case)
            .env(DATA, folder.path().join("data"))
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.signal(), Some(6), "{case}: fail-stop, never half alive: {words}");
        assert!(words.contains(message) && words.contains("a panic is a bug"), "{case}: {words}");
        assert!(!words.contains("went on"), "{case}: {words}");
        let node = Node::start(&folder);
        let mut client = node.client();
        let found = client.read_all("t", 0);
        assert!(found.len() >= 21, "{case}: {}", found.len());
        for (number, (offset, value)) in found.iter().enumerate() {
            assert_eq!((*offset, value.as_slice()), (number as i64, format!("value {number}").as_bytes()));
        }
        assert_eq!(client.produce_one("t", batch(&["after"])).error_code, 0);
    }
}
