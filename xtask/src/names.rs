//! Kafka's names in Rust's spelling.

/// `FetchRequest` to `fetch_request`, `KRaftVersion` to `kraft_version`, `ISR` to `isr`.
pub fn snake(name: &str) -> String {
    let name = name.replace("KRaft", "Kraft");
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, letter) in letters.iter().enumerate() {
        let before = i.checked_sub(1).map(|at| letters[at]);
        let after_is_lower = letters.get(i + 1).is_some_and(|next| next.is_lowercase());
        let starts_word = before.is_some_and(|b| !b.is_uppercase() && b != '_' || after_is_lower);
        if letter.is_uppercase() && starts_word {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// `fetch_request` to `FetchRequest`.
pub fn camel(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::snake;

    #[test]
    fn names_become_snakes() {
        for (name, expected) in [
            ("FetchRequest", "fetch_request"),
            ("KRaftVersionRecord", "kraft_version_record"),
            ("ISR", "isr"),
            ("AddingReplicas", "adding_replicas"),
            ("topic", "topic"),
            ("V3AndBelow", "v3_and_below"),
        ] {
            assert_eq!(snake(name), expected);
        }
    }
}
