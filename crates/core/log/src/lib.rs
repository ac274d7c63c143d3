//! One partition's log on a disk: segments, indexes, checkpoints, producer state, recovery.
