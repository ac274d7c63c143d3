//! Members that choose topics by a regular expression. What one matches is worked out beside the coordinator, as a
//! [`RegexJob`], and kept in the log (`maybeUpdateRegularExpressions`, `TopicRegexResolver`).
//!
//! All expressions of a group are resolved together: when one is new, when there are new topics, and every
//! `group.consumer.regex.refresh.interval.ms`; but not more than every ten seconds. A member of an expression that is not
//! resolved yet goes on with what it has.

use std::collections::BTreeMap;
use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_metadata::Image;

use super::group::{ConsumerGroup, ResolvedRegex};
use super::member::ConsumerMember;
use super::metadata_hash::metadata_hash;
use super::records;
use super::work::{Refusal, Work, refuse};
use crate::decide::{Context, Decision, Input, Soft};
use crate::event::EventKind;
use crate::regex::Pattern;
use crate::state::{Group, Shard};

/// How often at most a group's expressions are resolved.
const MIN_INTERVAL_MS: i64 = 10_000;

/// A job that gave no result in this time is lost: its result could not be written, or nobody ran it.
const JOB_LOST_AFTER_MS: i64 = 60_000;

/// What became of a member's expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RegexChange {
    /// Nothing.
    None,
    /// It is another one, of which nothing is known yet.
    Changed,
    /// It is another one, or none, and what it matches is known.
    Resolved,
}

/// Finds out which topics match. Looks at all topics: not for the coordinator's own core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexJob {
    group: Arc<str>,
    regexes: Vec<Arc<str>>,
}

/// What a [`RegexJob`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexResult {
    group: Arc<str>,
    resolved: Vec<(Arc<str>, ResolvedRegex)>,
}

impl RegexResult {
    /// The group whose expressions they are.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }
}

impl RegexJob {
    /// Looks through the topics of an image; the result goes back to the group's machine.
    #[must_use]
    pub fn run(self, image: &Image, wall_ms: i64) -> Input {
        let version = image.provenance.offset.0;
        let resolve = |regex: Arc<str>| {
            // One that cannot be read was written by another version; it matches nothing.
            let pattern = Pattern::compile(&regex).ok();
            let names = image.topics.iter().map(|topic| &*topic.name);
            let matching = names.filter(|name| pattern.as_ref().is_some_and(|pattern| pattern.matches(name)));
            let topics = matching.map(str::to_owned).collect();
            (regex, ResolvedRegex { topics, version, timestamp_ms: wall_ms })
        };
        let resolved = self.regexes.into_iter().map(resolve).collect();
        Input::RegexResolved(RegexResult { group: self.group, resolved })
    }
}

impl Work<'_> {
    pub(super) fn update_regexes(
        &mut self,
        old: &ConsumerMember,
        new: &ConsumerMember,
    ) -> Result<RegexChange, Refusal> {
        let group = Arc::clone(&self.group);
        let mut change = RegexChange::None;
        let mut is_new = false;
        if old.regex != new.regex {
            change = RegexChange::Changed;
            if let Some(regex) = old.regex().filter(|regex| group.subscriptions.members_of(regex) == 1) {
                self.out.records.push(records::regex_tombstone(&group.id, regex));
            }
            match new.regex() {
                Some(regex) if group.subscriptions.members_of(regex) == 0 => {
                    if let Err(message) = Pattern::compile(regex) {
                        return refuse(ErrorCode::InvalidRegularExpression, message);
                    }
                    is_new = true;
                }
                Some(regex) if group.regexes.contains_key(regex) => change = RegexChange::Resolved,
                None if old.regex().is_some() => change = RegexChange::Resolved,
                Some(_) | None => {}
            }
        }
        if is_new || !group.subscriptions.regexes.is_empty() {
            self.resolve_if_due(old, new, is_new);
        }
        Ok(change)
    }

    fn resolve_if_due(&mut self, old: &ConsumerMember, new: &ConsumerMember, is_new: bool) {
        let (group, now_ms) = (Arc::clone(&self.group), self.context.now_ms);
        let last = group.last_resolution();
        let since_last_ms = last.map_or(i64::MAX, |last| self.context.since_ms(last.timestamp_ms));
        let is_running = self.shard.resolving.get(&group.id).is_some_and(|until_ms| now_ms < *until_ms);
        if is_running || since_last_ms <= MIN_INTERVAL_MS {
            return;
        }
        let mut wanted: BTreeMap<&str, usize> =
            group.subscriptions.regexes.iter().map(|(regex, count)| (&**regex, *count)).collect();
        if let Some(count) = old.regex().and_then(|regex| wanted.get_mut(regex)) {
            *count -= 1;
        }
        if let Some(regex) = new.regex() {
            *wanted.entry(regex).or_default() += 1;
        }
        wanted.retain(|_, count| *count > 0);
        let version = last.map_or(0, |last| last.version);
        let interval_ms = i64::from(self.context.config.consumer.regex_refresh_interval_ms);
        let is_due = is_new
            || wanted.len() != group.regexes.len()
            || version < self.shard.new_topics_version
            || since_last_ms > interval_ms;
        if is_due && !wanted.is_empty() {
            let regexes = wanted.into_keys().map(Arc::from).collect();
            self.out.jobs.push(RegexJob { group: Arc::clone(&group.id), regexes });
            let until_ms = now_ms.saturating_add(JOB_LOST_AFTER_MS);
            self.out.soft.push(Soft::Resolving(Arc::clone(&group.id), Some(until_ms)));
        }
    }
}

/// Whether members who now want nothing but a new expression have a target still. Apache Kafka begins no epoch when the
/// expression matches nothing, and what they had stays with nobody until something else changes.
fn frees_something(group: &ConsumerGroup, regex: &str) -> bool {
    let mut members = group.members.values().filter(|member| member.regex() == Some(regex));
    members.any(|member| !group.target(&member.id).is_empty())
}

impl Shard {
    /// What regular expressions match is known (`handleRegularExpressionsResult`).
    pub(crate) fn regex_resolved(&self, context: &Context<'_>, result: RegexResult) -> Decision {
        let done = Soft::Resolving(Arc::clone(&result.group), None);
        let Some(Group::Consumer(group)) = self.groups.get(&result.group) else {
            return Decision { soft: vec![done], ..Decision::default() };
        };
        let mut work = Work::new(context, self, Arc::clone(group));
        work.out.soft.push(done);
        let mut subscriptions = group.subscriptions.clone();
        let mut other: Vec<&str> = Vec::new();
        for (regex, resolved) in &result.resolved {
            if subscriptions.members_of(regex) == 0 {
                continue;
            }
            let before = group.regexes.get(regex).map(|before| &before.topics);
            if before.map_or(!resolved.topics.is_empty(), |before| *before != resolved.topics)
                || before.is_none() && frees_something(group, regex)
            {
                other.push(regex);
                subscriptions.matches_no_more(before.into_iter().flatten());
                subscriptions.matches(&resolved.topics);
            }
            work.out.records.push(records::regex(&group.id, regex, resolved));
        }
        let hash = metadata_hash(context.image, subscriptions.topics.keys().map(|topic| &**topic));
        if !other.is_empty() || hash != group.metadata_hash {
            let epoch = group.epoch + 1;
            work.out.records.push(records::epoch(&group.id, epoch, hash));
            let reason = match other.is_empty() {
                true => "topics of the group changed".to_owned(),
                false => format!("regular expressions ({}) match other topics", other.join(" ")),
            };
            work.event(EventKind::Rebalance, epoch, reason);
            work.refreshed(epoch);
        }
        work.out
    }
}
