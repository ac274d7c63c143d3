//! The order in which a `java.util.HashMap` gives its entries. Some tools print in it, so it is part of their output.

use headwater_base::TopicPartition;

/// `String.hashCode`.
pub fn string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// `TopicPartition.hashCode`.
pub fn partition_hash(partition: &TopicPartition) -> i32 {
    (31 + partition.partition.0).wrapping_mul(31).wrapping_add(string_hash(&partition.topic))
}

/// Sorts `items` as a `HashMap` or `HashSet` gives them that was filled in this order and grew by itself. `hash` is the
/// key's `hashCode`.
pub fn hash_order<T>(items: Vec<T>, hash: impl Fn(&T) -> i32) -> Vec<T> {
    hash_order_sized(items, 16, hash)
}

/// The same for a map that was made for `capacity` entries.
pub fn hash_order_sized<T>(items: Vec<T>, capacity: usize, hash: impl Fn(&T) -> i32) -> Vec<T> {
    // A power of two, doubled when it is more than three quarters full. Within a bucket the order of insertion stays.
    let mut table = u32::try_from(capacity.max(1).next_power_of_two()).unwrap_or(1 << 30);
    while items.len() as u64 * 4 > u64::from(table) * 3 {
        table *= 2;
    }
    let mut items: Vec<(u32, T)> = items
        .into_iter()
        .map(|item| {
            let hash = hash(&item).cast_unsigned();
            ((hash ^ (hash >> 16)) & (table - 1), item)
        })
        .collect();
    items.sort_by_key(|(bucket, _)| *bucket);
    items.into_iter().map(|(_, item)| item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_java_prints_a_set() {
        assert_eq!(string_hash("hello"), 99_162_322);
        // new HashSet<>(List.of("orders", "payments", "greetings", "a", "b", "zz-top")) as Java prints it.
        let names = vec!["orders", "payments", "greetings", "a", "b", "zz-top"];
        let found = hash_order(names, |name| string_hash(name));
        assert_eq!(found, EXPECTED);
    }

    const EXPECTED: [&str; 6] = ["a", "b", "zz-top", "payments", "orders", "greetings"];
}
