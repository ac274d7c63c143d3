//! Where a line of the help page may be broken: Java's `BreakIterator.getLineInstance`, for ASCII.
//!
//! Other than in Unicode's rules, closing punctuation may be broken behind without a space, so that `java.lang` has two parts,
//! except between the digits of a number that begins its part.

/// The parts of a line between which it may be broken; together they are the line.
pub fn parts(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut previous: Option<char> = None;
    for (at, letter) in line.char_indices() {
        if previous.is_some_and(|previous| breaks(&line[start..at], previous, &line[at..])) {
            parts.push(&line[start..at]);
            start = at;
        }
        previous = Some(letter);
    }
    if start < line.len() {
        parts.push(&line[start..]);
    }
    parts
}

/// Whether the part so far, which ends with `last`, ends before `rest`.
fn breaks(part: &str, last: char, rest: &str) -> bool {
    let Some(next) = rest.chars().next() else { return false };
    if is_control(last) {
        return true;
    }
    if next == ' ' || is_control(next) {
        return false;
    }
    match last {
        ' ' => true,
        '$' | '\'' | '(' | '[' | '{' => false,
        '"' if part.chars().all(is_opening) => false,
        '-' => {
            let prefix = |it: char| it == '-' || is_opening(it);
            let digit_follows = rest.trim_start_matches(prefix).starts_with(|it: char| it.is_ascii_digit());
            let begins_number = digit_follows && part.chars().all(prefix);
            !begins_number && !matches!(next, '-' | '$' | '\'')
        }
        ',' | '.' if next.is_ascii_digit() && is_number(&part[..part.len() - 1]) => false,
        last if is_closing(last) => !is_closing(next) && !matches!(next, '$' | '\''),
        _ if matches!(next, '(' | '[' | '{') => true,
        // A number with a sign or a point does not go on as a word.
        _ => {
            let is_signed = part.trim_start_matches(is_opening).starts_with('-') || part.contains(['.', ',']);
            is_signed
                && is_number(part)
                && !next.is_ascii_digit()
                && !is_closing(next)
                && next != '-'
                && !is_opening(next)
        }
    }
}

fn is_control(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r')
}

fn is_opening(letter: char) -> bool {
    matches!(letter, '"' | '$' | '\'' | '(' | '[' | '{')
}

fn is_closing(letter: char) -> bool {
    matches!(letter, '!' | '"' | '%' | ')' | ',' | '.' | ':' | ';' | '?' | ']' | '}')
}

/// Digits, with dots and commas between them, behind opening punctuation and hyphens.
fn is_number(part: &str) -> bool {
    let digits = part.trim_start_matches(|it| it == '-' || is_opening(it));
    digits.starts_with(|it: char| it.is_ascii_digit())
        && digits.chars().all(|it| it.is_ascii_digit() || matches!(it, '.' | ','))
}

#[cfg(test)]
mod tests {
    use super::parts;

    /// What Java's iterator answered for each line.
    #[test]
    fn as_in_java() {
        let cases = [
            "a-|b-|c",
            "--|foo-|bar |baz",
            "1-|2",
            "a-|1",
            "-1 |to |3",
            "a.|b.|c",
            "foo|(bar)",
            "foo |(bar)",
            "a,|b",
            "1,000",
            "1,|a",
            "a/b/c",
            "key=val,|k2=v2",
            "a  |b",
            "(a)|(b)",
            "\"a\"|b",
            "a\"|b",
            "$a",
            "50%|a",
            "a:|b",
            "[a,|b,|c]",
            "a]|b",
            "a|[b",
            "<a>b",
            "a'b",
            "'a' |b",
            "1.0.0",
            "v1.|2-|IV0",
            "a |- |b",
            "--|a--|b",
            "x|(1)",
            "x-|(y)",
            "x)|(y",
            "x].|y",
            "a.\"|b",
            "3.9-|IV0",
            "\"-1\"",
            "(-1)",
            "a.|-|b",
            "-|a",
            "(--|a)",
            "'--|b'",
            "1a |b",
            "-3|>",
            "3>",
            "-3|>4",
            "--3|x",
            "(3x)",
            "topic5:|-3|>",
            "x-|([0-|9]|*)|y",
            "-([0|x",
            "-|([x",
            "1.5|a",
            "-1.5|x",
            "-|x3",
            "a|(-3|b",
            "a)|-3|b",
            "1a2",
            "-3-|4",
            "-(3",
            "-|(a)",
            "--(3)",
            "a-|3",
            "a\t|\t|b",
            "{a:|b}",
            "1%|2",
            "1$2",
            "1:|2",
            "10,20",
            "...|a",
            "e.|g. |b",
            "x.|y:|z-|q",
        ];
        for case in cases {
            assert_eq!(parts(&case.replace('|', "")).join("|"), case);
        }
    }
}
