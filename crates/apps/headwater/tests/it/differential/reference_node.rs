//! Apache Kafka in a process of its own.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::node::Folder;

/// The levels that our own format gives, so that both clusters are alike.
const FEATURES: &str = "--feature transaction.version=0 --feature share.version=0 \
     --feature streams.version=0 --feature eligible.leader.replicas.version=0";

/// A running reference broker; stopped when dropped.
pub struct ReferenceNode {
    pub address: SocketAddr,
    folder: Folder,
}

fn jars() -> Option<PathBuf> {
    let cache = match std::env::var_os("HEADWATER_CACHE") {
        Some(cache) => PathBuf::from(cache),
        None => PathBuf::from(std::env::var_os("HOME")?).join(".cache/headwater"),
    };
    let libs = cache.join("kafka-4.3.1/libs");
    libs.is_dir().then_some(libs)
}

impl ReferenceNode {
    /// `None`, and a line that says so, where the jars are absent and nobody requires them.
    pub fn start(overrides: &[&str]) -> Option<ReferenceNode> {
        if jars().is_none() {
            let required = std::env::var_os("HEADWATER_REQUIRE_REFERENCE").is_some_and(|value| value == "1");
            assert!(!required, "the reference's jars are required but absent");
            eprintln!("skipped: the reference's jars are absent");
            return None;
        }
        let folder = Folder::new();
        let start = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../conformance/reference/start");
        // Nobody keeps the port between this line and the broker; a test that loses it fails loudly.
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let output = Command::new(start)
            .env("FORMAT_OPTIONS", FEATURES)
            .arg(address.port().to_string())
            .arg(folder.path())
            .args(overrides)
            .output()
            .expect("the launcher runs");
        let said = String::from_utf8_lossy(&output.stderr);
        let node = ReferenceNode { address, folder };
        assert!(output.status.success(), "the reference did not start: {said}");
        Some(node)
    }
}

impl Drop for ReferenceNode {
    fn drop(&mut self) {
        let Ok(pid) = std::fs::read_to_string(self.folder.path().join("pid")) else { return };
        // Its data go with the folder, so it need not stop cleanly.
        let _ = Command::new("kill").args(["-KILL", pid.trim()]).status();
    }
}
