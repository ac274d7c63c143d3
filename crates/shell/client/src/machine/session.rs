//! Fetch sessions (KIP-227): what a broker remembers of a consumer's partitions, so that a request names only changes.
//!
//! | epoch | request | answer |
//! | --- | --- | --- |
//! | 0 | all partitions, makes a session | session id: 1 next; none: 0 next |
//! | n | changed and forgotten partitions | fine: n + 1 next, behind 2³¹−1 comes 1 |
//! | any | | unknown session: begin again without id; wrong epoch, no answer: begin again, closing the old one |

use std::collections::BTreeMap;

use headwater_base::{ErrorCode, Uuid};

/// A partition in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The topic's id, zero when it is not known.
    pub topic_id: Uuid,
    /// From where on.
    pub offset: i64,
    /// The leader's epoch as it is known, −1 if it is not.
    pub leader_epoch: i32,
}

/// Topic and partition.
pub type Key = (String, i32);

/// One broker's session.
#[derive(Clone, Debug, Default)]
pub struct FetchSession {
    id: i32,
    epoch: i32,
    partitions: BTreeMap<Key, Wanted>,
}

/// What a request says of its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The session, 0 for none.
    pub id: i32,
    /// Its epoch: 0 makes a new one.
    pub epoch: i32,
    /// Partitions to name.
    pub named: Vec<(Key, Wanted)>,
    /// Partitions to take out.
    pub forgotten: Vec<(Key, Uuid)>,
}

impl FetchSession {
    /// The next request, for exactly the `wanted` partitions.
    pub fn ask(&mut self, wanted: BTreeMap<Key, Wanted>) -> Asked {
        let (mut named, mut forgotten) = (Vec::new(), Vec::new());
        for (key, now) in &wanted {
            if self.epoch == 0 || self.partitions.get(key) != Some(now) {
                named.push((key.clone(), *now));
            }
        }
        if self.epoch != 0 {
            for (key, before) in &self.partitions {
                // A topic that was made again is forgotten under its old id.
                if wanted.get(key).is_none_or(|now| now.topic_id != before.topic_id) {
                    forgotten.push((key.clone(), before.topic_id));
                }
            }
        }
        self.partitions = wanted;
        Asked { id: self.id, epoch: self.epoch, named, forgotten }
    }

    /// The answer came: its error code and session id.
    pub fn answered(&mut self, code: ErrorCode, id: i32) {
        match code {
            ErrorCode::None if id == 0 => *self = FetchSession::default(),
            ErrorCode::None => {
                self.id = id;
                self.epoch = self.epoch.checked_add(1).unwrap_or(1);
            }
            ErrorCode::FetchSessionIdNotFound => *self = FetchSession::default(),
            _ => self.lost(),
        }
    }

    /// No answer came, or one that does not fit: a new session is made, which closes the old one.
    pub fn lost(&mut self) {
        self.epoch = 0;
        self.partitions.clear();
    }

    /// The request that closes the session, if there is one.
    #[must_use]
    pub fn close(&self) -> Option<Asked> {
        let last = Asked { id: self.id, epoch: -1, named: Vec::new(), forgotten: Vec::new() };
        (self.id != 0).then_some(last)
    }

    /// The topic with this id in the last request.
    #[must_use]
    pub fn topic(&self, id: Uuid) -> Option<&str> {
        self.partitions.iter().find(|(_, wanted)| wanted.topic_id == id).map(|((topic, _), _)| topic.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(parts: &[(&str, i32, u128, i64)]) -> BTreeMap<Key, Wanted> {
        let one = |(topic, index, id, offset): &(&str, i32, u128, i64)| {
            (((*topic).to_owned(), *index), Wanted { topic_id: Uuid(*id), offset: *offset, leader_epoch: 0 })
        };
        parts.iter().map(one).collect()
    }

    #[allow(clippy::type_complexity)]
    fn names(asked: &Asked) -> (i32, Vec<(&str, i64)>, Vec<(&str, u128)>) {
        let named = asked.named.iter().map(|((topic, _), it)| (topic.as_str(), it.offset)).collect();
        let forgotten = asked.forgotten.iter().map(|((topic, _), id)| (topic.as_str(), id.0)).collect();
        (asked.epoch, named, forgotten)
    }

    #[test]
    fn only_changes_are_named() {
        let mut session = FetchSession::default();
        let first = session.ask(wanted(&[("a", 0, 1, 5), ("b", 0, 2, 7)]));
        assert_eq!(names(&first), (0, vec![("a", 5), ("b", 7)], vec![]));
        session.answered(ErrorCode::None, 99);
        let second = session.ask(wanted(&[("a", 0, 1, 6), ("b", 0, 2, 7)]));
        assert_eq!((second.id, names(&second)), (99, (1, vec![("a", 6)], vec![])));
        session.answered(ErrorCode::None, 99);
        let third = session.ask(wanted(&[("a", 0, 8, 0)]));
        assert_eq!(names(&third), (2, vec![("a", 0)], vec![("a", 1), ("b", 2)]));
        assert_eq!((session.topic(Uuid(8)), session.topic(Uuid(1))), (Some("a"), None));
    }

    #[test]
    fn errors_begin_again() {
        for (code, id) in [(ErrorCode::FetchSessionIdNotFound, 0), (ErrorCode::InvalidFetchSessionEpoch, 99)]
        {
            let mut session = FetchSession::default();
            session.ask(wanted(&[("a", 0, 1, 5)]));
            session.answered(ErrorCode::None, 99);
            session.ask(wanted(&[("a", 0, 1, 5)]));
            session.answered(code, 0);
            let again = session.ask(wanted(&[("a", 0, 1, 5)]));
            assert_eq!((again.id, names(&again)), (id, (0, vec![("a", 5)], vec![])));
        }
        let mut without = FetchSession::default();
        without.ask(wanted(&[("a", 0, 1, 5)]));
        without.answered(ErrorCode::None, 0);
        assert_eq!(names(&without.ask(wanted(&[("a", 0, 1, 5)]))).1, vec![("a", 5)]);
        assert_eq!(without.close(), None);
    }

    #[test]
    fn epochs_wrap_to_one() {
        let mut session = FetchSession { id: 9, epoch: i32::MAX, partitions: BTreeMap::new() };
        session.answered(ErrorCode::None, 9);
        assert_eq!(session.epoch, 1);
    }
}
