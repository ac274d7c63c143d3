//! A producer that never gives up: idempotent with acks=all, or plain with acks=1.
//!
//! It keeps up to five requests under way, each with batches for one or more partitions, and sends what was not
//! acknowledged again, in order and with the same sequences, over as many connections and lives of the node as it takes.

use std::collections::VecDeque;
use std::time::Duration;

use headwater_base::ErrorCode;
use headwater_protocol::Records;
use headwater_protocol::messages::init_producer_id_request::InitProducerIdRequest;
use headwater_protocol::messages::init_producer_id_response::InitProducerIdResponse;
use headwater_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use headwater_protocol::messages::produce_response::{PartitionProduceResponse, ProduceResponse};
use headwater_runtime::Random;

use super::codes::is_passing;
use super::queue::{Batch, Queue};
use super::record::{Draft, Identity, random_codec};
use super::{Stage, Switch, Topic};
use crate::client::{Client, Connection, Lost};
use crate::history::{Acknowledged, RecordId, Sent};

/// First version of Produce that names topics by id.
const TOPIC_IDS_FROM: i16 = 13;
/// First version of Produce with zstd.
const ZSTD_FROM: i16 = 7;
const RETRY_PAUSE: Duration = Duration::from_millis(20);

/// What a producer is like.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its number; its records carry it.
    pub number: u32,
    /// acks=all and idempotence, else acks=1 and neither.
    pub idempotent: bool,
    /// acks=all without idempotence: what a producer does whose sequences are forgotten. A planted bug.
    pub without_sequences: bool,
    /// Version of Produce.
    pub version: i16,
    /// Requests under way; Kafka's client allows five with idempotence.
    pub max_under_way: usize,
    /// Records of a batch.
    pub max_records: u64,
    /// Longest pause between two requests.
    pub think: Duration,
    /// Batches after which it has said all it wanted to.
    pub max_batches: u64,
}

/// See the module.
pub struct Producer {
    client: Client,
    plan: Plan,
    switch: Switch,
    random: Random,
    queues: Vec<Queue>,
    identity: Option<Identity>,
    made: u64,
    under_way: VecDeque<(usize, Vec<(usize, u64)>)>,
}

impl Producer {
    /// A producer for all partitions of these topics.
    #[must_use]
    pub fn new(client: Client, plan: Plan, switch: Switch, topics: &[Topic]) -> Self {
        let queues =
            topics.iter().flat_map(|topic| (0..topic.partitions).map(|index| Queue::new(topic, index)));
        let random = Random::new(client.runtime.random_u64());
        let identity = (!plan.idempotent || plan.without_sequences).then_some(Identity::NONE);
        let queues = queues.collect();
        Self { client, plan, switch, random, queues, identity, made: 0, under_way: VecDeque::new() }
    }

    /// Produces until the switch says otherwise and everything is acknowledged.
    pub async fn run(mut self) {
        while self.switch.stage() != Stage::Over {
            match self.session().await {
                Ok(()) => return,
                Err(lost) => {
                    self.client.tell(format_args!("producer {}: {lost}", self.plan.number));
                    self.client.pause(RETRY_PAUSE).await;
                }
            }
        }
    }

    /// What is done over one connection.
    async fn session(&mut self) -> Result<(), Lost> {
        let mut connection = self.client.connect().await?;
        self.under_way.clear();
        for queue in &mut self.queues {
            if !self.plan.idempotent {
                mark_repeated(&self.client, queue, self.plan.number, queue.sent);
            }
            queue.rewind();
        }
        let identity = match self.identity {
            Some(identity) => identity,
            None => self.ask_identity(&mut connection).await?,
        };
        self.identity = Some(identity);
        loop {
            while self.under_way.len() < self.plan.max_under_way
                && self.send(&mut connection, identity).await?
            {}
            if self.under_way.is_empty() {
                let done = self.queues.iter().all(|queue| queue.batches.is_empty());
                match self.switch.stage() {
                    Stage::Running => self.client.pause(RETRY_PAUSE).await,
                    Stage::Finishing if done => return Ok(()),
                    Stage::Finishing => self.client.pause(RETRY_PAUSE).await,
                    Stage::Over => return Ok(()),
                }
                continue;
            }
            let answer: ProduceResponse = connection.receive().await?;
            let (life, parts) = self.under_way.pop_front().expect("one entry for each request");
            if !self.settle(life, &parts, &answer)? {
                self.client.pause(RETRY_PAUSE).await;
            }
        }
    }

    async fn ask_identity(&mut self, connection: &mut Connection) -> Result<Identity, Lost> {
        let request = InitProducerIdRequest { transactional_id: None, ..InitProducerIdRequest::default() };
        let answer: InitProducerIdResponse = connection.ask(4, &request).await?;
        match ErrorCode::from_code(answer.error_code) {
            ErrorCode::None => {
                Ok(Identity { producer_id: answer.producer_id, producer_epoch: answer.producer_epoch })
            }
            code if is_passing(code) => Err(Lost(code.name().to_owned())),
            code => {
                let what = format!("InitProducerId was answered with {}", code.name());
                self.client.history.borrow_mut().unexplained.push(what);
                Err(Lost(code.name().to_owned()))
            }
        }
    }

    /// Sends the next request, if there is anything to send.
    async fn send(&mut self, connection: &mut Connection, identity: Identity) -> Result<bool, Lost> {
        if self.plan.think > Duration::ZERO {
            self.client.pause(self.plan.think).await;
        }
        self.make_batches();
        let most = 1 + self.random.below(3) as usize;
        let start = self.random.below(self.queues.len() as u64) as usize;
        let mut topics: Vec<TopicProduceData> = Vec::new();
        let mut parts = Vec::new();
        for step in 0..self.queues.len() {
            let index = (start + step) % self.queues.len();
            let queue = &mut self.queues[index];
            // Without sequences only one at a time keeps the order.
            if parts.len() == most || (!self.plan.idempotent && queue.sent > 0) {
                continue;
            }
            let Some((first, bytes)) = queue.take(identity) else { continue };
            parts.push((index, first));
            add(&mut topics, queue, bytes);
        }
        if parts.is_empty() {
            return Ok(false);
        }
        let acks = if self.plan.idempotent { -1 } else { 1 };
        let request = ProduceRequest { transactional_id: None, acks, timeout_ms: 1_500, topic_data: topics };
        let life = self.client.history.borrow().life();
        self.under_way.push_back((life, parts));
        connection.send(self.plan.version, &request).await?;
        Ok(true)
    }

    /// Sees to it that most queues have something to send.
    fn make_batches(&mut self) {
        let now_ms = self.client.runtime.wall_clock_ms();
        for index in 0..self.queues.len() {
            let wanted = self.switch.stage() == Stage::Running && self.made < self.plan.max_batches;
            let queue = &mut self.queues[index];
            let full = queue.batches.len() > queue.sent || queue.sent >= self.plan.max_under_way;
            if !wanted || full || queue.rewinding || self.random.chance(3) {
                continue;
            }
            let count = 1 + self.random.below(self.plan.max_records);
            let mut drafts = Vec::with_capacity(count as usize);
            let mut history = self.client.history.borrow_mut();
            let partition = history.partition(queue.place);
            for number in queue.next_number..queue.next_number + count {
                let id = RecordId { producer: self.plan.number, number };
                let timestamp = now_ms - self.random.below(200) as i64;
                let make = if queue.topic.compacted { Draft::keyed } else { Draft::random };
                let draft = make(queue.place, id, timestamp, &mut self.random);
                let sent = Sent {
                    checksum: draft.checksum(),
                    key: draft.key_checksum(),
                    tombstone: draft.value.is_none(),
                    acknowledged: None,
                };
                partition.sent.insert(id, sent);
                drafts.push(draft);
            }
            queue.push(drafts, random_codec(&mut self.random, self.plan.version >= ZSTD_FROM));
            self.made += 1;
        }
    }

    /// Takes an answer to its queues; false if something has to be sent again.
    fn settle(
        &mut self,
        life: usize,
        parts: &[(usize, u64)],
        answer: &ProduceResponse,
    ) -> Result<bool, Lost> {
        let (mut failed, mut all) = (None, true);
        for &(index, first) in parts {
            let queue = &self.queues[index];
            let Some(found) = find(answer, queue, self.plan.version) else {
                let what = format!("no answer for {} {}", queue.topic.name, queue.place.partition);
                self.client.history.borrow_mut().unexplained.push(what);
                return Err(Lost("an answer with a hole".to_owned()));
            };
            match ErrorCode::from_code(found.error_code) {
                ErrorCode::None => self.acknowledge(life, index, first, Some(found.base_offset)),
                ErrorCode::DuplicateSequenceNumber => self.acknowledge(life, index, first, None),
                code => {
                    all = false;
                    failed = self.refused(life, index, first, code).or(failed);
                }
            }
        }
        self.start_over();
        failed.map_or(Ok(all), Err)
    }

    fn acknowledge(&mut self, life: usize, index: usize, first: u64, base_offset: Option<i64>) {
        let on_disk = self.plan.idempotent && self.queues[index].topic.on_disk;
        let queue = &mut self.queues[index];
        let Some(batch) = queue.acknowledged(first) else { return };
        let mut history = self.client.history.borrow_mut();
        history.counts.acknowledged += batch.drafts.len() as u64;
        let partition = history.partition(queue.place);
        for (delta, number) in (first..).take(batch.drafts.len()).enumerate() {
            let offset = base_offset.map(|base| base + delta as i64);
            let id = RecordId { producer: self.plan.number, number };
            if let Some(sent) = partition.sent.get_mut(&id) {
                sent.acknowledged.get_or_insert(Acknowledged { offset, life, on_disk });
            }
        }
    }

    /// A batch was refused. Gives what the whole connection has to be given up for.
    fn refused(&mut self, life: usize, index: usize, first: u64, code: ErrorCode) -> Option<Lost> {
        let queue = &mut self.queues[index];
        let is_first = queue.batches.front().is_some_and(|batch| batch.first == first);
        self.client.tell(format_args!(
            "producer {}: {first} for {} {} refused: {}",
            self.plan.number,
            queue.topic.name,
            queue.place.partition,
            code.name()
        ));
        let was_rewinding = std::mem::replace(&mut queue.rewinding, true);
        if !self.plan.idempotent {
            // It may lie in the log all the same, and will be sent again.
            mark_repeated(&self.client, queue, self.plan.number, 1);
        }
        match code {
            ErrorCode::OutOfOrderSequenceNumber | ErrorCode::UnknownProducerId
                if is_first && !was_rewinding =>
            {
                let id = RecordId { producer: self.plan.number, number: first };
                self.client.history.borrow_mut().partition(queue.place).sequences_lost.push((life, id));
                self.forget_identity();
                Some(Lost("a new identity is needed".to_owned()))
            }
            // One before it failed.
            ErrorCode::OutOfOrderSequenceNumber => None,
            code if is_passing(code) => None,
            code => {
                let what = format!("Produce to {} was answered with {}", queue.topic.name, code.name());
                self.client.history.borrow_mut().unexplained.push(what);
                None
            }
        }
    }

    /// The log forgot this producer: what is not acknowledged may be there, and is sent again as somebody else's.
    fn forget_identity(&mut self) {
        self.identity = None;
        for queue in &mut self.queues {
            mark_repeated(&self.client, queue, self.plan.number, queue.batches.len());
            queue.renumber();
        }
    }

    /// Queues whose failed batches are all answered begin again with the first.
    fn start_over(&mut self) {
        for index in 0..self.queues.len() {
            let waits = self.under_way.iter().any(|(_, parts)| parts.iter().any(|part| part.0 == index));
            if self.queues[index].rewinding && !waits {
                self.queues[index].rewind();
            }
        }
    }
}

/// The first `count` batches may come to lie in the log twice.
fn mark_repeated(client: &Client, queue: &Queue, producer: u32, count: usize) {
    let mut history = client.history.borrow_mut();
    let partition = history.partition(queue.place);
    for Batch { first, drafts, .. } in queue.batches.iter().take(count) {
        let numbers = *first..*first + drafts.len() as u64;
        partition.repeated.extend(numbers.map(|number| RecordId { producer, number }));
    }
}

fn add(topics: &mut Vec<TopicProduceData>, queue: &Queue, bytes: Vec<u8>) {
    let data = PartitionProduceData { index: queue.place.partition, records: Records::Bytes(bytes) };
    match topics.iter_mut().find(|topic| topic.topic_id == queue.topic.id) {
        Some(topic) => topic.partition_data.push(data),
        None => topics.push(TopicProduceData {
            name: queue.topic.name.clone(),
            topic_id: queue.topic.id,
            partition_data: vec![data],
        }),
    }
}

fn find<'a>(
    answer: &'a ProduceResponse,
    queue: &Queue,
    version: i16,
) -> Option<&'a PartitionProduceResponse> {
    let topic = answer.responses.iter().find(|topic| {
        if version >= TOPIC_IDS_FROM {
            topic.topic_id == queue.topic.id
        } else {
            topic.name == queue.topic.name
        }
    })?;
    topic.partition_responses.iter().find(|part| part.index == queue.place.partition)
}
