//! Ids of log directories, some of which are reserved for meanings (`org.apache.kafka.common.DirectoryId`, KIP-858).

use headwater_base::Uuid;

/// The partition comes from a time without directory ids.
pub const MIGRATING: Uuid = Uuid(0);
/// The controller leaves the choice to the broker, which reports it.
pub const UNASSIGNED: Uuid = Uuid(1);
/// The broker's directory that held the replica is gone.
pub const LOST: Uuid = Uuid(2);

/// True for the first hundred ids, none of which names a real directory.
#[must_use]
pub const fn is_reserved(directory: Uuid) -> bool {
    directory.0 < 100
}

/// Whether a replica in `directory` can be served by a broker whose online directories are these (sorted).
#[must_use]
pub fn is_online(directory: Uuid, online: &[Uuid]) -> bool {
    match directory {
        UNASSIGNED | MIGRATING => true,
        LOST => false,
        // A broker that registered no directories predates them.
        _ => online.is_empty() || online.binary_search(&directory).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_directories_have_meanings() {
        let online = [Uuid(200), Uuid(300)];
        assert!(is_online(MIGRATING, &online));
        assert!(is_online(UNASSIGNED, &online));
        assert!(!is_online(LOST, &online));
        assert!(!is_online(LOST, &[]));
        assert!(is_online(Uuid(300), &online));
        assert!(!is_online(Uuid(400), &online));
        assert!(is_online(Uuid(400), &[]));
        assert!(is_reserved(Uuid(99)) && !is_reserved(Uuid(100)));
    }
}
