//! The image against a log that Apache Kafka wrote, and laws over seeded records.

mod apache;
mod laws;
mod seeded;
mod speed;
