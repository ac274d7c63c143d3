//! Which topics a tool is for (`org.apache.kafka.tools.filter.TopicFilter`).

use headwater_group::regex::Pattern;

use crate::console::Thrown;

/// The topics whose names are Kafka's own (`Topic.isInternal`).
pub const INTERNAL_TOPICS: [&str; 3] = ["__consumer_offsets", "__transaction_state", "__share_group_state"];

/// Topics by a regular expression, in which commas stand for "or".
///
/// The reference takes Java's expressions here, this takes RE2's: the same but for back references and looking around.
pub struct IncludeList(Pattern);

impl IncludeList {
    /// Reads an expression.
    pub fn new(raw: &str) -> Result<Self, Thrown> {
        let quotes = ['"', '\''];
        let regex = raw.trim().replace(',', "|").replace(' ', "");
        let regex = regex.trim_start_matches(quotes).trim_end_matches(quotes);
        Pattern::compile(regex)
            .map(Self)
            .map_err(|_| Thrown::new("java.lang.RuntimeException", format!("{regex} is an invalid regex.")))
    }

    /// Whether a topic is one of them.
    pub fn allows(&self, topic: &str, exclude_internal: bool) -> bool {
        self.0.matches(topic) && !(exclude_internal && INTERNAL_TOPICS.contains(&topic))
    }
}
