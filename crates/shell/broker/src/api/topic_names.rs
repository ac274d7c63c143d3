//! What the names of topics tell.

/// Topics that the platform itself writes (`org.apache.kafka.common.internals.Topic`).
const INTERNAL: [&str; 3] = ["__consumer_offsets", "__transaction_state", "__share_group_state"];

/// True for a topic that clients read but do not write.
#[must_use]
pub fn is_internal(topic: &str) -> bool {
    INTERNAL.contains(&topic)
}
