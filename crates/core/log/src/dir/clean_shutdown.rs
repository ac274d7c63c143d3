//! `.kafka_cleanshutdown`: the last process closed all logs of the directory.
//!
//! Kafka writes JSON with the broker epoch of its registration, which the next one reports as the previous epoch
//! (KIP-966); an empty file, as older versions write it, is as good but says no epoch.

use super::remove_durably;
use crate::disk::{Disk, read_whole, replace_whole};
use crate::error::LogError;
use crate::names::CLEAN_SHUTDOWN;

/// What the marker says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanShutdown {
    /// The broker epoch of the process that stopped; `None` when the marker does not say.
    pub broker_epoch: Option<i64>,
}

/// Reads the marker; `None` when there is none.
///
/// # Errors
/// The disk's.
pub fn read_clean_shutdown(disk: &dyn Disk) -> Result<Option<CleanShutdown>, LogError> {
    let bytes = match read_whole(disk, CLEAN_SHUTDOWN, 1 << 20) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(None),
        Err(error) => return Err(LogError::io(CLEAN_SHUTDOWN)(error)),
    };
    Ok(Some(CleanShutdown { broker_epoch: parse(&bytes) }))
}

/// The number of the field `brokerEpoch` in a flat JSON object.
fn parse(bytes: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let fields = text.strip_prefix('{')?.strip_suffix('}')?;
    let field = fields.split(',').find_map(|field| {
        let (name, value) = field.split_once(':')?;
        (name.trim() == "\"brokerEpoch\"").then_some(value)
    })?;
    field.trim().parse().ok()
}

/// Writes the marker, after all logs are closed and the checkpoints written.
///
/// # Errors
/// The disk's.
pub fn write_clean_shutdown(disk: &dyn Disk, broker_epoch: i64) -> Result<(), LogError> {
    let text = format!("{{\"version\":0,\"brokerEpoch\":{broker_epoch}}}");
    replace_whole(disk, CLEAN_SHUTDOWN, text.as_bytes()).map_err(LogError::io(CLEAN_SHUTDOWN))
}

/// Removes the marker durably, before any log is changed.
///
/// # Errors
/// The disk's.
pub fn remove_clean_shutdown(disk: &dyn Disk) -> Result<(), LogError> {
    remove_durably(disk, CLEAN_SHUTDOWN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{MemDisk, OpenMode};

    #[test]
    fn there_and_back_and_gone() {
        let disk = MemDisk::new();
        assert_eq!(read_clean_shutdown(&disk).unwrap(), None);
        write_clean_shutdown(&disk, 17).unwrap();
        disk.power_loss(1);
        assert_eq!(read_clean_shutdown(&disk).unwrap(), Some(CleanShutdown { broker_epoch: Some(17) }));
        remove_clean_shutdown(&disk).unwrap();
        disk.power_loss(2);
        assert_eq!(read_clean_shutdown(&disk).unwrap(), None);
        disk.open(CLEAN_SHUTDOWN, OpenMode::Create).unwrap();
        assert_eq!(read_clean_shutdown(&disk).unwrap(), Some(CleanShutdown { broker_epoch: None }));
    }
}
