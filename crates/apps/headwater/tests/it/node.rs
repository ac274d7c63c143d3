//! A node in a process of its own.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::client::Client;

/// How long a node may take to be ready on a busy machine.
const READY: Duration = Duration::from_secs(30);

/// A folder that is removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("headwater-it-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running node; killed when dropped.
pub struct Node {
    child: Child,
    pub address: SocketAddr,
}

pub fn command(folder: &Folder, overrides: &[&str]) -> Command {
    command_logging(folder, overrides, "warn,headwater::launch=info")
}

pub fn command_logging(folder: &Folder, overrides: &[&str], log: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
    command.args(["--log", log, "start", "--listen", "127.0.0.1:0", "--quiet"]);
    command.arg("--data").arg(folder.path().join("data"));
    command.arg("--port-file").arg(folder.path().join("port"));
    for text in overrides {
        command.args(["--override", text]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

impl Node {
    pub fn start(folder: &Folder) -> Node {
        Node::start_with(folder, &[])
    }

    pub fn start_with(folder: &Folder, overrides: &[&str]) -> Node {
        Node::start_as(folder, command(folder, overrides))
    }

    /// A node that may open so many files.
    pub fn start_limited(folder: &Folder, files: usize) -> Node {
        let whole = command(folder, &[]);
        let mut limited = Command::new("sh");
        limited.args(["-c", &format!("ulimit -n {files}; exec \"$0\" \"$@\"")]).arg(whole.get_program());
        limited.args(whole.get_args()).stdin(Stdio::null()).stdout(Stdio::null());
        Node::start_as(folder, limited)
    }

    /// A node that logs what `filter` says.
    pub fn start_logging(folder: &Folder, filter: &str) -> Node {
        Node::start_as(folder, command_logging(folder, &[], filter))
    }

    /// Starts what `command` says and waits until it serves.
    pub fn start_as(folder: &Folder, mut command: Command) -> Node {
        let port_file = folder.path().join("port");
        let _ = std::fs::remove_file(&port_file);
        let log = std::fs::File::options().create(true).append(true).open(folder.path().join("log")).unwrap();
        let mut child = command.stderr(log).spawn().unwrap();
        let begun = Instant::now();
        let port: u16 = loop {
            if let Ok(text) = std::fs::read_to_string(&port_file) {
                break text.trim().parse().unwrap();
            }
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the node ended with {status}:\n{}", log_of(folder));
            }
            assert!(begun.elapsed() < READY, "not ready after {READY:?}:\n{}", log_of(folder));
            std::thread::sleep(Duration::from_millis(2));
        };
        Node { child, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }

    /// `headwater server` on a formatted folder.
    pub fn serve(folder: &Folder, properties: &Path, address: SocketAddr) -> Node {
        let log = std::fs::File::options().create(true).append(true).open(folder.path().join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
        command.args(["--log", "warn", "server", "--config"]).arg(properties);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let mut node = Node { child: command.spawn().unwrap(), address };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            let ended = node.child.try_wait().unwrap();
            assert!(ended.is_none() && begun.elapsed() < READY, "not ready:\n{}", log_of(folder));
            std::thread::sleep(Duration::from_millis(5));
        }
        node
    }

    /// Where the node's log says that metrics are.
    pub fn metrics(&self, folder: &Folder) -> SocketAddr {
        let log = log_of(folder);
        let found = log.lines().rev().find_map(|line| line.split("metrics=\"").nth(1)?.split('"').next());
        found.unwrap_or_else(|| panic!("no address in {log}")).parse().unwrap()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the node ends by itself.
    pub fn wait(mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < READY, "still there after {READY:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn client(&self) -> Client {
        Client::connect(self.address)
    }

    /// Resident memory in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; the exit must be clean.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "stopped with {status}");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn log_of(folder: &Folder) -> String {
    std::fs::read_to_string(folder.path().join("log")).unwrap_or_default()
}
