//! Partition folders on their way out: their names are taken away at once, their files go later.

use std::sync::Arc;
use std::time::Duration;

use headwater_log::{dir, names};
use headwater_runtime::Runtime;

use crate::log_directory::LogDirectory;
use crate::partition::Partition;

/// 128 random bits for a folder's name.
#[must_use]
pub fn unique(runtime: &Runtime) -> u128 {
    (u128::from(runtime.random_u64()) << 64) | u128::from(runtime.random_u64())
}

/// Takes the name of a partition's folder away, so that whoever comes next finds nothing of it, and removes the folder
/// after `file.delete.delay.ms`.
pub fn delete(runtime: &Runtime, directory: &Arc<LogDirectory>, folder: &str, partition: &Partition) {
    let renamed = rename(directory, folder, partition, unique(runtime));
    if let Some(renamed) = renamed.filter(|_| settle_names(directory)) {
        remove_later(runtime, directory, vec![renamed], partition.delete_delay());
    }
}

/// Renames the folder of a deleted partition, which [`settle_names`] makes durable; its new name, if there was a folder.
/// A directory in which this fails goes offline.
pub fn rename(directory: &LogDirectory, folder: &str, partition: &Partition, unique: u128) -> Option<String> {
    match directory.disk.exists(folder) {
        // Nothing was ever written.
        Ok(false) => return None,
        Ok(true) => {}
        Err(error) => tracing::warn!(%folder, %error, "cannot look for a deleted partition's folder"),
    }
    let renamed = names::delete_folder_name(&partition.name, unique);
    match directory.disk.rename(folder, &renamed) {
        Ok(()) => Some(renamed),
        Err(error) => {
            directory.fail(&format!("cannot rename the folder of a deleted partition: {error}"));
            None
        }
    }
}

/// Makes new names of folders durable; a directory in which this fails goes offline.
pub fn settle_names(directory: &LogDirectory) -> bool {
    let synced = directory.disk.sync_dir("");
    if let Err(error) = &synced {
        directory.fail(&format!("cannot rename the folder of a deleted partition: {error}"));
    }
    synced.is_ok()
}

/// Removes folders after a while.
pub fn remove_later(runtime: &Runtime, directory: &Arc<LogDirectory>, folders: Vec<String>, delay: Duration) {
    let (clock, directory) = (runtime.clone(), Arc::clone(directory));
    runtime.spawn_detached("delete folders", async move {
        clock.sleep(delay).await;
        let of_job = Arc::clone(&directory);
        directory.background.run(move || folders.iter().for_each(|folder| remove(&of_job, folder))).await;
    });
}

fn remove(directory: &LogDirectory, folder: &str) {
    match dir::remove_folder(&*directory.disk, folder) {
        Ok(()) => tracing::info!(dir = %directory.path, %folder, "Deleted log folder"),
        Err(error) => {
            tracing::warn!(dir = %directory.path, %folder, %error, "cannot remove a deleted folder");
        }
    }
}
