//! Kafka's wire and record messages: generated codec.
