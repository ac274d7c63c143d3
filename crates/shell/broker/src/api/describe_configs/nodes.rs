//! The configuration of brokers: this one's, that of all, and the levels of the log.

use std::collections::BTreeSet;

use headwater_base::config::Scope;
use headwater_base::config::node::{self, definition};
use headwater_protocol::messages::describe_configs_response::DescribeConfigsResourceResult;

use super::Entries;
use super::entry::{NodeSources, Source, is_sensitive, kind_of, text, type_of};
use crate::broker::Broker;

/// Every key of this node's, with what holds now; also what nobody knows and somebody set.
pub(super) fn this_broker(broker: &Broker) -> Entries {
    let image = broker.image();
    let (file, current) = (broker.config.file(), broker.config.current());
    let sources = NodeSources::new(file, &image);
    let set = || sources.own.keys().chain(sources.all.keys()).chain(sources.file.keys()).map(String::as_str);
    let known = node::definitions().filter(|row| !row.internal).map(|row| row.name);
    let names: BTreeSet<&str> = known.chain(set()).collect();
    let entry = |name: &str| {
        let is_known = definition(name).is_some_and(|row| !row.internal);
        let written = || sources.own.get(name).or(sources.all.get(name)).or(sources.file.get(name)).cloned();
        let value = if is_known { text(&current.value(name)) } else { written() };
        shown(name, value, &sources)
    };
    names.into_iter().map(entry).collect()
}

/// What is set for all brokers.
pub(super) fn all_brokers(broker: &Broker) -> Entries {
    let image = broker.image();
    let sources = NodeSources::new(broker.config.file(), &image);
    let entry = |(name, value): (&String, &String)| {
        let mut entry = shown(name, Some(value.clone()), &sources);
        entry.synonyms.retain(|synonym| synonym.source == Source::DynamicDefaultBroker as i8);
        entry.config_source = Source::DynamicDefaultBroker as i8;
        entry
    };
    sources.all.iter().map(entry).collect()
}

fn shown(name: &str, value: Option<String>, sources: &NodeSources<'_>) -> DescribeConfigsResourceResult {
    let (row, kind) = (definition(name), kind_of(name));
    let synonyms = sources.synonyms(name);
    let can_change = row.is_some_and(|row| matches!(row.scope, Scope::PerBroker | Scope::ClusterWide));
    DescribeConfigsResourceResult {
        name: name.to_owned(),
        value: value.filter(|_| !is_sensitive(kind)),
        read_only: !can_change,
        config_source: synonyms.first().map_or(Source::Default as i8, |first| first.source),
        is_sensitive: is_sensitive(kind),
        synonyms,
        config_type: type_of(kind),
        documentation: row.map(|row| row.documentation.to_owned()),
    }
}

/// The loggers of this node.
pub(super) fn loggers(broker: &Broker) -> Entries {
    let entry = |(name, level): (String, crate::loggers::LogLevel)| DescribeConfigsResourceResult {
        name,
        value: Some(level.name().to_owned()),
        config_source: Source::DynamicBrokerLogger as i8,
        ..DescribeConfigsResourceResult::default()
    };
    broker.loggers.all().into_iter().map(entry).collect()
}
