//! Orders that follow from Java's collections and that messages show.

/// Puts texts into the order in which a `java.util.HashSet` made of them shows them.
pub(super) fn hash_set_order(texts: &mut [&str]) {
    let buckets = (texts.len() * 4 / 3 + 1).next_power_of_two().max(16) as u32;
    texts.sort_by_key(|text| spread(text) & (buckets - 1));
}

/// `String.hashCode`, with its halves mixed as `HashMap` mixes them.
fn spread(text: &str) -> u32 {
    let hash = text.encode_utf16().fold(0u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()));
    hash ^ (hash >> 16)
}

#[test]
fn sets_have_the_references_order() {
    let mut keys = [
        "auto.create.topics.enable",
        "broker.rack",
        "default.replication.factor",
        "num.partitions",
        "process.roles",
    ];
    hash_set_order(&mut keys);
    let expected = [
        "num.partitions",
        "auto.create.topics.enable",
        "process.roles",
        "broker.rack",
        "default.replication.factor",
    ];
    assert_eq!(keys, expected);
}
