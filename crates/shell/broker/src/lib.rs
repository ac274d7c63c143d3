//! The node: connections, APIs, partitions, committer, quorum driver.
