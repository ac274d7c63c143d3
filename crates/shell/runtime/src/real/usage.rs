//! What `/proc` says.

use std::fs;
use std::time::Duration;

use crate::usage::ProcessUsage;

/// What the process uses, as far as the system says; numbers that it does not say are zero.
pub(crate) fn process(data_cores: usize) -> ProcessUsage {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The command's name stands in parentheses and may hold anything; the fields behind it are counted from 3.
    let fields: Vec<u64> = stat
        .rsplit_once(')')
        .map(|(_, rest)| rest.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect())
        .unwrap_or_default();
    let field = |number: usize| fields.get(number - 3).copied().unwrap_or(0);
    let ticks = rustix::param::clock_ticks_per_second().max(1);
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    ProcessUsage {
        cpu: Duration::from_millis((field(14) + field(15)) * 1_000 / ticks),
        threads: field(20),
        virtual_bytes: field(23),
        resident_bytes: field(24) * rustix::param::page_size() as u64,
        core_cpu: core_cpu(data_cores),
        open_files: fs::read_dir("/proc/self/fd").map_or(0, |files| files.count() as u64).saturating_sub(1),
        max_files: limit.current,
    }
}

/// The processor time of the threads `core-0`, `core-1`, …
fn core_cpu(cores: usize) -> Vec<Duration> {
    let mut used = vec![Duration::ZERO; cores];
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    for thread in threads {
        let name = fs::read_to_string(thread.path().join("comm")).unwrap_or_default();
        let core = name.trim_end().strip_prefix("core-").and_then(|core| core.parse::<usize>().ok());
        if let Some(used) = core.and_then(|core| used.get_mut(core)) {
            let times = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
            let nanos = times.split_whitespace().next().and_then(|nanos| nanos.parse().ok());
            *used += Duration::from_nanos(nanos.unwrap_or(0));
        }
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_uses_something() {
        let usage = process(2);
        assert!(usage.resident_bytes > 100_000 && usage.virtual_bytes >= usage.resident_bytes, "{usage:?}");
        assert!(usage.threads >= 1 && usage.open_files >= 3, "{usage:?}");
        assert!(usage.max_files.is_none_or(|most| most >= usage.open_files), "{usage:?}");
        assert_eq!(usage.core_cpu.len(), 2);
    }
}
