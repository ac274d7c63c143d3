//! The options of `kafka-configs`, and which of them go together.

use crate::command_line::{DISPLAY_VERSION, HELP, exclude, usage};
use crate::console::{Console, Stop, Thrown};
use crate::jopt::{OptionSet, Row, flag, takes};

/// All options.
pub(super) const OPTIONS: &[Row] = &[
    HELP,
    DISPLAY_VERSION,
    takes(&["bootstrap-server"], "server to connect to", "The Kafka servers to connect to."),
    takes(&["bootstrap-controller"], "controller to connect to", "The Kafka controllers to connect to."),
    takes(
        &["command-config"],
        "command config property file",
        "Property file containing configs to be passed to Admin Client. This is used only with --bootstrap-server option for describing and altering broker configs.",
    ),
    flag(&["alter"], "Alter the configuration for the entity."),
    flag(&["describe"], "List configs for the given entity."),
    flag(&["all"], "List all configs for the given entity, including static configs if available."),
    takes(
        &["entity-type"],
        "",
        "Type of entity (topics/clients/users/brokers/broker-loggers/ips/client-metrics/groups)",
    ),
    takes(
        &["entity-name"],
        "",
        "Name of entity (topic name/client id/user principal name/broker id/ip/client metrics/group id)",
    ),
    flag(
        &["entity-default"],
        "Default entity name for clients/users/brokers/ips (applies to corresponding entity type)",
    ),
    takes(
        &["add-config"],
        "",
        "Key Value pairs of configs to add. Square brackets can be used to group values which contain commas: 'k1=v1,k2=[v1,v2,v2],k3=v3'. The following is a list of valid configurations: For entity-type 'topics': \n\tcleanup.policy\n\tcompression.gzip.level\n\tcompression.lz4.level\n\tcompression.type\n\tcompression.zstd.level\n\tdelete.retention.ms\n\tfile.delete.delay.ms\n\tflush.messages\n\tflush.ms\n\tfollower.replication.throttled.replicas\n\tindex.interval.bytes\n\tleader.replication.throttled.replicas\n\tlocal.retention.bytes\n\tlocal.retention.ms\n\tmax.compaction.lag.ms\n\tmax.message.bytes\n\tmessage.timestamp.after.max.ms\n\tmessage.timestamp.before.max.ms\n\tmessage.timestamp.type\n\tmin.cleanable.dirty.ratio\n\tmin.compaction.lag.ms\n\tmin.insync.replicas\n\tpreallocate\n\tremote.log.copy.disable\n\tremote.log.delete.on.disable\n\tremote.storage.enable\n\tretention.bytes\n\tretention.ms\n\tsegment.bytes\n\tsegment.index.bytes\n\tsegment.jitter.ms\n\tsegment.ms\n\tunclean.leader.election.enable\nFor entity-type 'brokers': \n\tbackground.threads\n\tcompression.gzip.level\n\tcompression.lz4.level\n\tcompression.type\n\tcompression.zstd.level\n\tconfig.providers\n\tcordoned.log.dirs\n\tfollower.fetch.last.tiered.offset.enable\n\tfollower.replication.throttled.rate\n\tgroup.consumer.assignment.interval.ms\n\tgroup.coordinator.cached.buffer.max.bytes\n\tgroup.share.assignment.interval.ms\n\tgroup.streams.assignment.interval.ms\n\tleader.replication.throttled.rate\n\tlistener.security.protocol.map\n\tlisteners\n\tlog.cleaner.backoff.ms\n\tlog.cleaner.dedupe.buffer.size\n\tlog.cleaner.delete.retention.ms\n\tlog.cleaner.io.buffer.load.factor\n\tlog.cleaner.io.buffer.size\n\tlog.cleaner.io.max.bytes.per.second\n\tlog.cleaner.max.compaction.lag.ms\n\tlog.cleaner.min.cleanable.ratio\n\tlog.cleaner.min.compaction.lag.ms\n\tlog.cleaner.threads\n\tlog.cleanup.policy\n\tlog.flush.interval.messages\n\tlog.flush.interval.ms\n\tlog.index.interval.bytes\n\tlog.index.size.max.bytes\n\tlog.local.retention.bytes\n\tlog.local.retention.ms\n\tlog.message.timestamp.after.max.ms\n\tlog.message.timestamp.before.max.ms\n\tlog.message.timestamp.type\n\tlog.preallocate\n\tlog.retention.bytes\n\tlog.retention.ms\n\tlog.roll.jitter.ms\n\tlog.roll.ms\n\tlog.segment.bytes\n\tlog.segment.delete.delay.ms\n\tmax.connection.creation.rate\n\tmax.connections\n\tmax.connections.per.ip\n\tmax.connections.per.ip.overrides\n\tmessage.max.bytes\n\tmetric.reporters\n\tmin.insync.replicas\n\tnum.io.threads\n\tnum.network.threads\n\tnum.recovery.threads.per.data.dir\n\tnum.replica.fetchers\n\tprincipal.builder.class\n\tproducer.id.expiration.ms\n\tremote.fetch.max.wait.ms\n\tremote.list.offsets.request.timeout.ms\n\tremote.log.index.file.cache.total.size.bytes\n\tremote.log.manager.copier.thread.pool.size\n\tremote.log.manager.copy.max.bytes.per.second\n\tremote.log.manager.expiration.thread.pool.size\n\tremote.log.manager.fetch.max.bytes.per.second\n\tremote.log.manager.follower.thread.pool.size\n\tremote.log.reader.threads\n\treplica.alter.log.dirs.io.max.bytes.per.second\n\tsasl.enabled.mechanisms\n\tsasl.jaas.config\n\tsasl.kerberos.kinit.cmd\n\tsasl.kerberos.min.time.before.relogin\n\tsasl.kerberos.principal.to.local.rules\n\tsasl.kerberos.service.name\n\tsasl.kerberos.ticket.renew.jitter\n\tsasl.kerberos.ticket.renew.window.factor\n\tsasl.login.refresh.buffer.seconds\n\tsasl.login.refresh.min.period.seconds\n\tsasl.login.refresh.window.factor\n\tsasl.login.refresh.window.jitter\n\tsasl.mechanism.inter.broker.protocol\n\tshare.coordinator.cached.buffer.max.bytes\n\tssl.cipher.suites\n\tssl.client.auth\n\tssl.enabled.protocols\n\tssl.endpoint.identification.algorithm\n\tssl.engine.factory.class\n\tssl.key.password\n\tssl.keymanager.algorithm\n\tssl.keystore.certificate.chain\n\tssl.keystore.key\n\tssl.keystore.location\n\tssl.keystore.password\n\tssl.keystore.type\n\tssl.protocol\n\tssl.provider\n\tssl.secure.random.implementation\n\tssl.trustmanager.algorithm\n\tssl.truststore.certificates\n\tssl.truststore.location\n\tssl.truststore.password\n\tssl.truststore.type\n\ttransaction.partition.verification.enable\n\tunclean.leader.election.enable\nFor entity-type 'users': \n\tSCRAM-SHA-256\n\tSCRAM-SHA-512\n\tconsumer_byte_rate\n\tcontroller_mutation_rate\n\tproducer_byte_rate\n\trequest_percentage\nFor entity-type 'clients': \n\tconsumer_byte_rate\n\tcontroller_mutation_rate\n\tproducer_byte_rate\n\trequest_percentage\nFor entity-type 'ips': \n\tconnection_creation_rate\nFor entity-type 'client-metrics': \n\tinterval.ms\n\tmatch\n\tmetrics\nFor entity-type 'groups': \n\tconsumer.assignment.interval.ms\n\tconsumer.heartbeat.interval.ms\n\tconsumer.session.timeout.ms\n\tshare.assignment.interval.ms\n\tshare.auto.offset.reset\n\tshare.delivery.count.limit\n\tshare.heartbeat.interval.ms\n\tshare.isolation.level\n\tshare.partition.max.record.locks\n\tshare.record.lock.duration.ms\n\tshare.renew.acknowledge.enable\n\tshare.session.timeout.ms\n\tstreams.assignment.interval.ms\n\tstreams.heartbeat.interval.ms\n\tstreams.initial.rebalance.delay.ms\n\tstreams.num.standby.replicas\n\tstreams.session.timeout.ms\nEntity types 'users' and 'clients' may be specified together to update config for clients of a specific user.",
    ),
    takes(
        &["add-config-file"],
        "",
        "Path to a properties file with configs to add. See add-config for a list of valid configurations.",
    ),
    takes(&["delete-config"], "", "config keys to remove 'k1,k2'").separated_by(','),
    takes(&["topic"], "", "The topic's name."),
    takes(&["client"], "", "The client's ID."),
    flag(&["client-defaults"], "The config defaults for all clients."),
    takes(&["user"], "", "The user's principal name."),
    flag(&["user-defaults"], "The config defaults for all users."),
    takes(&["broker"], "", "The broker's ID."),
    flag(&["broker-defaults"], "The config defaults for all brokers."),
    takes(&["broker-logger"], "", "The broker's ID for its logger config."),
    flag(&["ip-defaults"], "The config defaults for all IPs."),
    takes(&["ip"], "", "The IP address."),
    takes(&["group"], "", "The group's ID."),
    takes(&["client-metrics"], "", "The client metrics config resource name."),
];

/// What can have a configuration.
const TYPES: [&str; 8] =
    ["topics", "clients", "users", "brokers", "ips", "client-metrics", "groups", "broker-loggers"];

/// Options that name an entity with its type.
const FLAGS: [(&str, &str); 8] = [
    ("topic", "topics"),
    ("client", "clients"),
    ("user", "users"),
    ("broker", "brokers"),
    ("broker-logger", "broker-loggers"),
    ("ip", "ips"),
    ("client-metrics", "client-metrics"),
    ("group", "groups"),
];
const DEFAULT_FLAGS: [(&str, &str); 4] = [
    ("client-defaults", "clients"),
    ("user-defaults", "users"),
    ("broker-defaults", "brokers"),
    ("ip-defaults", "ips"),
];

/// The types of the entities that the options name.
pub(super) fn types(options: &OptionSet<'_>) -> Result<Vec<String>, Stop> {
    let mut types = options.values("entity-type")?;
    let given = FLAGS.iter().chain(&DEFAULT_FLAGS).filter(|(flag, _)| options.has(flag));
    types.extend(given.map(|(_, kind)| (*kind).to_owned()));
    Ok(types)
}

/// The names of the entities; the empty one is the default.
pub(super) fn names(options: &OptionSet<'_>) -> Result<Vec<String>, Stop> {
    let mut values = options.values("entity-name")?.into_iter();
    let mut names = Vec::new();
    for option in options.sequence() {
        match *option {
            "entity-name" => names.extend(values.next()),
            "entity-default" => names.push(String::new()),
            _ => {}
        }
    }
    for (flag, _) in FLAGS.iter().filter(|(flag, _)| options.has(flag)) {
        names.extend(options.value(flag)?);
    }
    names.extend(DEFAULT_FLAGS.iter().filter(|(flag, _)| options.has(flag)).map(|_| String::new()));
    Ok(names)
}

fn refuse<T>(message: impl Into<String>) -> Result<T, Stop> {
    Err(Thrown::illegal_argument(message).into())
}

/// Refuses what does not go together.
pub(super) fn check(console: &mut Console, options: &OptionSet<'_>) -> Result<(), Stop> {
    if options.has("alter") == options.has("describe") {
        let message = "Command must include exactly one action: --describe, --alter";
        return Err(usage(console, options.rows(), message));
    }
    exclude(console, options, "describe", &["alter", "add-config", "delete-config"])?;
    let kinds = types(options)?;
    let mut distinct: Vec<&String> = Vec::new();
    let mut doubled: Vec<&str> = Vec::new();
    for kind in &kinds {
        if distinct.contains(&kind) {
            doubled.push(kind);
        } else {
            distinct.push(kind);
        }
    }
    if !doubled.is_empty() {
        return refuse(format!("Duplicate entity type(s) specified: {}", doubled.join(",")));
    }
    if !options.has("bootstrap-server") && !options.has("bootstrap-controller") {
        return refuse("Either --bootstrap-server or --bootstrap-controller must be specified.");
    }
    if let Some(kind) = kinds.iter().find(|kind| !TYPES.contains(&kind.as_str())) {
        return refuse(format!(
            "Invalid entity type {kind}, the entity type must be one of {} with a --bootstrap-server or --bootstrap-controller \
             argument",
            TYPES.join(", ")
        ));
    }
    if kinds.is_empty() {
        return refuse("At least one entity type must be specified");
    }
    let pair = kinds.len() == 2 && distinct.iter().all(|kind| ["users", "clients"].contains(&kind.as_str()));
    if kinds.len() > 1 && !pair {
        return refuse("Only 'users' and 'clients' entity types may be specified together");
    }
    let general = ["entity-name", "entity-type", "entity-default"].iter().any(|option| options.has(option));
    if general && FLAGS.iter().chain(&DEFAULT_FLAGS).any(|(flag, _)| options.has(flag)) {
        return refuse(
            "--entity-{type,name,default} should not be used in conjunction with specific entity flags",
        );
    }
    if options.has("bootstrap-server") && options.has("bootstrap-controller") {
        return refuse("Only one of --bootstrap-server or --bootstrap-controller can be specified");
    }
    check_names(options, &kinds)
}

fn check_names(options: &OptionSet<'_>, kinds: &[String]) -> Result<(), Stop> {
    let names = names(options)?;
    let has_name = names.iter().any(|name| !name.is_empty());
    let has_default = names.iter().any(String::is_empty);
    let has_kind = |kind: &str| kinds.iter().any(|it| it == kind);
    let all = kinds.join(",");
    if has_name && (has_kind("brokers") || has_kind("broker-loggers")) {
        for option in ["entity-name", "broker", "broker-logger"].into_iter().filter(|it| options.has(it)) {
            let id = options.value(option)?.unwrap_or_default();
            if id.parse::<i32>().is_err() {
                let kind = &kinds[0];
                return refuse(format!(
                    "The entity name for {kind} must be a valid integer broker id, but it is: {id}"
                ));
            }
        }
    }
    let with_defaults = ["users", "clients", "brokers", "ips"].into_iter().any(has_kind);
    if options.has("describe") {
        if !with_defaults && options.has("entity-default") {
            return refuse(format!("--entity-default must not be specified with --describe of {all}"));
        }
        if has_kind("broker-loggers") && !has_name {
            return refuse(format!("An entity name must be specified with --describe of {all}"));
        }
        return Ok(());
    }
    if with_defaults && !has_name && !has_default {
        return refuse(
            "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips",
        );
    }
    if !with_defaults && !has_name {
        return refuse(format!("An entity name must be specified with --alter of {all}"));
    }
    if options.has("add-config") && options.has("add-config-file") {
        return refuse("Only one of --add-config or --add-config-file must be specified");
    }
    if !["add-config", "add-config-file", "delete-config"].iter().any(|option| options.has(option)) {
        return refuse(
            "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter",
        );
    }
    Ok(())
}
