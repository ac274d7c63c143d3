//! A command line becomes a set of options (`OptionParser.parse`).

use super::{Argument, Kind, Names, OptionError, OptionSet, Row};

/// Reads `arguments`. With `abbreviations`, the beginning of one name only stands for it.
pub fn parse<'a>(
    rows: &'a [Row],
    abbreviations: bool,
    arguments: &[String],
) -> Result<OptionSet<'a>, OptionError> {
    let mut parser = Parser {
        names: Names::new(rows, abbreviations),
        words: arguments,
        next: 0,
        set: OptionSet::new(rows),
    };
    parser.run()?;
    let set = parser.set;
    let helps = rows.iter().enumerate().any(|(index, row)| row.for_help && set.detected(index));
    if !helps {
        check_required(rows, &set)?;
        let unavailable = |(index, row): (usize, &Row)| {
            let missing =
                !row.available_if.is_empty() && !row.available_if.iter().any(|other| set.has(other));
            (set.detected(index) && missing).then(|| row.slashed())
        };
        let options: Vec<String> = rows.iter().enumerate().filter_map(unavailable).collect();
        if !options.is_empty() {
            return Err(OptionError::Unavailable(options));
        }
    }
    Ok(set)
}

fn check_required(rows: &[Row], set: &OptionSet<'_>) -> Result<(), OptionError> {
    let mut missing: Vec<(&str, String)> = Vec::new();
    for (_, row) in rows.iter().enumerate().filter(|(index, row)| row.required && !set.detected(*index)) {
        missing.extend(row.names.iter().map(|name| (*name, row.slashed())));
    }
    missing.sort();
    let mut options: Vec<String> = Vec::new();
    for (_, option) in missing {
        if !options.contains(&option) {
            options.push(option);
        }
    }
    if options.is_empty() { Ok(()) } else { Err(OptionError::MissingRequired(options)) }
}

struct Parser<'a, 'w> {
    names: Names<'a>,
    words: &'w [String],
    next: usize,
    set: OptionSet<'a>,
}

impl Parser<'_, '_> {
    fn run(&mut self) -> Result<(), OptionError> {
        let mut options_ended = false;
        while let Some(word) = self.words.get(self.next) {
            self.next += 1;
            if options_ended {
                self.set.add_other(word);
            } else if word == "--" {
                options_ended = true;
            } else if let Some(long) = word.strip_prefix("--") {
                self.long(long)?;
            } else if word.len() > 1 && word.starts_with('-') {
                self.short(&word[1..])?;
            } else {
                self.set.add_other(word);
            }
        }
        Ok(())
    }

    fn long(&mut self, text: &str) -> Result<(), OptionError> {
        let (name, value) = divide(text);
        let index = self.names.find(name).ok_or_else(|| OptionError::Unrecognized(name.to_owned()))?;
        self.take(index, value)
    }

    /// `-name`, `-name=value`, or several short options in one word, the last with its argument glued on.
    fn short(&mut self, text: &str) -> Result<(), OptionError> {
        let (name, value) = divide(text);
        if let Some(index) = self.names.find(name) {
            return self.take(index, value);
        }
        let letters: Vec<(usize, char)> = text.char_indices().collect();
        for (_, letter) in &letters {
            let letter = letter.to_string();
            let index = self.names.find(&letter).ok_or(OptionError::Unrecognized(letter))?;
            if self.names.row(index).argument != Argument::None {
                break;
            }
        }
        for (at, letter) in letters {
            let letter = letter.to_string();
            let Some(index) = self.names.find(&letter) else { break };
            let rest = &text[at + letter.len()..];
            if self.names.row(index).argument != Argument::None && !rest.is_empty() {
                return self.take(index, Some(rest));
            }
            self.take(index, None)?;
        }
        Ok(())
    }

    fn take(&mut self, index: usize, value: Option<&str>) -> Result<(), OptionError> {
        let row = self.names.row(index);
        match (row.argument, value) {
            (Argument::None, _) => self.set.add(index, None),
            (_, Some(value)) => self.add_values(index, value),
            (Argument::Required, None) => {
                let Some(word) = self.words.get(self.next) else {
                    return Err(OptionError::MissingArgument(row.slashed()));
                };
                self.next += 1;
                self.add_values(index, word);
            }
            (Argument::Optional, None) => match self.words.get(self.next) {
                Some(word) if is_argument_of(row, word) => {
                    self.next += 1;
                    self.add_values(index, word);
                }
                _ => self.set.add(index, None),
            },
        }
        Ok(())
    }

    fn add_values(&mut self, index: usize, argument: &str) {
        let parts: Vec<&str> = match self.names.row(index).separator {
            Some(separator) => argument.split(separator).filter(|part| !part.is_empty()).collect(),
            None => vec![argument],
        };
        if parts.is_empty() {
            self.set.add(index, Some(argument));
        }
        for part in parts {
            self.set.add(index, Some(part));
        }
    }
}

/// Whether the next word belongs to an option that can do without one.
fn is_argument_of(row: &Row, word: &str) -> bool {
    let looks_like_an_option = word.len() > 1 && word.starts_with('-') && word != "--";
    let number = matches!(row.kind, Kind::Integer | Kind::Long | Kind::Double);
    row.accepts(word) && (!looks_like_an_option || number)
}

/// Name and value of a word without its hyphens.
fn divide(text: &str) -> (&str, Option<&str>) {
    match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    }
}
