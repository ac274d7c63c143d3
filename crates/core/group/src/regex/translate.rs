//! From RE2's language to that of the crate `regex`. No group captures: nobody asks what it caught.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::class::{class, escape, perl_class, unicode_class};
use super::{Fault, MAX_NESTING};

/// The largest number in `{}`.
const MAX_REPEAT: u32 = 1_000;

/// The text and the place in it.
pub(super) struct Cursor {
    chars: Vec<char>,
    at: usize,
}

impl Cursor {
    pub(super) fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    /// Steps over these characters if they come next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let count = text.chars().count();
        let comes = self.chars[self.at..].iter().copied().take(count).eq(text.chars());
        if comes {
            self.at += count;
        }
        comes
    }

    /// Steps over everything up to and with `end`, and gives what was before it; `None` and no step if it does not come.
    pub(super) fn take_until(&mut self, end: &str) -> Option<String> {
        let start = self.at;
        while self.at < self.chars.len() {
            let stop = self.at;
            if self.take(end) {
                return Some(self.chars[start..stop].iter().collect());
            }
            self.at += 1;
        }
        self.at = start;
        None
    }
}

/// What stands directly before the cursor.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// Nothing that could be repeated.
    Nothing,
    /// Something that can.
    Item,
    /// A repetition.
    Repeat,
}

pub(super) fn translate(text: &str) -> Result<String, Fault> {
    let mut cursor = Cursor { chars: text.chars().collect(), at: 0 };
    let mut out = String::new();
    let mut open = 0_u32;
    let mut names = BTreeSet::new();
    let mut before = Before::Nothing;
    while let Some(char) = cursor.next() {
        before = match char {
            '(' => {
                if group(&mut cursor, &mut out, &mut names)? {
                    open += 1;
                    if open > MAX_NESTING {
                        return Err(Fault::TooLarge);
                    }
                    Before::Nothing
                } else {
                    before
                }
            }
            ')' => {
                open = open.checked_sub(1).ok_or(Fault::UnexpectedParen)?;
                out.push(')');
                Before::Item
            }
            '|' => {
                out.push('|');
                Before::Nothing
            }
            '[' => {
                class(&mut cursor, &mut out)?;
                Before::Item
            }
            '^' | '$' | '.' => {
                out.push(char);
                Before::Item
            }
            '*' | '+' | '?' => repeat(&mut cursor, &mut out, before, &char.to_string())?,
            '{' => match counts(&mut cursor)? {
                Some(counts) => repeat(&mut cursor, &mut out, before, &counts)?,
                None => {
                    literal(&mut out, '{');
                    // RE2/J takes it for a repetition when another one follows.
                    Before::Repeat
                }
            },
            '\\' => match backslash(&mut cursor, &mut out)? {
                true => Before::Item,
                false => before,
            },
            other => {
                literal(&mut out, other);
                Before::Item
            }
        };
    }
    if open > 0 { Err(Fault::MissingParen) } else { Ok(out) }
}

/// Writes a character that stands for itself.
pub(super) fn literal(out: &mut String, char: char) {
    if char.is_ascii_alphanumeric() {
        out.push(char);
    } else {
        write!(out, r"\x{{{:X}}}", u32::from(char)).expect("a string takes all");
    }
}

/// Writes a repetition, with the question mark behind it if there is one.
fn repeat(cursor: &mut Cursor, out: &mut String, before: Before, text: &str) -> Result<Before, Fault> {
    match before {
        Before::Nothing => return Err(Fault::Repeat),
        Before::Repeat => return Err(Fault::NestedRepeat),
        Before::Item => (),
    }
    out.push_str(text);
    if cursor.take("?") {
        out.push('?');
    }
    Ok(Before::Repeat)
}

/// Reads `2}`, `2,}` or `2,3}`; `None` if it is none of them, and the brace stands for itself.
fn counts(cursor: &mut Cursor) -> Result<Option<String>, Fault> {
    let start = cursor.at;
    let parsed = (|| {
        let least = number(cursor)?;
        let most = if !cursor.take(",") {
            Some(least)
        } else if cursor.peek() == Some('}') {
            None
        } else {
            Some(number(cursor)?)
        };
        cursor.take("}").then_some((least, most))
    })();
    let Some((least, most)) = parsed else {
        cursor.at = start;
        return Ok(None);
    };
    if least > MAX_REPEAT || most.is_some_and(|most| most > MAX_REPEAT || most < least) {
        return Err(Fault::RepeatCount);
    }
    Ok(Some(match most {
        Some(most) => format!("{{{least},{most}}}"),
        None => format!("{{{least},}}"),
    }))
}

/// Reads a number without a zero before it.
fn number(cursor: &mut Cursor) -> Option<u32> {
    let start = cursor.at;
    let mut value = 0_u32;
    while let Some(digit) = cursor.peek().and_then(|char| char.to_digit(10)) {
        value = value.saturating_mul(10).saturating_add(digit);
        cursor.at += 1;
    }
    let digits = cursor.at - start;
    (digits == 1 || digits > 1 && cursor.chars[start] != '0').then_some(value)
}

/// Reads what follows an opening parenthesis. False if it was a group of flags alone.
fn group(cursor: &mut Cursor, out: &mut String, names: &mut BTreeSet<String>) -> Result<bool, Fault> {
    if !cursor.take("?") {
        out.push_str("(?:");
        return Ok(true);
    }
    if cursor.take("P<") || cursor.take("<") {
        let name = cursor.take_until(">").ok_or(Fault::NamedCapture)?;
        if name.is_empty() || !name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_') {
            return Err(Fault::NamedCapture);
        }
        if !names.insert(name) {
            return Err(Fault::DuplicateName);
        }
        out.push_str("(?:");
        return Ok(true);
    }
    flags(cursor, out)
}

/// Reads flags up to `:` or `)`. Writes each once, with its last sign.
fn flags(cursor: &mut Cursor, out: &mut String) -> Result<bool, Fault> {
    const FLAGS: [char; 4] = ['i', 'm', 's', 'U'];
    let mut set = [None; 4];
    let mut negative = false;
    let mut any = false;
    loop {
        match cursor.next() {
            Some('-') if !negative => {
                negative = true;
                any = false;
            }
            Some(end @ (':' | ')')) if any || !negative => {
                let on = |sign| {
                    FLAGS.iter().zip(set).filter(move |(_, flag)| *flag == Some(sign)).map(|(flag, _)| flag)
                };
                let mut text: String = on(true).collect();
                if on(false).next().is_some() {
                    text.push('-');
                    text.extend(on(false));
                }
                // A group of no flags at all is nothing here, and not allowed there.
                if end == ':' || !text.is_empty() {
                    write!(out, "(?{text}{end}").expect("a string takes all");
                }
                return Ok(end == ':');
            }
            Some(char) => {
                let flag = FLAGS.iter().position(|flag| *flag == char).ok_or(Fault::Perl)?;
                set[flag] = Some(!negative);
                any = true;
            }
            None => return Err(Fault::Perl),
        }
    }
}

/// Reads what follows a backslash. False if it was nothing that could be repeated.
fn backslash(cursor: &mut Cursor, out: &mut String) -> Result<bool, Fault> {
    match cursor.peek() {
        Some('Q') => {
            cursor.next();
            let rest: String = cursor.chars[cursor.at..].iter().collect();
            let text = cursor.take_until(r"\E").unwrap_or_else(|| {
                cursor.at = cursor.chars.len();
                rest
            });
            text.chars().for_each(|char| literal(out, char));
            Ok(!text.is_empty())
        }
        Some(char @ ('A' | 'z')) => {
            cursor.next();
            out.push('\\');
            out.push(char);
            Ok(true)
        }
        Some(char @ ('b' | 'B')) => {
            cursor.next();
            // Words are of ASCII letters in RE2.
            write!(out, r"(?-u:\{char})").expect("a string takes all");
            Ok(true)
        }
        Some('p' | 'P') => {
            unicode_class(cursor, out)?;
            Ok(true)
        }
        Some(char) if perl_class(char).is_some() => {
            cursor.next();
            write!(out, "[{}]", perl_class(char).unwrap_or_default()).expect("a string takes all");
            Ok(true)
        }
        _ => {
            literal(out, escape(cursor)?);
            Ok(true)
        }
    }
}
