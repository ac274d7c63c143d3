//! Fetch sessions (KIP-227).

use headwater_base::Uuid;
use headwater_protocol::messages::fetch_request::{FetchRequest, ForgottenTopic};
use headwater_protocol::messages::fetch_response::FetchResponse;

use super::fetch::{KEY, Wanted, id_of, request, topics, want};
use super::state::{T0, append, batch};
use super::target::Target;

/// A client's side of a session.
struct Session<'a> {
    target: &'a mut Target,
    version: i16,
    id: i32,
}

impl Session<'_> {
    /// One request of the session; remembers the id that the answer has.
    fn ask(&mut self, what: &str, epoch: i32, wanted: &[Wanted<'_>], forgotten: &[(&str, i32)]) {
        let id = self.id;
        if let Some(answer) = self.ask_as(what, id, epoch, wanted, forgotten)
            && answer.session_id > 0
        {
            self.id = answer.session_id;
        }
    }

    fn ask_as(
        &mut self,
        what: &str,
        session_id: i32,
        session_epoch: i32,
        wanted: &[Wanted<'_>],
        forgotten: &[(&str, i32)],
    ) -> Option<FetchResponse> {
        let version = self.version;
        let forgotten_topics_data = forgotten
            .iter()
            .map(|(topic, partition)| ForgottenTopic {
                topic: if version < 13 { (*topic).to_owned() } else { String::new() },
                topic_id: if version < 13 { Uuid(0) } else { id_of(self.target, topic) },
                partitions: vec![*partition],
            })
            .collect();
        let topics = topics(self.target, version, wanted);
        let request = FetchRequest { session_id, session_epoch, topics, forgotten_topics_data, ..request() };
        self.target.ask(what, KEY, version, &request)
    }
}

pub fn chapter(target: &mut Target) {
    for version in [7, 9, 11, 12, 13, 15, 17, 18] {
        course(target, version);
        mistakes(target, version);
        errors(target, version);
    }
    change_of_naming(target);
}

/// A session from its beginning to its end.
fn course(target: &mut Target, version: i16) {
    let mut session = Session { target, version, id: 0 };
    let (first, second) = (want("data", 0, 12), want("data", 1, 99));
    session.ask("course: opens", 0, &[first, want("plain", 0, 3), want("empty", 0, 0)], &[]);
    session.ask("course: the same again", 1, &[], &[]);
    session.ask("course: moves on", 2, &[want("data", 0, 15)], &[]);
    session.ask("course: no news", 3, &[], &[]);
    session.ask("course: adds one in error", 4, &[second], &[]);
    session.ask("course: still in error", 5, &[], &[]);
    session.ask("course: the error ends", 6, &[want("data", 1, 4)], &[]);
    session.ask("course: after the error", 7, &[], &[]);
    session.ask("course: forgets two", 8, &[], &[("data", 1), ("plain", 0)]);
    session.ask("course: forgets one it does not have", 9, &[], &[("plain", 1)]);
    append(session.target, "empty", 0, batch(T0, &["news"]));
    session.ask("course: news", 10, &[], &[]);
    session.ask("course: news again", 11, &[], &[]);
    session.ask("course: takes and forgets the same", 12, &[want("plain", 1, 0)], &[("plain", 1)]);
    session.ask("course: forgets the rest", 13, &[], &[("data", 0), ("empty", 0)]);
    session.ask("course: after the end", 14, &[], &[]);
}

fn mistakes(target: &mut Target, version: i16) {
    let mut session = Session { target, version, id: 0 };
    let first = want("data", 0, 15);
    session.ask_as("nobody's session", 4711, 1, &[], &[]);
    session.ask_as("nobody's session, opens", 4711, 0, &[first], &[]);
    session.ask_as("nobody's session, closes", 4711, -1, &[first], &[]);
    session.ask_as("no session, epoch 1", 0, 1, &[first], &[]);
    session.ask_as("a session below zero", -3, 1, &[first], &[]);
    session.ask_as("epoch below -1", 0, -2, &[first], &[]);
    session.ask_as("opens without partitions", 0, 0, &[], &[]);
    session.ask_as("closes nothing", 0, -1, &[], &[]);
    session.ask("opens", 0, &[first], &[]);
    let id = session.id;
    session.ask_as("an epoch too high", id, 2, &[], &[]);
    session.ask_as("an epoch too low, after that", id, 0, &[first], &[]);
    session.ask("opens a second time", 0, &[first], &[]);
    session.ask("goes on", 1, &[], &[]);
    let id = session.id;
    session.ask_as("the epoch again", id, 1, &[], &[]);
    session.ask_as("the right epoch after a wrong one", id, 2, &[], &[]);
    session.ask_as("closes, with partitions", id, -1, &[first], &[]);
    session.ask_as("what was closed", id, 3, &[], &[]);
}

fn errors(target: &mut Target, version: i16) {
    let mut session = Session { target, version, id: 0 };
    let unknown = if version < 13 { "nowhere" } else { "<nobody>" };
    session.ask("errors: opens with an unknown topic", 0, &[want(unknown, 0, 0), want("data", 0, 15)], &[]);
    session.ask("errors: again", 1, &[], &[]);
    session.ask("errors: an unknown partition", 2, &[want("data", 9, 0)], &[]);
    session.ask("errors: both again", 3, &[], &[]);
    session.ask("errors: forgets the unknown", 4, &[], &[(unknown, 0), ("data", 9)]);
    session.ask("errors: nothing left of them", 5, &[], &[]);
    let data = Wanted { max_bytes: 1, ..want("data", 0, 0) };
    session.ask("errors: two with data", 6, &[data, want("plain", 0, 0)], &[]);
    session.ask("errors: whoever waited first", 7, &[], &[]);
    session.ask("errors: closes", -1, &[], &[]);
}

/// A session that was opened with names goes on with ids, and the other way round.
fn change_of_naming(target: &mut Target) {
    for (before, after) in [(12, 13), (13, 12)] {
        let mut session = Session { target: &mut *target, version: before, id: 0 };
        session.ask(&format!("naming: opens in v{before}"), 0, &[want("data", 0, 15)], &[]);
        session.version = after;
        session.ask(&format!("naming: goes on in v{after}"), 1, &[], &[]);
        session.ask(&format!("naming: with a topic in v{after}"), 1, &[want("data", 1, 4)], &[]);
        session.version = before;
        session.ask(&format!("naming: back in v{before}"), 1, &[], &[]);
    }
}
