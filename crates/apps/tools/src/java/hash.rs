//! The order in which a `java.util.HashMap` gives its entries. Some tools print in it, so it is part of their output.

/// `String.hashCode`.
pub fn string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// Sorts `items` as a `HashMap` or `HashSet` gives them that was filled in this order and grew by itself. `hash` is the
/// key's `hashCode`.
pub fn hash_order<T>(items: Vec<T>, hash: impl Fn(&T) -> i32) -> Vec<T> {
    // A table of 16, doubled when it is more than three quarters full. Within a bucket the order of insertion stays.
    let mut table = 16_u32;
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
