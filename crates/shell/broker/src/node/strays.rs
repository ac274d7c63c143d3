//! What a node finds in its directories at a start and does not know: folders that a kill left behind.

use std::collections::BTreeSet;
use std::sync::Arc;

use headwater_base::TopicPartition;
use headwater_log::{Log, dir, names};

use crate::broker::Broker;
use crate::data::Known;
use crate::folders;
use crate::log_directory::LogDirectory;
use crate::partition::Partition;

/// Renames the folders of partitions that the metadata does not know, as remain when a node dies in the middle of a
/// deletion: a new topic of the same name must not find them. They are kept, for whoever knows better. What is left of a
/// partition that was moved goes.
pub(super) fn set_aside(broker: &Broker) {
    for (directory, name, known) in broker.data.take_unclaimed() {
        let folder = name.to_string();
        let moved = partition(broker, &name).filter(|it| !Arc::ptr_eq(&it.directory(), &directory));
        if let Some(partition) = moved
            && is_left_of_move(broker, &partition, &directory, &folder, &known)
        {
            tracing::info!(dir = %directory.path, %folder, now_in = %partition.directory().path,
                "the partition was moved; what is left of it here goes");
            folders::delete(&broker.runtime, &directory, &folder, &partition);
            continue;
        }
        let stray = names::stray_folder_name(&name, folders::unique(&broker.runtime));
        match dir::mark_deleted(&*directory.disk, &folder, &stray) {
            Ok(()) => tracing::warn!(
                dir = %directory.path,
                %folder,
                renamed = %stray,
                "the metadata knows no such partition here; its folder is kept under another name",
            ),
            Err(error) => directory.fail(&format!("cannot rename the folder {folder}: {error}")),
        }
    }
}

fn partition(broker: &Broker, name: &TopicPartition) -> Option<Arc<Partition>> {
    let index = usize::try_from(name.partition.0).ok()?;
    broker.partitions.topic(&name.topic)?.partitions.get(index)?.clone()
}

/// Whether a second folder of the same partition has nothing that the partition has not.
fn is_left_of_move(
    broker: &Broker,
    partition: &Partition,
    directory: &LogDirectory,
    folder: &str,
    known: &Known,
) -> bool {
    let context = known.context(Some(partition.id.topic_id), broker.runtime.wall_clock_ms());
    match Log::open(Arc::clone(&directory.disk), folder, partition.log_config(), &context) {
        Ok((log, _)) => log.log_end_offset() <= partition.extent().1,
        Err(error) => {
            tracing::warn!(dir = %directory.path, %folder, %error, "cannot look into a second folder");
            false
        }
    }
}

/// Takes out of the checkpoints what they say of partitions that are not there, so that a new topic of the same name does
/// not begin where another one stood.
pub(super) fn forget(broker: &Broker) {
    let image = broker.image();
    let partitions = broker.partitions.all();
    for directory in broker.data.all().filter(|directory| directory.failure().is_none()) {
        let elsewhere: BTreeSet<&TopicPartition> = partitions
            .iter()
            .filter(|it| !Arc::ptr_eq(&it.directory(), directory))
            .map(|it| &it.name)
            .collect();
        let known = |name: &TopicPartition| {
            let topic = image.topics.by_name(&name.topic);
            topic.is_some_and(|topic| topic.partition(name.partition).is_some()) && !elsewhere.contains(name)
        };
        if let Err(error) = directory.checkpoints.forget_others(&*directory.disk, known) {
            directory.fail(&format!("cannot write a checkpoint: {error}"));
        }
    }
}
