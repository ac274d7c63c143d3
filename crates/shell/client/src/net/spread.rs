//! Operations over many partitions, each asked of its leader (`PartitionLeaderStrategy`).

use std::collections::BTreeMap;

use headwater_base::{ErrorCode, TopicPartition};
use headwater_runtime::Tick;

use super::cluster::{Cluster, Topics};
use super::link::Link;
use super::routing::Target;
use crate::error::{Error, Result};

/// What a question about one partition gave.
pub(crate) type Answers<T> = Vec<(TopicPartition, Result<T>)>;

impl Cluster {
    /// Asks the leaders of `questions` with `ask` until every one has an answer or the deadline has passed. Errors that
    /// may pass are asked again.
    pub(crate) async fn spread<Q: Clone, T>(
        &self,
        name: &str,
        questions: Vec<(TopicPartition, Q)>,
        deadline: Tick,
        mut ask: impl AsyncFnMut(&Link, Vec<(TopicPartition, Q)>) -> Result<Answers<T>>,
    ) -> Answers<T> {
        let mut open: BTreeMap<TopicPartition, Q> = questions.iter().cloned().collect();
        let mut done: BTreeMap<TopicPartition, Result<T>> = BTreeMap::new();
        let mut last: BTreeMap<TopicPartition, Error> = BTreeMap::new();
        let mut rounds = 0_u32;
        while !open.is_empty() {
            let keys: Vec<TopicPartition> = open.keys().cloned().collect();
            let by_node = self.leaders(&keys, deadline, &mut done, &mut last).await;
            for (node, keys) in by_node {
                let batch: Vec<_> = keys
                    .iter()
                    .filter_map(|key| open.get(key).map(|question| (key.clone(), question.clone())))
                    .collect();
                let outcome = match self.connection(node, deadline).await {
                    Ok(link) => ask(&link, batch).await,
                    Err(error) => Err(error),
                };
                match outcome {
                    Ok(answers) => answers.into_iter().for_each(|(key, answer)| {
                        self.sort_out(key, answer, &mut done, &mut last);
                    }),
                    Err(error) => {
                        for key in keys {
                            self.sort_out(key, Err(error.clone()), &mut done, &mut last);
                        }
                    }
                }
            }
            open.retain(|key, _| !done.contains_key(key));
            rounds += 1;
            let wait = self.config().retry_backoff.after(rounds, self.runtime().random_u64());
            let next = self.after_ms(wait);
            if open.is_empty() || next >= deadline || rounds > self.config().retries {
                break;
            }
            self.runtime().sleep_until(next).await;
        }
        for key in open.into_keys() {
            let why = last.remove(&key).map_or_else(String::new, |error| format!(" {error}"));
            done.insert(
                key,
                Err(Error::timeout(format!("Call {name} timed out after {rounds} attempt(s):{why}"))),
            );
        }
        questions.into_iter().filter_map(|(key, _)| done.remove_entry(&key)).collect()
    }

    fn sort_out<T>(
        &self,
        key: TopicPartition,
        answer: Result<T>,
        done: &mut BTreeMap<TopicPartition, Result<T>>,
        last: &mut BTreeMap<TopicPartition, Error>,
    ) {
        match answer {
            Err(error) if error.retriable() => {
                self.lost(&Target::Leader(key.topic.clone(), key.partition.0));
                last.insert(key, error);
            }
            answer => {
                done.insert(key, answer);
            }
        }
    }

    /// The leaders of partitions, as far as they are known after one look at the metadata.
    async fn leaders<T>(
        &self,
        keys: &[TopicPartition],
        deadline: Tick,
        done: &mut BTreeMap<TopicPartition, Result<T>>,
        last: &mut BTreeMap<TopicPartition, Error>,
    ) -> BTreeMap<i32, Vec<TopicPartition>> {
        let unknown = |key: &&TopicPartition| self.known_leader(&key.topic, key.partition.0).is_none();
        let mut topics: Vec<String> = keys.iter().filter(unknown).map(|key| key.topic.clone()).collect();
        topics.dedup();
        let mut refusals: BTreeMap<String, Error> = BTreeMap::new();
        if !topics.is_empty() {
            match self.refresh(&Topics::Named(topics.clone()), false, deadline).await {
                Ok(response) => {
                    for topic in response.topics {
                        let code = ErrorCode::from_code(topic.error_code);
                        if let (Some(name), true) = (topic.name, code.is_error()) {
                            refusals.insert(name, Error::api(code, None));
                        }
                    }
                }
                Err(error) => refusals.extend(topics.into_iter().map(|topic| (topic, error.clone()))),
            }
        }
        let mut by_node: BTreeMap<i32, Vec<TopicPartition>> = BTreeMap::new();
        for key in keys {
            match self.known_leader(&key.topic, key.partition.0) {
                Some(node) => by_node.entry(node).or_default().push(key.clone()),
                None => {
                    let nobody = || Error::api(ErrorCode::LeaderNotAvailable, None);
                    let error = refusals.get(&key.topic).cloned().unwrap_or_else(nobody);
                    self.sort_out(key.clone(), Err(error), done, last);
                }
            }
        }
        by_node
    }
}

/// Groups questions by topic, as requests have them.
pub(crate) fn by_topic<Q>(questions: Vec<(TopicPartition, Q)>) -> BTreeMap<String, Vec<(i32, Q)>> {
    let mut topics: BTreeMap<String, Vec<(i32, Q)>> = BTreeMap::new();
    for (key, question) in questions {
        topics.entry(key.topic).or_default().push((key.partition.0, question));
    }
    topics
}
