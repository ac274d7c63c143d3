//! Logins by SASL.

use crate::config::definition::Check::OneOfAnyCase;
use crate::config::definition::{
    Definition, NULL, boolean, class, double, int, is, list, long, password, short, text,
};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    list("sasl.enabled.mechanisms", is("GSSAPI")).maybe_empty_list_of(&[]).per_broker().restricts()
        .doc("Mechanisms that clients may use."),
    text("sasl.mechanism.inter.broker.protocol", is("GSSAPI")).per_broker().restricts()
        .doc("Mechanism among brokers."),
    text("sasl.mechanism.controller.protocol", is("GSSAPI")).high().restricts()
        .doc("Mechanism towards controllers."),
    password("sasl.jaas.config", NULL).per_broker().restricts()
        .doc("Login modules in JAAS notation."),
    class("sasl.client.callback.handler.class", NULL).restricts()
        .doc("Java class for the client side of a login."),
    class("sasl.server.callback.handler.class", NULL).restricts()
        .doc("Java class for the server side of a login."),
    class("sasl.login.callback.handler.class", NULL).restricts()
        .doc("Java class that supplies credentials."),
    class("sasl.login.class", NULL).restricts()
        .doc("Java class that logs in."),
    int("sasl.login.connect.timeout.ms", NULL).low().restricts()
        .doc("Wait for a connection to the identity provider."),
    int("sasl.login.read.timeout.ms", NULL).low().restricts()
        .doc("Wait for an answer of the identity provider."),
    long("sasl.login.retry.backoff.ms", is("100")).low().restricts()
        .doc("First pause before a login is tried again."),
    long("sasl.login.retry.backoff.max.ms", is("10000")).low().restricts()
        .doc("Longest pause before a login is tried again."),
    double("sasl.login.refresh.window.factor", is("0.8")).per_broker().restricts()
        .doc("Part of a token's life after which it is renewed."),
    double("sasl.login.refresh.window.jitter", is("0.05")).per_broker().restricts()
        .doc("Random part of that."),
    short("sasl.login.refresh.min.period.seconds", is("60")).per_broker().restricts()
        .doc("Shortest time between two renewals."),
    short("sasl.login.refresh.buffer.seconds", is("300")).per_broker().restricts()
        .doc("Time before expiry that is kept free for a renewal."),
    int("sasl.server.max.receive.size", is("524288")).restricts()
        .doc("Largest login message."),
    text("sasl.kerberos.service.name", NULL).per_broker().restricts()
        .doc("Kerberos name of the service."),
    text("sasl.kerberos.kinit.cmd", is("/usr/bin/kinit")).per_broker().restricts()
        .doc("Path of kinit."),
    double("sasl.kerberos.ticket.renew.window.factor", is("0.8")).per_broker()
        .doc("Part of a ticket's life after which it is renewed."),
    double("sasl.kerberos.ticket.renew.jitter", is("0.05")).per_broker()
        .doc("Random part of that."),
    long("sasl.kerberos.min.time.before.relogin", is("60000")).per_broker()
        .doc("Shortest time between two logins."),
    list("sasl.kerberos.principal.to.local.rules", is("DEFAULT")).maybe_empty_list_of(&[]).per_broker().restricts()
        .doc("Rules from Kerberos principals to names."),
    text("sasl.oauthbearer.scope.claim.name", is("scope")).low().restricts()
        .doc("Claim that carries the scope."),
    text("sasl.oauthbearer.sub.claim.name", is("sub")).low().restricts()
        .doc("Claim that carries the subject."),
    text("sasl.oauthbearer.token.endpoint.url", NULL).restricts()
        .doc("Where tokens are fetched."),
    text("sasl.oauthbearer.jwks.endpoint.url", NULL).restricts()
        .doc("Where keys that verify tokens are fetched."),
    long("sasl.oauthbearer.jwks.endpoint.refresh.ms", is("3600000")).low().restricts()
        .doc("Time between two fetches of keys."),
    long("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", is("100")).low().restricts()
        .doc("First pause before keys are fetched again."),
    long("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", is("10000")).low().restricts()
        .doc("Longest pause before keys are fetched again."),
    int("sasl.oauthbearer.clock.skew.seconds", is("30")).low().restricts()
        .doc("Difference of clocks that is tolerated."),
    list("sasl.oauthbearer.expected.audience", is("")).maybe_empty_list_of(&[]).high().restricts()
        .doc("Audiences that a token may name."),
    text("sasl.oauthbearer.expected.issuer", NULL).high().restricts()
        .doc("Issuer that a token must name."),
    text("sasl.oauthbearer.scope", NULL).restricts()
        .doc("Scope that is asked for."),
    text("sasl.oauthbearer.client.credentials.client.id", NULL).restricts()
        .doc("Client id at the identity provider."),
    password("sasl.oauthbearer.client.credentials.client.secret", NULL).restricts()
        .doc("Client secret at the identity provider."),
    class("sasl.oauthbearer.jwt.retriever.class", is("org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever")).restricts()
        .doc("Java class that fetches tokens."),
    class("sasl.oauthbearer.jwt.validator.class", is("org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator")).restricts()
        .doc("Java class that verifies tokens."),
    text("sasl.oauthbearer.assertion.algorithm", is("RS256")).check(OneOfAnyCase(&["ES256", "RS256"])).restricts()
        .doc("Algorithm that signs assertions."),
    text("sasl.oauthbearer.assertion.claim.aud", NULL).restricts()
        .doc("Audience of an assertion."),
    int("sasl.oauthbearer.assertion.claim.exp.seconds", is("300")).between(0.0, 86400.0).low().restricts()
        .doc("Life of an assertion."),
    text("sasl.oauthbearer.assertion.claim.iss", NULL).restricts()
        .doc("Issuer of an assertion."),
    boolean("sasl.oauthbearer.assertion.claim.jti.include", is("false")).restricts()
        .doc("Whether an assertion has an id."),
    int("sasl.oauthbearer.assertion.claim.nbf.seconds", is("60")).between(0.0, 3600.0).low().restricts()
        .doc("How far an assertion is dated back."),
    text("sasl.oauthbearer.assertion.claim.sub", NULL).restricts()
        .doc("Subject of an assertion."),
    text("sasl.oauthbearer.assertion.file", NULL).restricts()
        .doc("File with a ready assertion."),
    text("sasl.oauthbearer.assertion.private.key.file", NULL).restricts()
        .doc("File with the key that signs assertions."),
    password("sasl.oauthbearer.assertion.private.key.passphrase", NULL).restricts()
        .doc("Passphrase of that key."),
    text("sasl.oauthbearer.assertion.template.file", NULL).restricts()
        .doc("File with further claims."),
];
