//! What a command line said (`OptionSet`).

use super::{OptionError, Row};

/// The options of one command line. Asking for a name that the tool does not have is a bug.
#[derive(Debug)]
pub struct OptionSet<'a> {
    rows: &'a [Row],
    /// Per row: the arguments, if the option was given.
    given: Vec<Option<Vec<String>>>,
    /// The words that are neither options nor their arguments.
    others: Vec<String>,
    /// The first name of each option, in the order of the command line.
    sequence: Vec<&'a str>,
}

impl<'a> OptionSet<'a> {
    pub(super) fn new(rows: &'a [Row]) -> Self {
        Self { rows, given: vec![None; rows.len()], others: Vec::new(), sequence: Vec::new() }
    }

    pub(super) fn add(&mut self, index: usize, argument: Option<&str>) {
        self.sequence.push(self.rows[index].names[0]);
        let arguments = self.given[index].get_or_insert_with(Vec::new);
        arguments.extend(argument.map(str::to_owned));
    }

    pub(super) fn add_other(&mut self, word: &str) {
        self.others.push(word.to_owned());
    }

    pub(super) fn detected(&self, index: usize) -> bool {
        self.given[index].is_some()
    }

    /// The row of an option.
    pub fn row(&self, name: &str) -> &'a Row {
        &self.rows[self.index(name)]
    }

    /// All rows.
    pub fn rows(&self) -> &'a [Row] {
        self.rows
    }

    fn index(&self, name: &str) -> usize {
        self.rows.iter().position(|row| row.names.contains(&name)).expect("a tool asks for its own options")
    }

    /// Whether the option was given.
    pub fn has(&self, name: &str) -> bool {
        self.detected(self.index(name))
    }

    /// The first name of each option in the order of the command line, as often as it was given.
    pub fn sequence(&self) -> &[&'a str] {
        &self.sequence
    }

    /// Words that belong to no option.
    pub fn others(&self) -> &[String] {
        &self.others
    }

    /// All values of an option, or its defaults.
    pub fn values(&self, name: &str) -> Result<Vec<String>, OptionError> {
        let index = self.index(name);
        let row = &self.rows[index];
        match &self.given[index] {
            Some(values) if !values.is_empty() => {
                if let Some(value) = values.iter().find(|value| !row.accepts(value)) {
                    return Err(OptionError::Conversion { argument: value.clone(), option: row.slashed() });
                }
                Ok(values.clone())
            }
            _ => Ok(row.defaults.iter().map(|value| (*value).to_owned()).collect()),
        }
    }

    /// The value of an option, or its default.
    pub fn value(&self, name: &str) -> Result<Option<String>, OptionError> {
        let mut values = self.values(name)?;
        if values.len() > 1 {
            return Err(OptionError::Multiple(self.row(name).slashed()));
        }
        Ok(values.pop())
    }

    /// The value of an option that is an `int`.
    pub fn integer(&self, name: &str) -> Result<Option<i32>, OptionError> {
        Ok(self.value(name)?.and_then(|value| value.parse().ok()))
    }

    /// The value of an option that is a `long`.
    pub fn long(&self, name: &str) -> Result<Option<i64>, OptionError> {
        Ok(self.value(name)?.and_then(|value| value.parse().ok()))
    }
}
