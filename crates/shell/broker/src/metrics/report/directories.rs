//! Log directories: online or not, how full, how fast their syncs.

use std::path::Path;

use super::Observed;
use super::requests::summary;
use super::text::{Kind, Text};
use super::topics::Seen;
use crate::log_directory::LogDirectory;
use crate::metrics::Distribution;
use crate::metrics::windows::Look;

/// Writes all families.
pub(super) fn write(text: &mut Text, observed: &Observed, seen: &Seen, look: &mut Look<'_>) {
    let directories: Vec<&LogDirectory> = observed.data.all().map(|directory| &**directory).collect();
    let offline = directories.iter().filter(|directory| directory.failure().is_some()).count();
    let name = "kafka_log_logmanager_offlinelogdirectorycount";
    text.single(name, Kind::Gauge, "Log directories that are offline.", offline);
    let mut family = |name: &str, label, help, value: &dyn Fn(&LogDirectory) -> Option<u64>| {
        text.family(name, Kind::Gauge, help);
        for directory in &directories {
            if let Some(value) = value(directory) {
                text.sample(name, &[(label, &directory.path)], value);
            }
        }
    };
    let name = "kafka_log_logmanager_logdirectoryoffline";
    family(name, "logDirectory", "1 for a log directory that is offline.", &|directory| {
        Some(directory.failure().is_some().into())
    });
    let partitions = || seen.topics.iter().flat_map(|topic| &topic.partitions);
    let bytes = |directory: &LogDirectory| {
        let here = partitions().filter(|(partition, _)| std::ptr::eq(&*partition.directory(), directory));
        Some(here.map(|(_, standing)| standing.size_bytes).sum())
    };
    let name = "headwater_log_directory_log_bytes";
    family(name, "directory", "Bytes of the segments in a log directory.", &bytes);
    let space =
        |directory: &LogDirectory| observed.broker.runtime.disk_space(Path::new(&directory.path)).ok();
    let name = "headwater_log_directory_total_bytes";
    family(name, "directory", "Size of the file system under a log directory.", &|directory| {
        space(directory).map(|space| space.total)
    });
    let name = "headwater_log_directory_available_bytes";
    family(name, "directory", "Bytes that can still be written there.", &|directory| {
        space(directory).map(|space| space.usable)
    });
    let name = "headwater_log_directory_unsynced_partitions";
    family(name, "directory", "Partitions that wait for a sync.", &|directory| {
        let (urgent, lazy) = directory.committer.waiting();
        Some((urgent + lazy) as u64)
    });
    syncs(text, &directories, look);
}

/// Kafka has one histogram of flushes for the node; here each directory has one more of its own.
fn syncs(text: &mut Text, directories: &[&LogDirectory], look: &mut Look<'_>) {
    let all: Vec<Distribution> = directories
        .iter()
        .map(|directory| {
            let mut of_directory = Distribution::default();
            directory.committer.syncs.add_to(&mut of_directory);
            of_directory
        })
        .collect();
    let mut together = Distribution::default();
    directories.iter().for_each(|directory| directory.committer.syncs.add_to(&mut together));
    let lately = look.lately(("all syncs", 0), &together);
    let name = "kafka_log_logflushstats_logflushrateandtimems";
    text.family(name, Kind::Summary, "Time of syncs of partitions, in milliseconds, of late.");
    summary(text, name, &[], &lately, &together);
    let name = "headwater_log_directory_sync_milliseconds";
    text.family(name, Kind::Summary, "The same for each log directory.");
    for (number, (directory, syncs)) in directories.iter().zip(&all).enumerate() {
        let lately = look.lately(("syncs", i32::try_from(number).unwrap_or(i32::MAX)), syncs);
        summary(text, name, &[("directory", &directory.path)], &lately, syncs);
    }
}
