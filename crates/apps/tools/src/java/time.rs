//! Dates and durations as Kafka's tools read them.

/// `Utils.getDateTime`: milliseconds since 1970; the error is the message of the `ParseException`.
pub fn parse_date_time(text: &str) -> Result<i64, String> {
    let Some((_, time)) = text.split_once('T').filter(|(_, time)| !time.is_empty()) else {
        return Err(
            "Error parsing timestamp. It does not contain a 'T' according to ISO8601 format".to_owned()
        );
    };
    let time = time.split('T').next().unwrap_or_default();
    let whole = if time.contains(['+', '-', 'Z']) { text.to_owned() } else { format!("{text}Z") };
    parse(&whole).ok_or_else(|| format!("Unparseable date: \"{whole}\""))
}

fn parse(text: &str) -> Option<i64> {
    let mut rest = text;
    let year = number(&mut rest, "-")?;
    let month = number(&mut rest, "-")?;
    let day = number(&mut rest, "T")?;
    let hour = number(&mut rest, ":")?;
    let minute = number(&mut rest, ":")?;
    let second = number(&mut rest, ".")?;
    let milli = number(&mut rest, "")?;
    let offset_minutes = zone(rest)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_of = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let fits = (1..=days_of).contains(&day) && hour < 24 && minute < 60 && second < 60 && milli < 1000;
    if !fits || year < 1 {
        return None;
    }
    // Days since 1970 by the civil calendar.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days =
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    let minutes = days * 1440 + hour * 60 + minute - offset_minutes;
    Some((minutes * 60 + second) * 1000 + milli)
}

/// Digits and what follows them.
fn number(rest: &mut &str, behind: &str) -> Option<i64> {
    let end = rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(rest.len());
    let value = rest[..end].parse().ok()?;
    *rest = rest[end..].strip_prefix(behind)?;
    Some(value)
}

/// `Z`, `+01:30` or `+01`, in minutes.
fn zone(text: &str) -> Option<i64> {
    if text.starts_with('Z') {
        return Some(0);
    }
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = match digits.get(2..5).and_then(|it| it.strip_prefix(':')) {
        Some(minutes) => minutes.parse().ok()?,
        None => 0,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// `Duration.parse`, in milliseconds: `P2DT3H4M5.006S`, each part and the whole with a sign.
pub fn parse_duration_ms(text: &str) -> Option<i64> {
    let upper = text.to_ascii_uppercase();
    let (sign, rest) = match upper.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, upper.strip_prefix('+').unwrap_or(&upper)),
    };
    let rest = rest.strip_prefix('P')?;
    let (date, time) = match rest.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (rest, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let mut total = 0_i64;
    let mut date = date;
    if let Some(days) = part(&mut date, 'D')? {
        total = total.checked_add(days.checked_mul(86_400_000)?)?;
    }
    let mut time = time;
    for (unit, factor) in [('H', 3_600_000), ('M', 60_000)] {
        if let Some(value) = part(&mut time, unit)? {
            total = total.checked_add(value.checked_mul(factor)?)?;
        }
    }
    if let Some(seconds) = time.strip_suffix('S') {
        let (whole, fraction) = seconds.split_once(['.', ',']).unwrap_or((seconds, ""));
        if fraction.len() > 9 || !fraction.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        let millis: i64 = format!("{fraction:0<3}")[..3].parse().ok()?;
        let negative = whole.starts_with('-');
        let whole: i64 = whole.parse().ok()?;
        total = total.checked_add(whole.checked_mul(1000)?)?;
        total += if negative { -millis } else { millis };
        time = "";
    }
    (date.is_empty() && time.is_empty()).then_some(sign * total)
}

/// A number in front of a unit, if the unit is there.
fn part(rest: &mut &str, unit: char) -> Option<Option<i64>> {
    let Some((number, behind)) = rest.split_once(unit) else { return Some(None) };
    *rest = behind;
    number.parse().ok().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(parse_date_time("1970-01-01T00:00:00.000"), Ok(0));
        assert_eq!(parse_date_time("2024-02-29T12:34:56.789+01:30"), Ok(1_709_204_696_789));
        assert_eq!(parse_date_time("2024-02-29T12:34:56.789Z"), Ok(1_709_210_096_789));
        assert!(parse_date_time("2023-02-29T12:34:56.789Z").is_err());
        assert_eq!(
            parse_date_time("2023-02-28"),
            Err("Error parsing timestamp. It does not contain a 'T' according to ISO8601 format".to_owned())
        );
    }

    #[test]
    fn durations() {
        let cases =
            [("PT0S", 0), ("P1DT1H", 90_000_000), ("PT-1.5S", -1500), ("-PT1M", -60_000), ("PT1.25S", 1250)];
        for (text, ms) in cases {
            assert_eq!(parse_duration_ms(text), Some(ms), "{text}");
        }
        for text in ["", "P", "PT", "1D", "P1H", "PT1D", "PTS", "P1DT", "PT1X"] {
            assert_eq!(parse_duration_ms(text), None, "{text}");
        }
    }
}
