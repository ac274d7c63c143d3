//! The process: memory, processor time, file descriptors.

use std::time::Duration;

use super::text::{Kind, Text};
use crate::broker::Broker;
use crate::metrics::windows::Look;

/// Writes all families; none on a ground without processes.
pub(super) fn write(text: &mut Text, broker: &Broker, look: &mut Look<'_>) {
    let Some(usage) = broker.runtime.process_usage() else { return };
    let gauges = [
        ("resident_memory_bytes", "Memory in RAM.", usage.resident_bytes),
        ("virtual_memory_bytes", "Address space.", usage.virtual_bytes),
        ("open_fds", "Open file descriptors.", usage.open_files),
        ("max_fds", "File descriptors that may be open.", usage.max_files.unwrap_or(i64::MAX as u64)),
        ("threads", "Threads.", usage.threads),
    ];
    for (name, help, value) in gauges {
        text.single(&format!("process_{name}"), Kind::Gauge, help, value);
    }
    let cpu = usage.cpu.as_secs_f64();
    text.single("process_cpu_seconds_total", Kind::Counter, "Processor time.", cpu);
    const CORES: &str = "headwater_core_cpu_seconds_total";
    text.family(CORES, Kind::Counter, "Processor time of the threads that serve connections.");
    for (core, used) in usage.core_cpu.iter().enumerate() {
        text.sample(CORES, &[("core", &core.to_string())], used.as_secs_f64());
    }
    // One thread per core does what in Kafka network and handler threads do.
    let busy: Duration = usage.core_cpu.iter().sum();
    let idle = look.idle_share(busy, usage.core_cpu.len());
    for name in [
        "kafka_network_socketserver_networkprocessoravgidle_percent",
        "kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent",
    ] {
        text.single(
            name,
            Kind::Gauge,
            "Share of late that the threads for connections were idle, 0 to 1.",
            idle,
        );
    }
}
