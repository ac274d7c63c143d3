//! Calls that a floor must not make.

use super::Finding;
use super::source::Source;

/// Where a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Floor {
    /// `types` and `core`, and the `machine/` folders of shell crates: pure.
    Pure,
    /// Shell crates other than `runtime`, and the simulation: only through `runtime`.
    Shell,
    /// The one crate that names the system and the executor.
    Runtime,
    /// What people run, and project tasks.
    Apps,
}

fn floor(path: &str) -> Floor {
    if path.starts_with("crates/types/") || path.starts_with("crates/core/") || path.contains("/src/machine/")
    {
        Floor::Pure
    } else if path.starts_with("crates/shell/runtime/") {
        Floor::Runtime
    } else if path.starts_with("crates/shell/") || path.starts_with("crates/apps/sim/") {
        Floor::Shell
    } else {
        Floor::Apps
    }
}

/// A banned piece of code: the rule's name, what is looked for (as whole words), where it is banned, and what to do
/// instead.
struct Ban {
    rule: &'static str,
    tokens: &'static [&'static str],
    floors: &'static [Floor],
    instead: &'static str,
}

const BANS: &[Ban] = &[
    Ban {
        rule: "clock",
        tokens: &["Instant::now", "SystemTime"],
        floors: &[Floor::Pure, Floor::Shell],
        instead: "time comes in as a value, from runtime",
    },
    Ban {
        rule: "files",
        tokens: &["std::fs", "File::open", "File::create", "OpenOptions::new"],
        floors: &[Floor::Pure, Floor::Shell],
        instead: "files go through log's Disk, which runtime supplies",
    },
    Ban {
        rule: "sockets",
        tokens: &["TcpStream", "TcpListener", "UdpSocket", "ToSocketAddrs", "socket2"],
        floors: &[Floor::Pure, Floor::Shell],
        instead: "sockets come from runtime",
    },
    Ban {
        rule: "threads",
        tokens: &["std::thread", "thread::spawn", "thread::sleep"],
        floors: &[Floor::Pure, Floor::Shell],
        instead: "threads belong to runtime",
    },
    Ban {
        rule: "random-order",
        tokens: &["HashMap", "HashSet", "RandomState"],
        floors: &[Floor::Pure, Floor::Shell],
        instead: "a map with a fixed order, so that a seed repeats a run",
    },
    Ban {
        rule: "executor",
        tokens: &["tokio", "rustix", "libc", "io_uring"],
        floors: &[Floor::Pure, Floor::Shell, Floor::Apps],
        instead: "only runtime names the system and the executor",
    },
    Ban {
        rule: "async",
        tokens: &["async fn", "async move", "async", ".await"],
        floors: &[Floor::Pure],
        instead: "requests that wait are data here",
    },
    Ban {
        rule: "logging",
        tokens: &["tracing", "println!", "eprintln!", "print!", "eprint!"],
        floors: &[Floor::Pure],
        instead: "return what happened as a value",
    },
    Ban {
        rule: "interior-mutability",
        tokens: &[
            "RefCell",
            "Cell",
            "Mutex",
            "RwLock",
            "OnceLock",
            "OnceCell",
            "LazyLock",
            "UnsafeCell",
            "static mut",
        ],
        floors: &[Floor::Pure],
        instead: "a machine has one owner and changes by &mut self",
    },
    Ban {
        rule: "environment",
        tokens: &["std::env", "std::process"],
        floors: &[Floor::Pure, Floor::Shell],
        instead: "the binary reads the environment",
    },
    Ban {
        rule: "unsafe",
        tokens: &["unsafe"],
        floors: &[Floor::Pure, Floor::Shell, Floor::Apps],
        instead: "only runtime may contain unsafe code",
    },
    Ban {
        rule: "unwrap",
        tokens: &[".unwrap()", "todo!", "unimplemented!", "dbg!"],
        floors: &[Floor::Pure, Floor::Shell, Floor::Runtime, Floor::Apps],
        instead: "an error, or expect(\"why this cannot be\")",
    },
];

/// Looks for banned code in what ships.
pub fn check(source: &Source, findings: &mut Vec<Finding>) {
    let floor = floor(&source.path);
    for ban in BANS.iter().filter(|ban| ban.floors.contains(&floor)) {
        for (index, line) in source.product.lines().enumerate() {
            if let Some(token) = ban.tokens.iter().find(|token| has_word(line, token)) {
                findings.push(Finding {
                    path: source.path.clone(),
                    line: index + 1,
                    rule: ban.rule,
                    what: format!("`{token}`: {}", ban.instead),
                });
            }
        }
    }
}

/// True when the token stands in the line and is not a part of a longer name.
fn has_word(line: &str, token: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(token).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + token.len()..].chars().next();
        let starts_name = token.starts_with(is_name);
        let ends_name = token.ends_with(is_name);
        !(starts_name && before.is_some_and(is_name) || ends_name && after.is_some_and(is_name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<&'static str> {
        let mut findings = Vec::new();
        check(&Source::new(path.to_owned(), text.to_owned()), &mut findings);
        findings.iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn planted_calls_are_found_where_they_are_banned() {
        let core = "crates/core/raft/src/step.rs";
        let broker = "crates/shell/broker/src/api/fetch.rs";
        let machine = "crates/shell/broker/src/machine/x.rs";
        let runtime = "crates/shell/runtime/src/real.rs";
        let cases: [(&str, &str, &[&str]); 12] = [
            (core, "let t = Instant::now();", &["clock"]),
            (core, "use std::collections::HashMap;", &["random-order"]),
            (core, "async fn x() {}", &["async"]),
            (core, "let x = y.unwrap();", &["unwrap"]),
            (core, "struct MyCell; let unsafe_name = 1;", &[]),
            (core, "#[cfg(test)]\nmod tests { use std::fs; }", &[]),
            (broker, "tokio::spawn(x);", &["executor"]),
            (broker, "async fn x() {}", &[]),
            (broker, "let m: HashMap<u8, u8>;", &["random-order"]),
            (machine, "x.await", &["async"]),
            (runtime, "unsafe { tokio::x() }", &[]),
            (runtime, "x.unwrap()", &["unwrap"]),
        ];
        for (path, text, expected) in cases {
            assert_eq!(found(path, text), expected, "{path}: {text}");
        }
    }
}
