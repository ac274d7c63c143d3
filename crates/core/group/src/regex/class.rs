//! Sets of characters, and characters by number.

use std::fmt::Write as _;

use super::Fault;
use super::translate::{Cursor, literal};

const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// General categories that RE2 knows.
const CATEGORIES: [&str; 37] = [
    "C", "Cc", "Cf", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl",
    "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs",
    "Any",
];

/// The set behind `\d` and its like, for use between brackets. They are of ASCII in RE2.
pub(super) fn perl_class(char: char) -> Option<&'static str> {
    Some(match char {
        'd' => "0-9",
        'D' => "[^0-9]",
        's' => r"\t\n\f\r\x20",
        'S' => r"[^\t\n\f\r\x20]",
        'w' => "0-9A-Za-z_",
        'W' => "[^0-9A-Za-z_]",
        _ => return None,
    })
}

/// Reads a set, behind its opening bracket.
pub(super) fn class(cursor: &mut Cursor, out: &mut String) -> Result<(), Fault> {
    out.push('[');
    if cursor.take("^") {
        out.push('^');
    }
    let mut first = true;
    loop {
        if cursor.peek().is_none() {
            return Err(Fault::MissingBracket);
        }
        if !first && cursor.take("]") {
            out.push(']');
            return Ok(());
        }
        first = false;
        if posix_class(cursor, out)? {
            continue;
        }
        if cursor.take("\\") {
            match cursor.peek() {
                Some('p' | 'P') => {
                    unicode_class(cursor, out)?;
                    continue;
                }
                Some(char) if perl_class(char).is_some() => {
                    cursor.next();
                    out.push_str(perl_class(char).unwrap_or_default());
                    continue;
                }
                _ => {
                    let low = escape(cursor)?;
                    range(cursor, out, low)?;
                }
            }
        } else if let Some(low) = cursor.next() {
            range(cursor, out, low)?;
        }
    }
}

/// Reads `[:alpha:]`; false if it is something else.
fn posix_class(cursor: &mut Cursor, out: &mut String) -> Result<bool, Fault> {
    if !cursor.take("[:") {
        return Ok(false);
    }
    let Some(name) = cursor.take_until(":]") else {
        // A bracket and a colon that stand for themselves.
        literal(out, '[');
        range(cursor, out, ':')?;
        return Ok(true);
    };
    if !POSIX.contains(&name.strip_prefix('^').unwrap_or(&name)) {
        return Err(Fault::Range);
    }
    write!(out, "[:{name}:]").expect("a string takes all");
    Ok(true)
}

/// Reads the rest of what begins with `low`: it may be a range.
fn range(cursor: &mut Cursor, out: &mut String, low: char) -> Result<(), Fault> {
    literal(out, low);
    let dash = cursor.take("-");
    if dash && cursor.peek() == Some(']') {
        literal(out, '-');
    } else if dash {
        let high = match cursor.next() {
            None => return Err(Fault::MissingBracket),
            Some('\\') => escape(cursor)?,
            Some(high) => high,
        };
        if high < low {
            return Err(Fault::Range);
        }
        out.push('-');
        literal(out, high);
    }
    Ok(())
}

/// Reads `pL`, `p{Greek}` or `P{^Greek}`.
pub(super) fn unicode_class(cursor: &mut Cursor, out: &mut String) -> Result<(), Fault> {
    let mut negative = cursor.next() == Some('P');
    let name = match cursor.next() {
        None => return Err(Fault::Range),
        Some('{') => cursor.take_until("}").ok_or(Fault::Range)?,
        Some(char) => char.to_string(),
    };
    let name = match name.strip_prefix('^') {
        Some(name) => {
            negative = !negative;
            name
        }
        None => &name,
    };
    let not = if negative { "^" } else { "" };
    if name == "Cs" {
        // No text has such characters: nothing, or all.
        write!(out, r"[{}\x{{0}}-\x{{10FFFF}}]", if negative { "" } else { "^" })
            .expect("a string takes all");
    } else if CATEGORIES.contains(&name) {
        write!(out, r"[{not}\p{{{name}}}]").expect("a string takes all");
    } else if name.len() > 2
        && name.starts_with(|char: char| char.is_ascii_uppercase())
        && name.chars().all(|char| char.is_ascii_alphabetic() || char == '_')
    {
        write!(out, r"[{not}\p{{Script={name}}}]").expect("a string takes all");
    } else {
        return Err(Fault::Range);
    }
    Ok(())
}

/// Reads the character that an escape sequence stands for, behind its backslash.
pub(super) fn escape(cursor: &mut Cursor) -> Result<char, Fault> {
    let char = cursor.next().ok_or(Fault::TrailingBackslash)?;
    let octal = |cursor: &Cursor| cursor.peek().and_then(|char| char.to_digit(8));
    let code = match char {
        '1'..='7' if octal(cursor).is_none() => return Err(Fault::Escape),
        '0'..='7' => {
            let mut code = char.to_digit(8).unwrap_or_default();
            for _ in 0..2 {
                let Some(digit) = octal(cursor) else { break };
                code = code * 8 + digit;
                cursor.next();
            }
            code
        }
        'x' => hexadecimal(cursor)?,
        'a' => 7,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        other if !other.is_ascii_alphanumeric() => return Ok(other),
        _ => return Err(Fault::Escape),
    };
    char::from_u32(code).ok_or(Fault::Escape)
}

/// Reads `41` or `{1F600}`.
fn hexadecimal(cursor: &mut Cursor) -> Result<u32, Fault> {
    let digit = |cursor: &mut Cursor| cursor.next().and_then(|char| char.to_digit(16)).ok_or(Fault::Escape);
    if !cursor.take("{") {
        return Ok(digit(cursor)? * 16 + digit(cursor)?);
    }
    let mut code = digit(cursor)?;
    while !cursor.take("}") {
        code = code * 16 + digit(cursor)?;
        if code > 0x10_FFFF {
            return Err(Fault::Escape);
        }
    }
    Ok(code)
}
