//! A library that is loaded before the system's into a node, and fails what a test wants failed.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::node::Folder;

pub const EIO: i32 = 5;
pub const ENOSPC: i32 = 28;
pub const EMFILE: i32 = 24;
pub const EROFS: i32 = 30;

/// The library, compiled once for all tests.
fn library() -> &'static PathBuf {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let path = std::env::temp_dir().join(format!("headwater-shim-{}.so", std::process::id()));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/faults/shim.c");
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let output = Command::new(compiler)
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .arg(&path)
            .arg(source)
            .arg("-ldl")
            .output()
            .expect("whoever links Rust has a C compiler");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        path
    })
}

/// The faults of one node.
pub struct Shim {
    rules: PathBuf,
    record: PathBuf,
}

impl Shim {
    pub fn new(folder: &Folder) -> Shim {
        Shim { rules: folder.path().join("rules"), record: folder.path().join("record") }
    }

    /// Has the library loaded into a node.
    pub fn load(&self, command: &mut Command) {
        command.env("LD_PRELOAD", library()).env("SHIM_RULES", &self.rules).env("SHIM_RECORD", &self.record);
    }

    /// From now on these hold and no others: operation, errno, how often (0: always), part of the path.
    pub fn fail(&self, rules: &[(&str, i32, u32, &str)]) {
        let lines: String = rules
            .iter()
            .map(|(what, error, times, part)| format!("{what} {error} {times} {part}\n"))
            .collect();
        // Replaced as a whole: the node reads it at any time.
        let next = self.rules.with_extension("next");
        std::fs::write(&next, lines).unwrap();
        std::fs::rename(&next, &self.rules).unwrap();
    }

    pub fn heal(&self) {
        self.fail(&[]);
    }

    /// Lines of what was failed, and of each sync that was asked for.
    pub fn record(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.record).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}
