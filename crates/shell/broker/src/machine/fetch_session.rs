//! Incremental fetch sessions (KIP-227; Kafka's `FetchSession.scala`).
//!
//! A client that fetches the same partitions again and again names them once: the first request (epoch 0) opens a
//! session, the following ones carry only what changed, and the answers carry only partitions with news.
//!
//! | request (id, epoch) | state              | result                                                        |
//! |---------------------|--------------------|---------------------------------------------------------------|
//! | (_, −1)             | any                | session `id` closed, sessionless answer                       |
//! | (_, 0)              | any                | session `id` closed, a new one opened if a slot can be had    |
//! | (id, n > 0)         | unknown id         | FETCH_SESSION_ID_NOT_FOUND                                    |
//! | (id, n > 0)         | epoch is not n     | INVALID_FETCH_SESSION_EPOCH                                   |
//! | (id, n > 0)         | ids ↔ names differ | FETCH_SESSION_TOPIC_ID_ERROR                                  |
//! | (id, n > 0)         | epoch is n         | updated, epoch becomes n + 1; closed if nothing is left in it |
//!
//! Limits: at most `slots` sessions. A full cache gives up a session that was not used for the eviction time, or one
//! older than that time and smaller than the newcomer; otherwise the newcomer goes without a session.

use std::collections::BTreeMap;
use std::sync::Arc;

use headwater_base::Uuid;
use headwater_base::error_code::ErrorCode;

/// How long a session must be unused, or have lived, before it can be evicted
/// (`MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS`).
pub const EVICTION_MS: u64 = 120_000;

/// Epoch of a request that opens a session.
pub const INITIAL_EPOCH: i32 = 0;
/// Epoch of a request that closes its session and wants no other.
pub const FINAL_EPOCH: i32 = -1;

/// A partition as a client named it: by id since Fetch version 13, by name before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartitionKey {
    /// The topic's id; zero where names are used.
    pub topic_id: Uuid,
    /// The topic's name; empty where ids are used.
    pub topic: Arc<str>,
    /// Index inside the topic.
    pub partition: i32,
}

/// What a client wants of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which partition.
    pub key: PartitionKey,
    /// From which offset on.
    pub fetch_offset: i64,
    /// At most so many bytes, unless the first batch is larger.
    pub max_bytes: i32,
    /// The client's view of the leader epoch; −1 if it has none.
    pub current_leader_epoch: i32,
    /// Epoch of the last record that the client has; −1 if it does not tell.
    pub last_fetched_epoch: i32,
}

/// What an answer says of a partition, as far as a session must remember it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Kafka's error code; 0 is none.
    pub error_code: i16,
    /// Bytes of records that go along.
    pub records_bytes: usize,
    /// The partition's high watermark.
    pub high_watermark: i64,
    /// The partition's log start offset.
    pub log_start_offset: i64,
    /// The answer tells of a diverging epoch or another replica to read from.
    pub redirects: bool,
}

#[derive(Clone, Debug)]
struct Cached {
    wanted: Wanted,
    high_watermark: i64,
    log_start_offset: i64,
}

impl Cached {
    fn new(wanted: Wanted) -> Self {
        Self { wanted, high_watermark: -1, log_start_offset: -1 }
    }

    /// Takes over what an answer says; true if an incremental answer must carry it.
    fn update(&mut self, answer: Answered) -> bool {
        let moved =
            self.high_watermark != answer.high_watermark || self.log_start_offset != answer.log_start_offset;
        self.high_watermark = answer.high_watermark;
        self.log_start_offset = answer.log_start_offset;
        if answer.error_code != 0 {
            // The end of an error is news too: forget the watermark, so that the next answer differs from it.
            self.high_watermark = -1;
        }
        moved || answer.records_bytes > 0 || answer.error_code != 0 || answer.redirects
    }
}

#[derive(Debug)]
struct Session {
    epoch: i32,
    uses_topic_ids: bool,
    created_ms: u64,
    last_used_ms: u64,
    next_order: u64,
    order: BTreeMap<u64, Cached>,
    index: BTreeMap<PartitionKey, u64>,
}

impl Session {
    fn put(&mut self, wanted: Wanted) {
        if let Some(order) = self.index.get(&wanted.key) {
            if let Some(cached) = self.order.get_mut(order) {
                cached.wanted = wanted;
            }
            return;
        }
        let order = self.next_order;
        self.next_order += 1;
        self.index.insert(wanted.key.clone(), order);
        self.order.insert(order, Cached::new(wanted));
    }

    fn forget(&mut self, key: &PartitionKey) {
        if let Some(order) = self.index.remove(key) {
            self.order.remove(&order);
        }
    }

    /// Puts a partition that just got data behind the others: whoever waited longest is served first next time.
    fn move_to_end(&mut self, key: &PartitionKey) {
        let Some(order) = self.index.get_mut(key) else { return };
        if let Some(cached) = self.order.remove(order) {
            *order = self.next_order;
            self.order.insert(self.next_order, cached);
            self.next_order += 1;
        }
    }

    fn wanted(&self) -> Vec<Wanted> {
        self.order.values().map(|cached| cached.wanted.clone()).collect()
    }
}

/// How an answer relates to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// Every partition is answered, and nothing is remembered.
    Sessionless,
    /// Every partition is answered, and a session with this id was opened.
    Full(i32),
    /// Only partitions with news are answered.
    Incremental(i32),
}

impl Context {
    /// The session id that the answer carries; 0 is none.
    #[must_use]
    pub const fn session_id(self) -> i32 {
        match self {
            Context::Sessionless => 0,
            Context::Full(id) | Context::Incremental(id) => id,
        }
    }
}

/// One request, as far as sessions see it.
#[derive(Debug)]
pub struct Request {
    /// The session that the client names; 0 is none.
    pub session_id: i32,
    /// The session epoch that the client names.
    pub epoch: i32,
    /// True since version 13.
    pub uses_topic_ids: bool,
    /// Partitions that the request lists.
    pub partitions: Vec<Wanted>,
    /// Partitions that leave the session.
    pub forgotten: Vec<PartitionKey>,
}

/// The sessions of one broker.
#[derive(Debug)]
pub struct FetchSessions {
    slots: usize,
    sessions: BTreeMap<i32, Session>,
    by_last_use: BTreeMap<(u64, i32), ()>,
}

impl FetchSessions {
    /// No sessions yet, and never more than `slots`.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        Self { slots, sessions: BTreeMap::new(), by_last_use: BTreeMap::new() }
    }

    /// How many sessions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// True while there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Decides what a request reads and how it will be answered. `random` gives the id of a new session.
    ///
    /// # Errors
    /// The three session errors of the table above.
    pub fn begin(
        &mut self,
        now_ms: u64,
        random: u64,
        request: Request,
    ) -> Result<(Context, Vec<Wanted>), ErrorCode> {
        if request.epoch == INITIAL_EPOCH || request.epoch == FINAL_EPOCH {
            self.remove(request.session_id);
            if request.epoch == FINAL_EPOCH {
                return Ok((Context::Sessionless, request.partitions));
            }
            let context = self.open(now_ms, random, request.uses_topic_ids, &request.partitions);
            return Ok((context, request.partitions));
        }
        self.resume(now_ms, request)
    }

    fn resume(&mut self, now_ms: u64, request: Request) -> Result<(Context, Vec<Wanted>), ErrorCode> {
        let id = request.session_id;
        let session = self.sessions.get_mut(&id).ok_or(ErrorCode::FetchSessionIdNotFound)?;
        if session.epoch != request.epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        if session.uses_topic_ids != request.uses_topic_ids {
            return Err(ErrorCode::FetchSessionTopicIdError);
        }
        for wanted in request.partitions {
            session.put(wanted);
        }
        for key in &request.forgotten {
            session.forget(key);
        }
        if session.order.is_empty() {
            self.remove(id);
            return Ok((Context::Sessionless, Vec::new()));
        }
        self.by_last_use.remove(&(session.last_used_ms, id));
        session.last_used_ms = now_ms;
        self.by_last_use.insert((now_ms, id), ());
        session.epoch = if session.epoch == i32::MAX { 1 } else { session.epoch + 1 };
        let wanted = session.wanted();
        Ok((Context::Incremental(id), wanted))
    }

    fn open(&mut self, now_ms: u64, random: u64, uses_topic_ids: bool, partitions: &[Wanted]) -> Context {
        if self.sessions.len() >= self.slots && !self.evict(now_ms, partitions.len()) {
            return Context::Sessionless;
        }
        // Positive and not zero, which stands for "none".
        let mut id = ((random & 0x7FFF_FFFF) as i32).max(1);
        while self.sessions.contains_key(&id) {
            id = if id == i32::MAX { 1 } else { id + 1 };
        }
        let mut session = Session {
            epoch: 1,
            uses_topic_ids,
            created_ms: now_ms,
            last_used_ms: now_ms,
            next_order: 0,
            order: BTreeMap::new(),
            index: BTreeMap::new(),
        };
        for wanted in partitions {
            session.put(wanted.clone());
        }
        self.sessions.insert(id, session);
        self.by_last_use.insert((now_ms, id), ());
        Context::Full(id)
    }

    /// Frees a slot for a session of `size` partitions; false if nobody is less worth keeping.
    fn evict(&mut self, now_ms: u64, size: usize) -> bool {
        let Some((&(last_used_ms, id), ())) = self.by_last_use.first_key_value() else { return false };
        if now_ms.saturating_sub(last_used_ms) > EVICTION_MS {
            self.remove(id);
            return true;
        }
        let smallest = self
            .sessions
            .iter()
            .filter(|(_, session)| now_ms.saturating_sub(session.created_ms) > EVICTION_MS)
            .map(|(id, session)| (session.order.len(), *id))
            .min();
        match smallest {
            Some((partitions, id)) if partitions < size => {
                self.remove(id);
                true
            }
            _ => false,
        }
    }

    fn remove(&mut self, id: i32) {
        if let Some(session) = self.sessions.remove(&id) {
            self.by_last_use.remove(&(session.last_used_ms, id));
        }
    }

    /// Remembers what an answer says. Gives for each of `answers` whether the answer must carry it: always, except
    /// in an incremental answer without news.
    pub fn finish(&mut self, context: Context, answers: &[(PartitionKey, Answered)]) -> Vec<bool> {
        let all = vec![true; answers.len()];
        let (Context::Full(id) | Context::Incremental(id)) = context else { return all };
        // Another request of the same client may have closed the session meanwhile.
        let Some(session) = self.sessions.get_mut(&id) else { return all };
        let incremental = matches!(context, Context::Incremental(_));
        let mut carried = Vec::with_capacity(answers.len());
        for (key, answer) in answers {
            let cached = session.index.get(key).and_then(|order| session.order.get_mut(order));
            let news = cached.is_none_or(|cached| cached.update(*answer));
            if incremental && answer.records_bytes > 0 {
                session.move_to_end(key);
            }
            carried.push(news || !incremental);
        }
        carried
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(partition: i32) -> PartitionKey {
        PartitionKey { topic_id: Uuid(7), topic: "".into(), partition }
    }

    fn want(partition: i32, fetch_offset: i64) -> Wanted {
        Wanted {
            key: key(partition),
            fetch_offset,
            max_bytes: 1,
            current_leader_epoch: -1,
            last_fetched_epoch: -1,
        }
    }

    fn request(session_id: i32, epoch: i32, partitions: Vec<Wanted>) -> Request {
        Request { session_id, epoch, uses_topic_ids: true, partitions, forgotten: Vec::new() }
    }

    fn answer(records_bytes: usize, high_watermark: i64) -> Answered {
        Answered { error_code: 0, records_bytes, high_watermark, log_start_offset: 0, redirects: false }
    }

    #[test]
    fn a_session_answers_only_news_and_serves_whoever_waited() {
        let mut sessions = FetchSessions::new(10);
        let (context, wanted) =
            sessions.begin(0, 5, request(0, 0, vec![want(0, 0), want(1, 0)])).expect("opens");
        assert_eq!((context, wanted.len()), (Context::Full(5), 2));
        let carried = sessions.finish(context, &[(key(0), answer(0, 0)), (key(1), answer(0, 0))]);
        assert_eq!(carried, [true, true]);

        let (context, _) = sessions.begin(1, 0, request(5, 1, vec![])).expect("epoch 1");
        assert_eq!(context, Context::Incremental(5));
        let carried = sessions.finish(context, &[(key(0), answer(10, 3)), (key(1), answer(0, 0))]);
        assert_eq!(carried, [true, false]);

        let (_, wanted) = sessions.begin(2, 0, request(5, 2, vec![want(0, 3)])).expect("epoch 2");
        let order: Vec<_> = wanted.iter().map(|w| (w.key.partition, w.fetch_offset)).collect();
        assert_eq!(order, [(1, 0), (0, 3)]);
    }

    #[test]
    fn the_end_of_an_error_is_news() {
        let mut sessions = FetchSessions::new(10);
        let (context, _) = sessions.begin(0, 5, request(0, 0, vec![want(0, 0)])).expect("opens");
        let failed = Answered { error_code: 3, ..answer(0, 9) };
        sessions.finish(context, &[(key(0), failed)]);
        let (context, _) = sessions.begin(0, 0, request(5, 1, vec![])).expect("epoch 1");
        assert_eq!(sessions.finish(context, &[(key(0), answer(0, 9))]), [true]);
        let (context, _) = sessions.begin(0, 0, request(5, 2, vec![])).expect("epoch 2");
        assert_eq!(sessions.finish(context, &[(key(0), answer(0, 9))]), [false]);
    }

    #[test]
    fn p13_forged_sessions_are_refused() {
        let mut sessions = FetchSessions::new(10);
        sessions.begin(0, 5, request(0, 0, vec![want(0, 0)])).expect("opens");
        let refusal = |sessions: &mut FetchSessions, r| sessions.begin(0, 0, r).expect_err("refused");
        assert_eq!(refusal(&mut sessions, request(6, 1, vec![])), ErrorCode::FetchSessionIdNotFound);
        assert_eq!(refusal(&mut sessions, request(5, 2, vec![])), ErrorCode::InvalidFetchSessionEpoch);
        let by_name = Request { uses_topic_ids: false, ..request(5, 1, vec![]) };
        assert_eq!(refusal(&mut sessions, by_name), ErrorCode::FetchSessionTopicIdError);
    }

    #[test]
    fn p13_a_million_sessions_fit_their_slots() {
        let mut sessions = FetchSessions::new(100);
        for i in 0..1_000_000u64 {
            let (context, _) =
                sessions.begin(i / 100, i, request(0, 0, vec![want(0, 0)])).expect("never an error");
            assert_eq!(context == Context::Sessionless, i >= 100, "{i}");
        }
        assert_eq!(sessions.len(), 100);
        // After the eviction time the oldest makes room.
        let (context, _) =
            sessions.begin(EVICTION_MS + 20_000, 1, request(0, 0, vec![want(0, 0)])).expect("opens");
        assert!(matches!(context, Context::Full(_)));
        assert_eq!(sessions.len(), 100);
    }

    #[test]
    fn a_session_ends_with_its_last_partition() {
        let mut sessions = FetchSessions::new(10);
        sessions.begin(0, 5, request(0, 0, vec![want(0, 0)])).expect("opens");
        let forget = Request { forgotten: vec![key(0)], ..request(5, 1, vec![]) };
        assert_eq!(sessions.begin(0, 0, forget).expect("closes").0, Context::Sessionless);
        assert!(sessions.is_empty());
    }

    #[test]
    fn epochs_wrap_to_one() {
        let mut sessions = FetchSessions::new(10);
        sessions.begin(0, 5, request(0, 0, vec![want(0, 0)])).expect("opens");
        sessions.sessions.get_mut(&5).expect("there").epoch = i32::MAX;
        sessions.begin(0, 0, request(5, i32::MAX, vec![])).expect("last epoch");
        assert_eq!(sessions.sessions[&5].epoch, 1);
    }
}
