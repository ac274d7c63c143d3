//! What the members of a group want together: counted, so that one member's change needs no look at the others.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::member::ConsumerMember;
use crate::assignor::SubscriptionType;

/// How often a topic is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// By members that name it.
    pub(crate) by_name: usize,
    /// By regular expressions that match it, each counted once.
    pub(crate) by_regex: usize,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subscriptions {
    /// By topic.
    pub(crate) topics: BTreeMap<Arc<str>, Count>,
    /// Members by regular expression.
    pub(crate) regexes: BTreeMap<Arc<str>, usize>,
}

impl Subscriptions {
    fn change(&mut self, topic: &str, change: impl FnOnce(&mut Count)) {
        let key =
            self.topics.get_key_value(topic).map_or_else(|| Arc::from(topic), |(key, _)| Arc::clone(key));
        let count = self.topics.entry(Arc::clone(&key)).or_default();
        change(count);
        if *count == Count::default() {
            self.topics.remove(&key);
        }
    }

    /// A member is replaced by another, or by nobody.
    pub(crate) fn replace(&mut self, old: Option<&ConsumerMember>, new: Option<&ConsumerMember>) {
        let names = |member: Option<&ConsumerMember>| member.map(|member| Arc::clone(&member.subscribed));
        let (old_names, new_names) = (names(old), names(new));
        if old_names != new_names {
            for topic in old_names.iter().flat_map(|names| names.iter()) {
                self.change(topic, |count| count.by_name = count.by_name.saturating_sub(1));
            }
            for topic in new_names.iter().flat_map(|names| names.iter()) {
                self.change(topic, |count| count.by_name += 1);
            }
        }
        let regex =
            |member: Option<&ConsumerMember>| member.and_then(ConsumerMember::regex).map(str::to_owned);
        let (old_regex, new_regex) = (regex(old), regex(new));
        if old_regex == new_regex {
            return;
        }
        if let Some(regex) = old_regex
            && let Entry::Occupied(mut entry) = self.regexes.entry(Arc::from(regex.as_str()))
        {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
        if let Some(regex) = new_regex {
            *self.regexes.entry(Arc::from(regex.as_str())).or_default() += 1;
        }
    }

    /// A regular expression is known to match these topics.
    pub(crate) fn matches<'a>(&mut self, topics: impl IntoIterator<Item = &'a String>) {
        topics.into_iter().for_each(|topic| self.change(topic, |count| count.by_regex += 1));
    }

    /// A regular expression matches these topics no more.
    pub(crate) fn matches_no_more<'a>(&mut self, topics: impl IntoIterator<Item = &'a String>) {
        for topic in topics {
            self.change(topic, |count| count.by_regex = count.by_regex.saturating_sub(1));
        }
    }

    /// How many members want this regular expression.
    pub(crate) fn members_of(&self, regex: &str) -> usize {
        self.regexes.get(regex).copied().unwrap_or(0)
    }

    /// Whether all want the same (`ConsumerGroup.subscriptionType`).
    pub(crate) fn kind(&self, members: usize) -> SubscriptionType {
        let same = match self.regexes.values().next() {
            None => self.topics.values().all(|count| count.by_name == members),
            Some(of_first) => {
                *of_first == members
                    && self.topics.values().all(|count| count.by_regex == 1 && count.by_name == 0)
            }
        };
        if same { SubscriptionType::Homogeneous } else { SubscriptionType::Heterogeneous }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: &str, topics: &[&str], regex: &str) -> ConsumerMember {
        let subscribed = Arc::new(topics.iter().map(|topic| (*topic).to_owned()).collect());
        ConsumerMember { subscribed, regex: Some(regex.to_owned()), ..ConsumerMember::new(Arc::from(id)) }
    }

    #[test]
    fn counts_come_and_go() {
        let (a, b) = (member("a", &["x", "y"], ""), member("b", &["x"], "z.*"));
        let mut all = Subscriptions::default();
        all.replace(None, Some(&a));
        assert_eq!(all.kind(1), SubscriptionType::Homogeneous);
        all.replace(None, Some(&b));
        all.matches(&["z1".to_owned()]);
        assert_eq!(all.kind(2), SubscriptionType::Heterogeneous);
        assert_eq!(all.topics["x"], Count { by_name: 2, by_regex: 0 });
        assert_eq!(all.members_of("z.*"), 1);
        all.replace(Some(&a), None);
        all.replace(Some(&b), Some(&member("b", &[], "z.*")));
        assert_eq!(all.kind(1), SubscriptionType::Homogeneous);
        all.matches_no_more(&["z1".to_owned()]);
        all.replace(Some(&member("b", &[], "z.*")), None);
        assert_eq!(all, Subscriptions::default());
    }
}
