//! The order in which a `java.util.HashMap` with text keys is gone through. Where the reference stops at the first mistake
//! it finds in such a map, this says which one it tells.

/// `String.hashCode`, spread as `HashMap.hash` does.
fn hash(text: &str) -> u32 {
    let hash =
        text.encode_utf16().fold(0u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
    hash ^ (hash >> 16)
}

/// The keys, given in the order in which they were put into the map, in the order of the map: by bucket, and in a bucket
/// in the order in which they came.
pub(crate) fn order(mut keys: Vec<&str>) -> Vec<&str> {
    let mut buckets = 16usize;
    while keys.len() > buckets / 4 * 3 {
        buckets *= 2;
    }
    keys.sort_by_key(|key| hash(key) as usize & (buckets - 1));
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Java 17 prints of `new HashMap<>(…).keySet()`.
    #[test]
    fn keys_come_as_in_java() {
        let keys =
            vec!["metadata.version", "kraft.version", "group.version", "share.version", "streams.version"];
        let java = "group.version kraft.version metadata.version share.version streams.version";
        assert_eq!(order(keys).join(" "), java);
        let keys: Vec<String> = (0..20).map(|n| format!("f-{n}")).collect();
        let keys = keys.iter().map(String::as_str).collect();
        let java =
            "f-19 f-18 f-17 f-16 f-15 f-14 f-13 f-12 f-0 f-11 f-10 f-2 f-1 f-4 f-3 f-6 f-5 f-8 f-7 f-9";
        assert_eq!(order(keys).join(" "), java);
    }
}
