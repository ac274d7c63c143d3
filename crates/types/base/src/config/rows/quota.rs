//! Quotas, delegation tokens and authorization.

use crate::config::definition::Check::NotNull;
use crate::config::definition::{Definition, NULL, class, int, is, long, password, text};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    text("authorizer.class.name", is("")).check(NotNull).low().restricts()
        .doc("Java class that decides who may do what."),
    class("principal.builder.class", is("org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder")).per_broker().restricts()
        .doc("Java class that names the user behind a connection."),
    class("client.quota.callback.class", NULL).low().restricts()
        .doc("Java class that sets clients' quotas."),
    int("quota.window.num", is("11")).at_least(1.0).low().restricts()
        .doc("Windows over which clients' rates are measured."),
    int("quota.window.size.seconds", is("1")).at_least(1.0).low().restricts()
        .doc("Length of such a window."),
    int("controller.quota.window.num", is("11")).at_least(1.0).low().restricts()
        .doc("Windows over which rates of topic changes are measured."),
    int("controller.quota.window.size.seconds", is("1")).at_least(1.0).low().restricts()
        .doc("Length of such a window."),
    int("replication.quota.window.num", is("11")).at_least(1.0).low().restricts()
        .doc("Windows over which replication is measured."),
    int("replication.quota.window.size.seconds", is("1")).at_least(1.0).low().restricts()
        .doc("Length of such a window."),
    int("alter.log.dirs.replication.quota.window.num", is("11")).at_least(1.0).low().restricts()
        .doc("Windows over which moves between directories are measured."),
    int("alter.log.dirs.replication.quota.window.size.seconds", is("1")).at_least(1.0).low().restricts()
        .doc("Length of such a window."),
    password("delegation.token.secret.key", NULL).restricts()
        .doc("Secret that signs delegation tokens; the same on every node."),
    long("delegation.token.max.lifetime.ms", is("604800000")).at_least(1.0).restricts()
        .doc("Longest life of a token."),
    long("delegation.token.expiry.time.ms", is("86400000")).at_least(1.0).restricts()
        .doc("Life of a token until it must be renewed."),
    long("delegation.token.expiry.check.interval.ms", is("3600000")).at_least(1.0).low().restricts()
        .doc("Time between two looks for expired tokens."),
];
