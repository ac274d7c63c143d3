//! The producer's configuration (`ProducerConfig`).

use headwater_records::{Codec, Compression};

use crate::config::{ClientConfig, Loaded, Properties, Role};
use crate::error::{Error, ErrorKind, Result};
use crate::machine::producer::Limits;

/// How partitions are chosen for records that name none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partitioner {
    /// By the key's hash, and without key one partition for as long as a batch (KIP-794).
    Default,
    /// In turn, whatever the key (`RoundRobinPartitioner`).
    RoundRobin,
}

/// The producer's configuration.
#[derive(Clone, Debug)]
pub struct ProducerConfig {
    /// What all clients share.
    pub client: ClientConfig,
    /// −1 all replicas in sync, 1 the leader, 0 nobody.
    pub acks: i16,
    /// Rules of the machine.
    pub limits: Limits,
    /// `buffer.memory`: bytes of records that wait for their end.
    pub buffer_memory: u64,
    /// `max.block.ms`: how long a send waits for metadata and memory.
    pub max_block_ms: u64,
    /// `partitioner.class`.
    pub partitioner: Partitioner,
    /// `partitioner.ignore.keys`.
    pub ignore_keys: bool,
}

const ROUND_ROBIN: &str = "org.apache.kafka.clients.producer.RoundRobinPartitioner";

impl ProducerConfig {
    /// Reads Kafka's keys; gives the warnings too.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the reference's sentence.
    pub fn from_properties(given: &Properties) -> Result<(ProducerConfig, Vec<String>)> {
        let loaded = Loaded::parse(Role::Producer, given)?;
        let client = ClientConfig::from_loaded(&loaded)?;
        let acks = match loaded.text("acks") {
            Some("0") => 0,
            Some("1") => 1,
            _ => -1,
        };
        let partitioner = match loaded.text("partitioner.class") {
            None => Partitioner::Default,
            Some(ROUND_ROBIN) => Partitioner::RoundRobin,
            Some(other) => return refuse(format!("Class {other} could not be found.")),
        };
        let config = ProducerConfig {
            acks,
            limits: Limits {
                batch_size: loaded.unsigned("batch.size") as usize,
                linger_ms: loaded.unsigned("linger.ms"),
                max_in_flight: loaded.unsigned("max.in.flight.requests.per.connection") as usize,
                retries: client.retries,
                delivery_timeout_ms: delivery_timeout(&loaded, given)?,
                max_request_size: loaded.unsigned("max.request.size") as usize,
                idempotent: idempotence(&loaded, given, acks)?,
                compression: compression(&loaded),
            },
            buffer_memory: loaded.unsigned("buffer.memory"),
            max_block_ms: loaded.unsigned("max.block.ms"),
            partitioner,
            ignore_keys: loaded.boolean("partitioner.ignore.keys"),
            client,
        };
        Ok((config, loaded.warnings))
    }
}

fn refuse<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::new(ErrorKind::Config, message))
}

fn compression(loaded: &Loaded) -> Compression {
    let name = loaded.text("compression.type").unwrap_or("none");
    let codec = Codec::ALL.into_iter().find(|codec| codec.name() == name).unwrap_or_default();
    let level = |key| i32::try_from(loaded.integer(key)).ok();
    let level = match codec {
        Codec::Gzip => level("compression.gzip.level"),
        Codec::Lz4 => level("compression.lz4.level"),
        Codec::Zstd => level("compression.zstd.level"),
        Codec::None | Codec::Snappy => None,
    };
    Compression { codec, level }
}

/// `KafkaProducer.configureDeliveryTimeout`.
fn delivery_timeout(loaded: &Loaded, given: &Properties) -> Result<u64> {
    let timeout = loaded.unsigned("delivery.timeout.ms");
    let least = loaded.unsigned("linger.ms").saturating_add(loaded.unsigned("request.timeout.ms"));
    if timeout >= least {
        return Ok(timeout);
    }
    if given.contains_key("delivery.timeout.ms") {
        return refuse(
            "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms",
        );
    }
    tracing::warn!(
        "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms. Setting it to {least}."
    );
    Ok(least)
}

/// On unless something speaks against it; an error when it was asked for by name (`ProducerConfig.postProcessParsedConfig`).
fn idempotence(loaded: &Loaded, given: &Properties, acks: i16) -> Result<bool> {
    if !loaded.boolean("enable.idempotence") {
        return Ok(false);
    }
    let obstacle = if loaded.integer("retries") == 0 {
        "Must set retries to non-zero when using the idempotent producer."
    } else if acks != -1 {
        "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence."
    } else if loaded.integer("max.in.flight.requests.per.connection") > 5 {
        "Must set max.in.flight.requests.per.connection to at most 5 to use the idempotent producer."
    } else {
        return Ok(true);
    };
    if given.contains_key("enable.idempotence") {
        return refuse(obstacle);
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::properties;

    fn of(pairs: &[(&str, &str)]) -> Result<ProducerConfig> {
        let mut given = properties([("bootstrap.servers", "a:1")]);
        given.extend(properties(pairs.iter().copied()));
        ProducerConfig::from_properties(&given).map(|(config, _)| config)
    }

    #[test]
    fn idempotence_follows_the_reference() {
        assert!(of(&[]).unwrap().limits.idempotent);
        assert!(!of(&[("acks", "1")]).unwrap().limits.idempotent);
        assert!(!of(&[("retries", "0")]).unwrap().limits.idempotent);
        assert!(of(&[("acks", "-1"), ("enable.idempotence", "true")]).unwrap().limits.idempotent);
        for obstacle in [("acks", "0"), ("retries", "0"), ("max.in.flight.requests.per.connection", "6")] {
            assert!(of(&[obstacle, ("enable.idempotence", "true")]).is_err());
        }
    }

    #[test]
    fn timeouts_and_codecs() {
        assert_eq!(of(&[]).unwrap().limits.delivery_timeout_ms, 120_000);
        assert_eq!(of(&[("request.timeout.ms", "200000")]).unwrap().limits.delivery_timeout_ms, 200_005);
        assert!(of(&[("request.timeout.ms", "200000"), ("delivery.timeout.ms", "1")]).is_err());
        let config = of(&[("compression.type", "zstd"), ("compression.zstd.level", "7")]).unwrap();
        assert_eq!(config.limits.compression, Compression { codec: Codec::Zstd, level: Some(7) });
        assert!(of(&[("partitioner.class", "x.Y")]).is_err());
        assert_eq!(of(&[("partitioner.class", ROUND_ROBIN)]).unwrap().partitioner, Partitioner::RoundRobin);
    }
}
