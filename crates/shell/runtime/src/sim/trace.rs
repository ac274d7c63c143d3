//! The running hash of everything that happens, and its text form.

/// What kind of event enters the trace. The numbers are part of the hash of a process only, not of any format.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Spawn,
    Poll,
    End,
    Timer,
    JobQueued,
    JobRun,
    Listen,
    Connect,
    ConnectResult,
    Accept,
    Read,
    Write,
    Deliver,
    Close,
    DiskChange,
    DiskSync,
    Life,
    Fault,
}

/// One run's trace.
pub(crate) struct Trace {
    hash: u64,
    events: u64,
    print: bool,
}

const PRIME: u64 = 0x0000_0100_0000_01B3;

fn fold(hash: u64, word: u64) -> u64 {
    (hash ^ word).wrapping_mul(PRIME).rotate_left(23)
}

/// A quick hash of a payload, eight bytes at a time.
pub(crate) fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut hash = bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        hash = fold(hash, u64::from_le_bytes(word));
    }
    for byte in chunks.remainder() {
        hash = fold(hash, u64::from(*byte));
    }
    hash
}

impl Trace {
    pub(crate) fn new(seed: u64, print: bool) -> Trace {
        Trace { hash: fold(0xCBF2_9CE4_8422_2325, seed), events: 0, print }
    }

    /// Adds an event: `subject` is what it happened to (task, connection, pool), `size` and `detail` what it carried.
    pub(crate) fn record(&mut self, now: u64, node: u32, kind: Kind, subject: u64, size: u64, detail: u64) {
        self.events += 1;
        for word in [now, u64::from(node) << 8 | kind as u64, subject, size, detail] {
            self.hash = fold(self.hash, word);
        }
        if self.print {
            eprintln!("{:>14} n{node} {kind:?} {subject} {size} {detail:x}", Nanos(now));
        }
    }

    /// Adds a line of words to the printed trace only.
    pub(crate) fn say(&self, now: u64, node: u32, words: std::fmt::Arguments<'_>) {
        if self.print {
            eprintln!("{:>14} n{node} {words}", Nanos(now));
        }
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn events(&self) -> u64 {
        self.events
    }
}

/// Nanoseconds printed as microseconds with three decimals.
struct Nanos(u64);

impl std::fmt::Display for Nanos {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{}.{:03}", self.0 / 1000, self.0 % 1000))
    }
}
