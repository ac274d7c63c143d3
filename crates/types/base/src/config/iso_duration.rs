//! Durations in ISO 8601 as Java reads them (`java.time.Duration.parse`): `PnDTnHnMn.nS`, every part with a sign if need
//! be, letters in any case.

const NANOSECONDS: i128 = 1_000_000_000;

/// The length of the duration; `None` for a text that is none or too long for Java's type.
#[must_use]
pub fn nanoseconds(text: &str) -> Option<i128> {
    let upper = text.to_ascii_uppercase();
    let (sign, rest) = signed(&upper);
    let rest = rest.strip_prefix('P')?;
    let (date, time) = match rest.split_once('T') {
        // Behind the T something must follow.
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (rest, ""),
    };
    let mut total = 0;
    let date = part(date, 'D', 86_400, &mut total)?;
    let time = part(time, 'H', 3_600, &mut total)?;
    let time = part(time, 'M', 60, &mut total)?;
    let time = seconds(time, &mut total)?;
    let any = !rest.is_empty();
    let total = sign * total;
    (any && date.is_empty() && time.is_empty() && i64::try_from(total / NANOSECONDS).is_ok()).then_some(total)
}

fn signed(text: &str) -> (i128, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn whole(text: &str) -> Option<i128> {
    let (sign, digits) = signed(text);
    let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if all { Some(sign * i128::from(digits.parse::<i64>().ok()?)) } else { None }
}

/// Takes one part off the front, if the text begins with it; gives the rest.
fn part<'a>(text: &'a str, unit: char, each: i128, total: &mut i128) -> Option<&'a str> {
    match text.split_once(unit) {
        Some((number, rest)) => {
            *total += whole(number)? * each * NANOSECONDS;
            Some(rest)
        }
        None => Some(text),
    }
}

fn seconds<'a>(text: &'a str, total: &mut i128) -> Option<&'a str> {
    let Some((number, rest)) = text.split_once('S') else { return Some(text) };
    let (before, fraction) = number.split_once(['.', ',']).unwrap_or((number, ""));
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanoseconds: i128 = format!("{fraction:0<9}").parse().ok()?;
    let sign = if before.starts_with('-') { -1 } else { 1 };
    *total += whole(before)? * NANOSECONDS + sign * nanoseconds;
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::nanoseconds;

    #[test]
    fn durations_are_read_as_java_reads_them() {
        let seconds = |text| nanoseconds(text).map(|length| length as f64 / 1e9);
        for (text, expected) in [
            ("PT20.345S", 20.345),
            ("PT15M", 900.0),
            ("pt10h", 36_000.0),
            ("P2D", 172_800.0),
            ("P2DT3H4M", 183_840.0),
            ("PT-6H3M", -21_420.0),
            ("-PT6H", -21_600.0),
            ("-PT-6H+3M", 21_420.0),
            ("PT-0.5S", -0.5),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in
            ["", "P", "PT", "1H", "P1H", "PT1D", "PT1", "PT1M1H", "P1DT", "PT.5S", "PT1.0000000001S", "PTS"]
        {
            assert_eq!(seconds(text), None, "{text}");
        }
        assert_eq!(seconds("PT9223372036854775807H"), None);
    }
}
