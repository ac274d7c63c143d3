//! Where a node listens and what it tells others about it (`AbstractKafkaConfig.listenerListToEndPoints`,
//! `KafkaConfig.validateValues`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Roles, Values};
use crate::config::host_port::{self, HostPort};
use crate::config::value::ConfigError;

/// How a listener's connections are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityProtocol {
    /// Nothing.
    Plaintext,
    /// TLS.
    Ssl,
    /// A login without encryption.
    SaslPlaintext,
    /// A login over TLS.
    SaslSsl,
}

impl SecurityProtocol {
    const ALL: [(&'static str, Self); 4] = [
        ("PLAINTEXT", Self::Plaintext),
        ("SSL", Self::Ssl),
        ("SASL_PLAINTEXT", Self::SaslPlaintext),
        ("SASL_SSL", Self::SaslSsl),
    ];

    fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, protocol)| *protocol)
    }

    /// Kafka's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Ssl => "SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
            Self::SaslSsl => "SASL_SSL",
        }
    }

    /// The protocol's number in metadata records and on the wire.
    #[must_use]
    pub fn id(self) -> i16 {
        match self {
            Self::Plaintext => 0,
            Self::Ssl => 1,
            Self::SaslPlaintext => 2,
            Self::SaslSsl => 3,
        }
    }
}

/// One listener: its name in capitals, where it is, how it is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Name, in capitals.
    pub name: String,
    /// Host and port; an empty host is every interface.
    pub address: HostPort,
    /// Protection.
    pub protocol: SecurityProtocol,
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.name, self.address)
    }
}

/// All listeners of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listeners {
    /// Everything the node binds, in the order of the configuration.
    pub bound: Vec<Listener>,
    /// What clients and brokers are told; an empty host is the node's own name.
    pub advertised: Vec<Listener>,
    /// What other nodes are told about the controller's listeners.
    pub advertised_controller: Vec<Listener>,
    /// Names of the controller's listeners, in capitals, the preferred one first.
    pub controller_names: Vec<String>,
    /// Name of the listener that brokers use among themselves.
    pub inter_broker: String,
}

impl Listeners {
    /// True for a listener of the controller.
    #[must_use]
    pub fn is_controller(&self, name: &str) -> bool {
        self.controller_names.iter().any(|known| known == name)
    }
}

type Protocols = BTreeMap<String, SecurityProtocol>;

/// Reads and checks everything about listeners.
pub(super) fn read(values: &Values, roles: Roles) -> Result<Listeners, ConfigError> {
    let controller_names: Vec<String> =
        values.list("controller.listener.names").iter().map(|name| name.to_uppercase()).collect();
    let protocols = protocols(values, &controller_names)?;
    let bound = parse(&values.list("listeners"), &protocols, true)?;
    let is_controller = |listener: &Listener| controller_names.contains(&listener.name);
    let all_advertised = match values.is_null("advertised.listeners") {
        true => bound.clone(),
        false => parse(&values.list("advertised.listeners"), &protocols, false)?,
    };
    let advertised: Vec<Listener> = all_advertised.iter().filter(|it| !is_controller(it)).cloned().collect();
    let mut advertised_controller = Vec::new();
    for name in &controller_names {
        let told = all_advertised.iter().find(|it| it.name == *name);
        if let Some(listener) = told.or_else(|| bound.iter().find(|it| it.name == *name)) {
            let mut listener = listener.clone();
            if listener.address.host.is_empty() {
                "localhost".clone_into(&mut listener.address.host);
            }
            advertised_controller.push(listener);
        }
    }
    let inter_broker = inter_broker(values, &protocols)?;
    let listeners = Listeners { bound, advertised, advertised_controller, controller_names, inter_broker };
    check_controller(&listeners, values, &protocols, roles)?;
    check_broker(&listeners, roles)?;
    Ok(listeners)
}

/// The protocol of each listener name. Controller listeners that nobody maps are plaintext as long as nothing else in
/// use is protected.
fn protocols(values: &Values, controller_names: &[String]) -> Result<Protocols, ConfigError> {
    const KEY: &str = "listener.security.protocol.map";
    let mut protocols = Protocols::new();
    for entry in values.text(KEY).split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let (name, protocol) = entry
            .split_once(':')
            .ok_or_else(|| ConfigError(format!("Error parsing configuration property '{KEY}': {entry}")))?;
        protocols.insert(name.trim().to_uppercase(), protocol_of(protocol.trim(), KEY)?);
    }
    let is_protected = |name: &str| {
        SecurityProtocol::of(name).is_some_and(|protocol| protocol != SecurityProtocol::Plaintext)
    };
    let names = values.list("listeners");
    let any_protected =
        names.iter().filter_map(|listener| listener.split_once("://")).any(|(name, _)| is_protected(name));
    if !values.is_set(KEY) && !any_protected && !controller_names.iter().any(|name| is_protected(name)) {
        for name in controller_names {
            protocols.insert(name.clone(), SecurityProtocol::Plaintext);
        }
    }
    Ok(protocols)
}

fn protocol_of(name: &str, key: &str) -> Result<SecurityProtocol, ConfigError> {
    SecurityProtocol::of(name)
        .ok_or_else(|| ConfigError(format!("Invalid security protocol `{name}` defined in {key}")))
}

fn parse(
    texts: &[String],
    protocols: &Protocols,
    distinct_ports: bool,
) -> Result<Vec<Listener>, ConfigError> {
    let all = texts.join(", ");
    let broken =
        |what: String| ConfigError(format!("Error creating broker listeners from '[{all}]': {what}"));
    let mut listeners = Vec::new();
    for text in texts {
        let unparsable = || broken(format!("Unable to parse {text} to a broker endpoint"));
        let (name, address) = text.split_once("://").ok_or_else(unparsable)?;
        let name = name.to_uppercase();
        let address = host_port::split(address).map_err(|_| unparsable())?;
        let protocol = *protocols
            .get(&name)
            .ok_or_else(|| broken(format!("No security protocol defined for listener {name}")))?;
        listeners.push(Listener { name, address, protocol });
    }
    check_distinct(&listeners, &all, distinct_ports).map_err(broken)?;
    Ok(listeners)
}

fn check_distinct(listeners: &[Listener], all: &str, distinct_ports: bool) -> Result<(), String> {
    let names: BTreeSet<&str> = listeners.iter().map(|listener| listener.name.as_str()).collect();
    if names.len() != listeners.len() {
        return Err(format!("Each listener must have a different name, listeners: [{all}]"));
    }
    if !distinct_ports {
        return Ok(());
    }
    let mut by_port: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for listener in listeners.iter().filter(|listener| listener.address.port != 0) {
        by_port.entry(listener.address.port).or_default().push(&listener.address.host);
    }
    for (port, hosts) in by_port.iter().filter(|(_, hosts)| hosts.len() > 1) {
        let is_v4 = |host: &&str| host.parse::<std::net::Ipv4Addr>().is_ok();
        let is_v6 = |host: &&str| host.parse::<std::net::Ipv6Addr>().is_ok();
        if !hosts.iter().all(|host| is_v4(host) || is_v6(host)) {
            return Err(format!("Each listener must have a different port, listeners: [{all}]"));
        }
        if hosts.len() > 2 {
            return Err(format!(
                "Each listener must have a different port unless exactly one listener has an IPv4 address and the \
                 other IPv6 address, listeners: [{all}], port: {port}"
            ));
        }
        if hosts.iter().filter(|host| is_v4(host)).count() != 1 {
            return Err(format!(
                "If you have two listeners on the same port then one needs to be IPv4 and the other IPv6, \
                 listeners: [{all}], port: {port}"
            ));
        }
    }
    Ok(())
}

fn inter_broker(values: &Values, protocols: &Protocols) -> Result<String, ConfigError> {
    const NAME: &str = "inter.broker.listener.name";
    const PROTOCOL: &str = "security.inter.broker.protocol";
    if values.is_null(NAME) {
        return Ok(protocol_of(&values.text(PROTOCOL), PROTOCOL)?.name().to_owned());
    }
    if values.is_set(PROTOCOL) {
        return Err(ConfigError(format!("Only one of {NAME} and {PROTOCOL} should be set.")));
    }
    let name = values.text(NAME).to_uppercase();
    if protocols.contains_key(&name) {
        return Ok(name);
    }
    Err(ConfigError(format!(
        "Listener with name {name} defined in {NAME} not found in listener.security.protocol.map."
    )))
}

fn check_controller(
    listeners: &Listeners,
    values: &Values,
    protocols: &Protocols,
    roles: Roles,
) -> Result<(), ConfigError> {
    let error = |text: &str| Err(ConfigError(text.to_owned()));
    let bound_controllers = listeners.bound.iter().filter(|it| listeners.is_controller(&it.name)).count();
    if !roles.controller {
        if bound_controllers > 0 {
            return error(
                "controller.listener.names must not contain a value appearing in the 'listeners' configuration when \
                 running KRaft with just the broker role",
            );
        }
        return match listeners.controller_names.iter().find(|name| !protocols.contains_key(*name)) {
            None => Ok(()),
            Some(name) => Err(ConfigError(format!(
                "Controller listener with name {name} defined in controller.listener.names not found in \
                 listener.security.protocol.map  (an explicit security mapping for each controller listener is \
                 required if listener.security.protocol.map is non-empty, or if there are security protocols other \
                 than PLAINTEXT in use)"
            ))),
        };
    }
    if !roles.broker && listeners.advertised_controller.len() != listeners.bound.len() {
        return error(
            "The listeners config must only contain KRaft controller listeners from controller.listener.names when \
             process.roles=controller",
        );
    }
    if !roles.broker
        && !values.is_null("inter.broker.listener.name")
        && listeners.is_controller(&listeners.inter_broker)
    {
        return error(
            "controller.listener.names must not contain an explicitly set inter.broker.listener.name configuration \
             value when process.roles=controller'",
        );
    }
    if listeners.advertised_controller.is_empty() {
        return error(
            "controller.listener.names must contain at least one value appearing in the 'listeners' configuration \
             when running the KRaft controller role",
        );
    }
    let is_bound = |name: &String| listeners.bound.iter().any(|it| it.name == *name);
    if !listeners.controller_names.iter().all(is_bound) {
        return error(
            "controller.listener.names must only contain values appearing in the 'listeners' configuration when \
             running the KRaft controller role",
        );
    }
    Ok(())
}

fn check_broker(listeners: &Listeners, roles: Roles) -> Result<(), ConfigError> {
    let names = |them: &[Listener]| them.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(",");
    if roles.broker {
        if listeners.advertised.is_empty() {
            return Err(ConfigError(
                "There must be at least one broker advertised listener. Perhaps all listeners appear in \
                 controller.listener.names?"
                    .to_owned(),
            ));
        }
        if !listeners.advertised.iter().any(|it| it.name == listeners.inter_broker) {
            return Err(ConfigError(format!(
                "inter.broker.listener.name must be a listener name defined in advertised.listeners. The valid \
                 options based on currently configured listeners are {}",
                names(&listeners.advertised)
            )));
        }
        if !listeners.advertised.iter().all(|it| listeners.bound.iter().any(|bound| bound.name == it.name)) {
            return Err(ConfigError(format!(
                "advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. \
                 Found {}. The valid options based on the current configuration are {}",
                names(&listeners.advertised),
                names(&listeners.bound)
            )));
        }
    }
    let told = listeners.advertised.iter().chain(&listeners.advertised_controller);
    if told.into_iter().any(|it| it.address.host == "0.0.0.0") {
        return Err(ConfigError(
            "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address."
                .to_owned(),
        ));
    }
    Ok(())
}
