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
    match directory.disk.exists(folder) {
        // Nothing was ever written.
        Ok(false) => return,
        Ok(true) => {}
        Err(error) => tracing::warn!(%folder, %error, "cannot look for a deleted partition's folder"),
    }
    let renamed = names::delete_folder_name(&partition.name, unique(runtime));
    match dir::mark_deleted(&*directory.disk, folder, &renamed) {
        Ok(()) => remove_later(runtime, directory, renamed, partition.delete_delay()),
        Err(error) => directory.fail(&format!("cannot rename the folder of a deleted partition: {error}")),
    }
}

/// Removes a folder after a while.
pub fn remove_later(runtime: &Runtime, directory: &Arc<LogDirectory>, folder: String, delay: Duration) {
    let (clock, directory) = (runtime.clone(), Arc::clone(directory));
    runtime.spawn_detached("delete folder", async move {
        clock.sleep(delay).await;
        let (disk, path) = (Arc::clone(&directory.disk), folder.clone());
        let removed = directory.io.run(move || dir::remove_folder(&*disk, &path)).await;
        match removed {
            Ok(()) => tracing::info!(dir = %directory.path, %folder, "Deleted log folder"),
            Err(error) => {
                tracing::warn!(dir = %directory.path, %folder, %error, "cannot remove a deleted folder");
            }
        }
    });
}
