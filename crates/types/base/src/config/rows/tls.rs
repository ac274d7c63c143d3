//! Encryption by TLS.

use crate::config::definition::Check::OneOf;
use crate::config::definition::{Definition, NULL, boolean, class, is, list, password, text};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    text("ssl.protocol", is("TLSv1.3")).per_broker().restricts()
        .doc("Protocol of a new TLS context."),
    text("ssl.provider", NULL).per_broker().restricts()
        .doc("Security provider for TLS."),
    list("ssl.enabled.protocols", is("TLSv1.2,TLSv1.3")).maybe_empty_list_of(&[]).per_broker().restricts()
        .doc("TLS versions that are allowed."),
    list("ssl.cipher.suites", is("")).maybe_empty_list_of(&[]).per_broker().restricts()
        .doc("Cipher suites that are allowed."),
    text("ssl.client.auth", is("none")).check(OneOf(&["required", "requested", "none"])).per_broker().restricts()
        .doc("Whether clients must show a certificate."),
    text("ssl.endpoint.identification.algorithm", is("https")).low().per_broker().restricts()
        .doc("How a server's name is checked."),
    class("ssl.engine.factory.class", NULL).low().per_broker().restricts()
        .doc("Java class that makes TLS engines."),
    text("ssl.keystore.type", is("JKS")).per_broker().restricts()
        .doc("Format of the key store."),
    text("ssl.keystore.location", NULL).per_broker().restricts()
        .doc("File of the key store."),
    password("ssl.keystore.password", NULL).per_broker().restricts()
        .doc("Password of the key store."),
    password("ssl.keystore.key", NULL).per_broker().restricts()
        .doc("Private key in PEM."),
    password("ssl.keystore.certificate.chain", NULL).per_broker().restricts()
        .doc("Certificates in PEM."),
    password("ssl.key.password", NULL).per_broker().restricts()
        .doc("Password of the private key."),
    text("ssl.keymanager.algorithm", is("SunX509")).per_broker().restricts()
        .doc("Algorithm of the key manager."),
    text("ssl.truststore.type", is("JKS")).per_broker().restricts()
        .doc("Format of the trust store."),
    text("ssl.truststore.location", NULL).per_broker().restricts()
        .doc("File of the trust store."),
    password("ssl.truststore.password", NULL).per_broker().restricts()
        .doc("Password of the trust store."),
    password("ssl.truststore.certificates", NULL).per_broker().restricts()
        .doc("Trusted certificates in PEM."),
    text("ssl.trustmanager.algorithm", is("PKIX")).per_broker().restricts()
        .doc("Algorithm of the trust manager."),
    text("ssl.secure.random.implementation", NULL).low().per_broker().restricts()
        .doc("Source of random numbers."),
    text("ssl.principal.mapping.rules", is("DEFAULT")).low().restricts()
        .doc("Rules from certificate names to users."),
    boolean("ssl.allow.dn.changes", is("false")).low().restricts()
        .doc("Whether a new certificate may carry another name."),
    boolean("ssl.allow.san.changes", is("false")).low().restricts()
        .doc("Whether a new certificate may carry other alternative names."),
    text("security.providers", NULL).low().restricts()
        .doc("Java classes of further security providers."),
];
