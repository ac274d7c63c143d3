//! The producer: records in, their offsets out.
//!
//! [`Producer::send`] waits for the acknowledgement, [`Producer::enqueue`] only until the record has its place in a batch
//! and gives a [`Delivery`] to be awaited or dropped, [`Producer::send_with`] calls back. All wait while `buffer.memory` is
//! used up, at most `max.block.ms`. Dropping a future before the record has its place sends nothing; afterwards it changes
//! nothing. One task sends; it ends when the last handle is gone, and what is not settled then fails.

mod choice;
mod config;
mod sender;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use headwater_base::ErrorCode;
use headwater_records::Header;
use headwater_runtime::sync::{Notify, Permit, Permits, oneshot};
use headwater_runtime::{Runtime, Tick};

pub use config::{Partitioner, ProducerConfig};

use crate::config::Properties;
use crate::error::{Error, ErrorKind, Result, check};
use crate::machine::metadata::Topic;
use crate::machine::producer::{ProducerMachine, Settled, Verdict, size_of};
use crate::net::cluster::{Cluster, Topics};
use choice::Choice;

/// A record to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The topic.
    pub topic: String,
    /// The partition; `None` lets the producer choose.
    pub partition: Option<i32>,
    /// The key.
    pub key: Option<Vec<u8>>,
    /// The value; `None` is a tombstone in a compacted topic.
    pub value: Option<Vec<u8>>,
    /// Headers in their order.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    /// Milliseconds since 1970; `None` is now.
    pub timestamp: Option<i64>,
}

impl Record {
    /// A record without key.
    #[must_use]
    pub fn new(topic: &str, value: impl Into<Vec<u8>>) -> Record {
        Record { topic: topic.to_owned(), value: Some(value.into()), ..Record::default() }
    }

    /// The same record with a key.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<Vec<u8>>) -> Record {
        self.key = Some(key.into());
        self
    }
}

/// Where a record is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordMetadata {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// Its offset; −1 when it is not known (`acks=0`, or an earlier attempt had written it).
    pub offset: i64,
    /// Its timestamp in milliseconds, the broker's if the topic has those.
    pub timestamp: i64,
}

type Callback = Box<dyn FnOnce(Result<RecordMetadata>)>;

enum Completion {
    Future(oneshot::Sender<Result<RecordMetadata>>),
    Callback(Callback),
}

/// What is remembered of a record until it is settled.
struct Ticket {
    completion: Completion,
    timestamp: i64,
    _memory: Permit,
}

/// The acknowledgement of a record that is on its way. Dropping it does not take the record back.
#[derive(Debug)]
#[must_use = "the record's fate is told here"]
pub struct Delivery(oneshot::Receiver<Result<RecordMetadata>>);

impl Future for Delivery {
    type Output = Result<RecordMetadata>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let lost = |_| Error::closed().with_written(true);
        Pin::new(&mut self.0).poll(context).map(|outcome| outcome.map_err(lost).and_then(|outcome| outcome))
    }
}

/// What the handles and the sending task share.
struct Core {
    cluster: Cluster,
    config: ProducerConfig,
    machine: RefCell<ProducerMachine<Ticket>>,
    choice: RefCell<Choice>,
    memory: Permits,
    /// Something is to be looked at by the sending task.
    wake: Notify,
    /// Something was settled.
    settled: Notify,
    closing: Cell<bool>,
    /// Why nothing can be sent any more.
    fatal: RefCell<Option<Error>>,
}

/// A producer. Cheap to clone; belongs to the core on which it was made.
#[derive(Clone)]
pub struct Producer {
    core: Rc<Core>,
    _guard: Rc<Guard>,
}

struct Guard(Rc<Core>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.closing.set(true);
        self.0.wake.notify_one();
    }
}

impl Producer {
    /// A producer with this configuration; connections are made when they are needed.
    #[must_use]
    pub fn new(runtime: &Runtime, config: ProducerConfig) -> Producer {
        let core = Rc::new(Core {
            cluster: Cluster::new(runtime, config.client.clone()),
            machine: RefCell::new(ProducerMachine::new(config.limits)),
            choice: RefCell::new(Choice::new(
                config.partitioner,
                config.ignore_keys,
                config.limits.batch_size,
            )),
            memory: Permits::new(config.buffer_memory),
            wake: Notify::new(),
            settled: Notify::new(),
            closing: Cell::new(false),
            fatal: RefCell::default(),
            config,
        });
        runtime.spawn_detached("producer-sender", sender::run(core.clone()));
        Producer { _guard: Rc::new(Guard(core.clone())), core }
    }

    /// As [`Producer::new`], from Kafka's keys. Warnings are logged.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the reference's sentence.
    pub fn from_properties(runtime: &Runtime, properties: &Properties) -> Result<Producer> {
        let (config, warnings) = ProducerConfig::from_properties(properties)?;
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        Ok(Producer::new(runtime, config))
    }

    /// Sends a record and waits for its acknowledgement.
    ///
    /// # Errors
    /// Why it was not written; [`Error::may_have_been_written`] says whether it may be there all the same.
    pub async fn send(&self, record: Record) -> Result<RecordMetadata> {
        self.enqueue(record).await?.await
    }

    /// Gives a record its place in a batch; the acknowledgement comes with the [`Delivery`].
    ///
    /// # Errors
    /// When it found no place: nothing was or will be sent of it.
    pub async fn enqueue(&self, record: Record) -> Result<Delivery> {
        let (sender, receiver) = oneshot::channel();
        self.place(record, Completion::Future(sender)).await?;
        Ok(Delivery(receiver))
    }

    /// Gives a record its place in a batch; `callback` is called with the acknowledgement. Callbacks of a partition are
    /// called in the order of the records.
    ///
    /// # Errors
    /// As [`Producer::enqueue`]; the callback is then not called.
    pub async fn send_with(
        &self,
        record: Record,
        callback: impl FnOnce(Result<RecordMetadata>) + 'static,
    ) -> Result<()> {
        self.place(record, Completion::Callback(Box::new(callback))).await
    }

    /// The partitions of a topic, which is made if the broker makes topics that are asked for.
    ///
    /// # Errors
    /// When it is not known in time.
    pub async fn partitions_for(&self, topic: &str) -> Result<Topic> {
        let deadline = self.core.cluster.after_ms(self.core.config.max_block_ms);
        self.core.learn(topic, None, deadline).await?;
        let metadata = self.core.cluster.inner.metadata.borrow();
        metadata.topic(topic).cloned().ok_or_else(|| Error::api(ErrorCode::UnknownTopicOrPartition, None))
    }

    /// Lets everything leave that was given before, without lingering, and waits until it is settled.
    pub async fn flush(&self) {
        let before = self.core.machine.borrow_mut().flush();
        self.core.wake.notify_one();
        loop {
            let settled = self.core.settled.notified();
            if self.core.machine.borrow().is_flushed(before) {
                return;
            }
            settled.await;
        }
    }

    /// Flushes and closes. Later sends fail.
    pub async fn close(&self) {
        self.flush().await;
        self.core.closing.set(true);
        self.core.wake.notify_one();
    }

    async fn place(&self, record: Record, completion: Completion) -> Result<()> {
        let core = &*self.core;
        core.check_open()?;
        let headers: Vec<Header<'_>> = record
            .headers
            .iter()
            .map(|(key, value)| Header { key: key.as_bytes(), value: value.as_deref() })
            .collect();
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        let size = size_of(key, value, &headers);
        core.check_size(size)?;
        let known = record.partition.unwrap_or(0);
        let mut deadline = None;
        if !core.knows(&record.topic, known) {
            let until = core.cluster.after_ms(core.config.max_block_ms);
            deadline = Some(until);
            core.learn(&record.topic, Some(known), until).await?;
        }
        let memory = core.reserve(size as u64, deadline).await?;
        core.check_open()?;
        let partition = match record.partition {
            Some(partition) => partition,
            None => {
                let metadata = core.cluster.inner.metadata.borrow();
                let unknown = || Error::api(ErrorCode::UnknownTopicOrPartition, None);
                let topic = metadata.topic(&record.topic).ok_or_else(unknown)?;
                let random = core.cluster.runtime().random_u64();
                core.choice.borrow_mut().partition(topic, key, size, random)
            }
        };
        let timestamp = record.timestamp.unwrap_or_else(|| core.cluster.runtime().wall_clock_ms());
        let now_ms = core.cluster.now().as_millis();
        let ticket = Ticket { completion, timestamp, _memory: memory };
        let place = (record.topic.as_str(), partition);
        let appended =
            core.machine.borrow_mut().append(now_ms, place, timestamp, key, value, &headers, ticket);
        if appended.notable {
            core.wake.notify_one();
        }
        Ok(())
    }
}

impl Core {
    fn check_open(&self) -> Result<()> {
        if let Some(error) = &*self.fatal.borrow() {
            return Err(error.clone());
        }
        if self.closing.get() { Err(Error::closed()) } else { Ok(()) }
    }

    fn check_size(&self, size: usize) -> Result<()> {
        let limits = [
            (self.config.limits.max_request_size as u64, "max.request.size"),
            (self.config.buffer_memory, "buffer.memory"),
        ];
        for (limit, key) in limits {
            if size as u64 > limit {
                let what = if key == "buffer.memory" {
                    format!("the total memory buffer you have configured with the {key} configuration.")
                } else {
                    format!("{limit}, which is the value of the {key} configuration.")
                };
                let message =
                    format!("The message is {size} bytes when serialized which is larger than {what}");
                return Err(Error::new(ErrorKind::RecordTooLarge, message));
            }
        }
        Ok(())
    }

    fn knows(&self, topic: &str, partition: i32) -> bool {
        let metadata = self.cluster.inner.metadata.borrow();
        metadata.topic(topic).is_some_and(|topic| topic.partition(partition).is_some())
    }

    /// Asks for metadata until the topic, with this partition, is known.
    async fn learn(&self, topic: &str, partition: Option<i32>, deadline: Tick) -> Result<()> {
        let name = topic.to_owned();
        let known = || match partition {
            Some(partition) => self.knows(topic, partition),
            None => {
                self.cluster.inner.metadata.borrow().topic(topic).is_some_and(|it| !it.partitions.is_empty())
            }
        };
        let attempt = async || {
            let topics = Topics::Named(vec![name.clone()]);
            let response = self.cluster.refresh(&topics, true, deadline).await?;
            for it in &response.topics {
                check(it.error_code)?;
            }
            if known() { Ok(()) } else { Err(Error::api(ErrorCode::UnknownTopicOrPartition, None)) }
        };
        if known() {
            return Ok(());
        }
        let outcome = self.cluster.attempts("metadata", deadline, attempt).await;
        outcome.map_err(|error| match (error.kind(), partition) {
            (ErrorKind::Timeout, Some(partition)) if partition > 0 && self.knows(topic, 0) => {
                let metadata = self.cluster.inner.metadata.borrow();
                let count = metadata.topic(topic).map_or(0, |topic| topic.partitions.len());
                Error::timeout(format!(
                    "Partition {partition} of topic {topic} with partition count {count} is not present in metadata \
                     after {} ms.",
                    self.config.max_block_ms
                ))
            }
            (ErrorKind::Timeout, _) => Error::timeout(format!(
                "Topic {topic} not present in metadata after {} ms.",
                self.config.max_block_ms
            )),
            _ => error,
        })
    }

    async fn reserve(&self, size: u64, deadline: Option<Tick>) -> Result<Permit> {
        if let Some(permit) = self.memory.try_acquire(size) {
            return Ok(permit);
        }
        let deadline = deadline.unwrap_or_else(|| self.cluster.after_ms(self.config.max_block_ms));
        // Nothing lingers while somebody waits for room.
        let acquire = self.memory.acquire(size);
        self.wake.notify_one();
        self.cluster.runtime().timeout_at(deadline, acquire).await.map_err(|_| {
            Error::timeout(format!(
                "Failed to allocate {size} bytes within the configured max blocking time {} ms.",
                self.config.max_block_ms
            ))
        })
    }

    /// Tells whoever waits for the records of a batch.
    fn tell(&self, settled: Settled<Ticket>) {
        let Settled { topic, partition, tickets, verdict } = settled;
        for (index, ticket) in tickets.into_iter().enumerate() {
            let outcome = match &verdict {
                Verdict::Written { base_offset, log_append_time } => Ok(RecordMetadata {
                    topic: topic.clone(),
                    partition,
                    offset: if *base_offset < 0 { -1 } else { base_offset + index as i64 },
                    timestamp: if *log_append_time < 0 { ticket.timestamp } else { *log_append_time },
                }),
                Verdict::Failed { error, records } => Err(of_record(error, records, index)),
            };
            let Ticket { completion, _memory, .. } = ticket;
            drop(_memory);
            match completion {
                Completion::Future(sender) => {
                    let _ = sender.send(outcome);
                }
                Completion::Callback(callback) => callback(outcome),
            }
        }
        self.settled.notify_waiters();
    }
}

/// Of a batch in which single records are bad, those say what is wrong, and the others that they were beside them.
fn of_record(error: &Error, records: &[(i32, Option<String>)], index: usize) -> Error {
    let Some(code) = error.code().filter(|_| !records.is_empty()) else { return error.clone() };
    let own = records.iter().find(|(bad, _)| usize::try_from(*bad) == Ok(index));
    let message = match own {
        Some((_, message)) => message.clone().unwrap_or_else(|| error.message().to_owned()),
        None => {
            "Failed to append record because it was part of a batch which had one more more invalid records"
                .to_owned()
        }
    };
    let code = if own.is_some() { code } else { ErrorCode::InvalidRecord };
    Error::api(code, Some(message)).with_written(error.may_have_been_written())
}
