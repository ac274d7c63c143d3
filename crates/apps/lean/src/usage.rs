//! CPU time around a run: the broker's, our own, and whatever else the machine did (the noise check).

use std::fs;
use std::time::Instant;

/// Clock ticks per second of the counters in procfs; Linux tells user space 100 on every machine we know.
const TICKS_PER_S: f64 = 100.0;

/// Takes the counters at the start; `line` tells the differences.
pub struct Usage {
    pid: Option<u32>,
    begun: Instant,
    broker: f64,
    own: f64,
    machine: f64,
    steal: f64,
}

impl Usage {
    /// Starts to measure; `pid` is the broker's.
    pub fn start(pid: Option<u32>) -> Self {
        let (machine, steal) = machine();
        Self {
            pid,
            begun: Instant::now(),
            broker: process(pid),
            own: process(Some(std::process::id())),
            machine,
            steal,
        }
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// `seconds=… broker_cpu_s=… own_cpu_s=… other_cpu_s=… steal_s=…`
    pub fn line(&self) -> String {
        let (seconds, (machine, steal)) = (self.seconds(), machine());
        let broker = process(self.pid) - self.broker;
        let own = process(Some(std::process::id())) - self.own;
        let other = machine - self.machine - broker - own;
        let steal = steal - self.steal;
        format!(
            "seconds={seconds:.3} broker_cpu_s={broker:.2} own_cpu_s={own:.2} other_cpu_s={other:.2} steal_s={steal:.2}"
        )
    }
}

/// CPU seconds of a process so far, all its threads.
fn process(pid: Option<u32>) -> f64 {
    let Some(stat) = pid.and_then(|pid| fs::read_to_string(format!("/proc/{pid}/stat")).ok()) else {
        return 0.0;
    };
    // The name in parentheses may hold blanks; the fields are counted behind it.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / TICKS_PER_S
}

/// CPU seconds that the machine was busy so far, and that the hypervisor took away.
fn machine() -> (f64, f64) {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let ticks: Vec<f64> = stat
        .lines()
        .next()
        .unwrap_or("")
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    let at = |index: usize| ticks.get(index).copied().unwrap_or(0.0);
    ((at(0) + at(1) + at(2) + at(5) + at(6)) / TICKS_PER_S, at(7) / TICKS_PER_S)
}
