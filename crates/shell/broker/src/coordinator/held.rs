//! Answers that wait for the commit of what they tell.
//!
//! An answer about one group waits for the last batch that touched this group, an answer about several for the last batch
//! of all. So a member's heartbeat does not wait for a disk that writes down the offsets of others.

use std::collections::{BTreeMap, VecDeque};

use headwater_group::{Answer, Input};
use headwater_runtime::sync::oneshot;

use crate::partition::Committed;

/// The group that an input is about alone; what it answers and writes down depends on no other.
pub(super) fn about(input: &Input) -> Option<&str> {
    match input {
        Input::Join(request, ..) => Some(&request.group_id),
        Input::Sync(request) => Some(&request.group_id),
        Input::Heartbeat(request) => Some(&request.group_id),
        Input::Leave(request) => Some(&request.group_id),
        Input::CommitOffsets(request, _) => Some(&request.group_id),
        Input::FetchOffsets(request, _) => Some(&request.group_id),
        Input::DeleteOffsets(request) => Some(&request.group_id),
        Input::ConsumerHeartbeat(request, _) => Some(&request.group_id),
        Input::RegexResolved(result) => Some(result.group()),
        Input::Describe(groups, _) | Input::ConsumerDescribe(groups) | Input::Delete(groups) => {
            match groups.as_slice() {
                [group] => Some(group),
                _ => None,
            }
        }
        Input::List(_)
        | Input::Expire
        | Input::ExpireOffsets
        | Input::TopicsDeleted(_)
        | Input::TopicsChanged { .. } => None,
    }
}

/// A batch that is not committed yet, and who waits for it.
struct Batch {
    committed: oneshot::Receiver<Committed>,
    group: Option<String>,
    answers: Vec<(oneshot::Sender<Answer>, Answer)>,
}

/// See the module.
#[derive(Default)]
pub(super) struct Held {
    batches: VecDeque<Batch>,
    /// Number of the first of them.
    first: u64,
    /// The last batch of each group that has one.
    last: BTreeMap<String, u64>,
    /// The last batch that may have touched any group.
    last_of_all: Option<u64>,
}

impl Held {
    /// A batch was appended, about one group or about any.
    pub(super) fn appended(&mut self, committed: oneshot::Receiver<Committed>, group: Option<&str>) {
        let number = self.first + self.batches.len() as u64;
        match group {
            Some(group) => drop(self.last.insert(group.to_owned(), number)),
            None => self.last_of_all = Some(number),
        }
        self.batches.push_back(Batch { committed, group: group.map(str::to_owned), answers: Vec::new() });
    }

    /// Resolves with the fate of the first batch; never, if there is none.
    pub(super) fn first_committed(&mut self) -> Option<&mut oneshot::Receiver<Committed>> {
        self.batches.front_mut().map(|batch| &mut batch.committed)
    }

    /// The first batch is committed: gives who may hear what now.
    pub(super) fn release(&mut self) -> Vec<(oneshot::Sender<Answer>, Answer)> {
        let Some(batch) = self.batches.pop_front() else { return Vec::new() };
        let number = self.first;
        self.first += 1;
        if let Some(group) = &batch.group
            && self.last.get(group) == Some(&number)
        {
            self.last.remove(group);
        }
        self.last_of_all = self.last_of_all.filter(|last| *last > number);
        batch.answers
    }

    /// Sends an answer about one group or about any, now or when it may be heard. Whoever asked may have gone.
    pub(super) fn give(&mut self, group: Option<&str>, reply: oneshot::Sender<Answer>, answer: Answer) {
        let behind = match group {
            Some(group) => self.last.get(group).copied().max(self.last_of_all),
            None => (self.first + self.batches.len() as u64).checked_sub(1),
        };
        let place = behind.and_then(|number| usize::try_from(number.checked_sub(self.first)?).ok());
        match place.and_then(|place| self.batches.get_mut(place)) {
            Some(batch) => batch.answers.push((reply, answer)),
            None => drop(reply.send(answer)),
        }
    }
}

#[cfg(test)]
mod tests {
    use headwater_base::error_code::ErrorCode;

    use super::*;

    struct World {
        held: Held,
        heard: Vec<(&'static str, oneshot::Receiver<Answer>)>,
    }

    impl World {
        fn new() -> Self {
            Self { held: Held::default(), heard: Vec::new() }
        }

        fn append(&mut self, group: Option<&str>) {
            // The other end is gone, which is nothing to the order of answers.
            self.held.appended(oneshot::channel().1, group);
        }

        fn answer(&mut self, name: &'static str, group: Option<&str>) {
            let (reply, answer) = oneshot::channel();
            self.heard.push((name, answer));
            self.held.give(group, reply, Answer::Heartbeat(ErrorCode::None));
        }

        fn commit(&mut self) {
            for (reply, answer) in self.held.release() {
                drop(reply.send(answer));
            }
        }

        /// Who has heard by now and was not told of before.
        fn hears(&mut self) -> Vec<&'static str> {
            let mut names = Vec::new();
            self.heard.retain_mut(|(name, answer)| match answer.try_recv() {
                Some(_) => {
                    names.push(*name);
                    false
                }
                None => true,
            });
            names
        }
    }

    #[test]
    fn who_has_nothing_uncommitted_hears_at_once() {
        let mut world = World::new();
        world.answer("a", Some("a"));
        world.answer("all", None);
        assert_eq!(world.hears(), ["a", "all"]);
        world.append(Some("b"));
        world.answer("a again", Some("a"));
        world.answer("b", Some("b"));
        world.answer("all again", None);
        assert_eq!(world.hears(), ["a again"]);
        world.commit();
        assert_eq!(world.hears(), ["b", "all again"]);
    }

    #[test]
    fn each_waits_for_the_last_batch_of_its_group() {
        let mut world = World::new();
        world.append(Some("a"));
        world.append(Some("b"));
        world.append(Some("a"));
        world.answer("a", Some("a"));
        world.answer("b", Some("b"));
        world.commit();
        assert!(world.hears().is_empty());
        world.commit();
        assert_eq!(world.hears(), ["b"]);
        world.commit();
        assert_eq!(world.hears(), ["a"]);
        assert!(world.held.last.is_empty());
    }

    #[test]
    fn what_may_touch_any_group_holds_all_back() {
        let mut world = World::new();
        world.append(Some("a"));
        world.append(None);
        world.append(Some("b"));
        world.answer("a", Some("a"));
        world.answer("b", Some("b"));
        world.answer("c", Some("c"));
        world.commit();
        assert!(world.hears().is_empty());
        world.commit();
        assert_eq!(world.hears(), ["a", "c"]);
        world.answer("c again", Some("c"));
        assert_eq!(world.hears(), ["c again"]);
        world.commit();
        assert_eq!(world.hears(), ["b"]);
    }
}
