//! What members of groups were told.

use std::collections::BTreeSet;

use crate::group_history::{FetchedOffset, GroupHistory};
use crate::history::History;

/// So many of a kind are told.
const FEW: usize = 3;

fn each<'a>(
    history: &'a History,
    check: impl Fn(&'a GroupHistory) -> Vec<String> + 'a,
) -> impl Iterator<Item = String> + 'a {
    let groups = history.groups.iter();
    groups.flat_map(move |(id, group)| {
        check(group).into_iter().take(FEW).map(move |what| format!("{id}: {what}"))
    })
}

pub(super) fn one_owner_in_a_generation(history: &History) -> Vec<String> {
    let check = |group: &GroupHistory| -> Vec<String> {
        let shared = group.owners.iter().filter(|(_, owners)| owners.len() > 1);
        shared
            .map(|((generation, place), owners)| format!("{place} in generation {generation}: {owners:?}"))
            .collect()
    };
    each(history, check).collect()
}

pub(super) fn generations_never_go_back(history: &History) -> Vec<String> {
    let check = |group: &GroupHistory| -> Vec<String> {
        let back = group.generations.iter().filter(|told| told.generation < told.floor);
        back.map(|told| {
            format!("{} was told in life {} when {} was known", told.generation, told.life, told.floor)
        })
        .collect()
    };
    each(history, check).collect()
}

pub(super) fn old_generations_do_not_commit(history: &History) -> Vec<String> {
    each(history, |group| group.late.iter().map(|late| format!("{late:?}")).collect()).collect()
}

pub(super) fn commits_stay(history: &History) -> Vec<String> {
    let check = |group: &GroupHistory| -> Vec<String> {
        group.fetched.iter().filter_map(|fetched| wrong_offset(group, fetched)).collect()
    };
    each(history, check).collect()
}

fn wrong_offset(group: &GroupHistory, fetched: &FetchedOffset) -> Option<String> {
    let (place, life, floor) = (fetched.place, fetched.life, fetched.floor);
    if fetched.offset == -1 {
        return floor.map(|floor| format!("{place} has no offset in life {life}, and {floor:?}"));
    }
    let Some(sent) = group.sent.get(&fetched.metadata) else {
        return Some(format!("{place}: {:?} was never committed", fetched.metadata));
    };
    if sent.place != place || sent.offset != fetched.offset {
        return Some(format!(
            "{place}: {} of {:?} was committed as {sent:?}",
            fetched.offset, fetched.metadata
        ));
    }
    let floor = floor.filter(|floor| sent.order < floor.order)?;
    // A commit whose answer never came may happen at any time while that life lasts.
    let may_be_late = !sent.answered && sent.life >= floor.life;
    (!may_be_late).then(|| format!("{place}: {sent:?} in life {life}, and {floor:?} was acknowledged before"))
}

pub(super) fn groups_survive(history: &History) -> Vec<String> {
    let check = |group: &GroupHistory| -> Vec<String> {
        let unlisted = group.views.iter().any(|view| view.state.is_none());
        let mut wrong = Vec::new();
        if unlisted && !group.acknowledged.is_empty() {
            wrong.push("it has offsets and is not listed".to_owned());
        }
        let haunted =
            group.views.iter().filter_map(|view| view.state.as_deref().filter(|state| *state != "Empty"));
        wrong.extend(haunted.map(|state| format!("it is {state} when all members are gone")));
        if let [before, after] = group.views.as_slice()
            && before != after
        {
            wrong.push(format!("{before:?} before a clean restart, {after:?} after"));
        }
        wrong
    };
    each(history, check).collect()
}

pub(super) fn offsets_go_with_their_topic(history: &History) -> Vec<String> {
    let topics = history.topics.values();
    let gone: BTreeSet<&str> =
        topics.filter(|topic| topic.deleted).map(|topic| topic.name.as_str()).collect();
    let here: BTreeSet<&str> =
        history.topics.values().filter(|topic| !topic.deleted).map(|topic| topic.name.as_str()).collect();
    let check = |group: &GroupHistory| -> Vec<String> {
        let offsets = group.views.iter().flat_map(|view| &view.offsets);
        let left =
            offsets.filter(|((topic, _), _)| gone.contains(topic.as_str()) && !here.contains(topic.as_str()));
        left.map(|(place, offset)| format!("{place:?} is deleted and has {offset:?}")).collect()
    };
    each(history, check).collect()
}

pub(super) fn groups_converge(history: &History) -> Vec<String> {
    history.restless.clone()
}
