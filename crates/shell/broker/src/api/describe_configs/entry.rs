//! One key of an answer: its type, where its value comes from, and everything that could give it one.

use headwater_base::config::node::{NodeConfig, base_name, definition, dynamic_entries, same_keys};
use headwater_base::config::{Definition, Kind, Value};
use headwater_metadata::{ConfigResource, Configs, Image};
use headwater_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsSynonym,
};

/// Where a value comes from (`DescribeConfigsResponse.ConfigSource`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub(super) enum Source {
    Topic = 1,
    DynamicBroker = 2,
    DynamicDefaultBroker = 3,
    StaticBroker = 4,
    Default = 5,
    DynamicBrokerLogger = 6,
    ClientMetrics = 7,
    Group = 8,
}

/// The number of a type (`DescribeConfigsResponse.ConfigType`); of no type when nobody knows the key.
pub(super) fn type_of(kind: Option<Kind>) -> i8 {
    match kind {
        None => 0,
        Some(Kind::Boolean) => 1,
        Some(Kind::Text) => 2,
        Some(Kind::Int) => 3,
        Some(Kind::Short) => 4,
        Some(Kind::Long) => 5,
        Some(Kind::Double) => 6,
        Some(Kind::List) => 7,
        Some(Kind::Class) => 8,
        Some(Kind::Password) => 9,
    }
}

/// What can be told of a key whose type is not known must be nothing: it may be a secret.
pub(super) fn is_sensitive(kind: Option<Kind>) -> bool {
    matches!(kind, None | Some(Kind::Password))
}

/// A value as text; nothing when there is none.
pub(super) fn text(value: &Value) -> Option<String> {
    (*value != Value::Null).then(|| value.to_string())
}

pub(super) fn synonym(name: &str, value: Option<String>, source: Source) -> DescribeConfigsSynonym {
    DescribeConfigsSynonym { name: name.to_owned(), value, source: source as i8 }
}

/// An entry for a row, from what could give it a value, the strongest first.
pub(super) fn entry(
    row: &Definition,
    value: &Value,
    synonyms: Vec<DescribeConfigsSynonym>,
) -> DescribeConfigsResourceResult {
    DescribeConfigsResourceResult {
        name: row.name.to_owned(),
        value: if row.is_sensitive() { None } else { text(value) },
        read_only: false,
        config_source: synonyms.first().map_or(Source::Default as i8, |first| first.source),
        is_sensitive: row.is_sensitive(),
        synonyms,
        config_type: type_of(Some(row.kind)),
        documentation: Some(row.documentation.to_owned()),
    }
}

/// Everything that can set a node's keys, the strongest first.
pub(super) struct NodeSources<'a> {
    pub own: Configs,
    pub all: Configs,
    pub file: &'a Configs,
}

impl<'a> NodeSources<'a> {
    pub fn new(file: &'a NodeConfig, image: &Image) -> Self {
        let counting = |resource: &ConfigResource, of_one| {
            image.configs.of(resource).map_or_else(Configs::new, |entries| dynamic_entries(entries, of_one))
        };
        Self {
            own: counting(&ConfigResource::broker(file.node_id), true),
            all: counting(&ConfigResource::cluster(), false),
            file: file.file_texts(),
        }
    }

    /// Everything that gives a key a value, and then what else could: keys that say the same in other units, the key
    /// behind a listener's name.
    pub fn synonyms(&self, name: &str) -> Vec<DescribeConfigsSynonym> {
        let names: Vec<&str> = match same_keys(name) {
            [] if name == "log.flush.interval.ms" => vec![name, "log.flush.scheduler.interval.ms"],
            [] => [name].into_iter().chain(base_name(name)).collect(),
            same => same.to_vec(),
        };
        let is_secret = is_sensitive(kind_of(name));
        let sources = [
            (&self.own, Source::DynamicBroker),
            (&self.all, Source::DynamicDefaultBroker),
            (self.file, Source::StaticBroker),
        ];
        let shown = |value: String| (!is_secret).then_some(value);
        let mut synonyms = Vec::new();
        for (entries, source) in sources {
            for name in &names {
                let value = entries.get(*name).cloned();
                synonyms.extend(value.map(|value| synonym(name, shown(value), source)));
            }
        }
        for name in names.iter().copied() {
            let default = definition(name).and_then(|row| text(&row.default_value()));
            synonyms.extend(default.map(|value| synonym(name, shown(value), Source::Default)));
        }
        // A finer unit that is not this key comes first only where it has a value of its own.
        let at = synonyms.iter().position(|synonym| synonym.name == name).unwrap_or(synonyms.len());
        synonyms.split_off(at)
    }
}

/// The type of a node key, also behind a listener's name.
pub(super) fn kind_of(name: &str) -> Option<Kind> {
    definition(name).or_else(|| definition(base_name(name)?)).map(|row| row.kind)
}
