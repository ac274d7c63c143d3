//! Names of options and their abbreviations (`AbbreviationMap`, `SimpleOptionNameMap`).

use super::Row;

/// Finds an option by what was typed.
#[derive(Debug)]
pub struct Names<'a> {
    rows: &'a [Row],
    abbreviations: bool,
}

impl<'a> Names<'a> {
    /// The names of all `rows`.
    pub fn new(rows: &'a [Row], abbreviations: bool) -> Self {
        Self { rows, abbreviations }
    }

    /// The option that `typed` names: exactly, or as the beginning of one name only. Two names of one option are two names.
    pub fn find(&self, typed: &str) -> Option<usize> {
        let exact = self.rows.iter().position(|row| row.names.contains(&typed));
        if exact.is_some() || !self.abbreviations {
            return exact;
        }
        let mut found = None;
        for (index, row) in self.rows.iter().enumerate() {
            for _ in row.names.iter().filter(|name| name.starts_with(typed)) {
                if found.is_some() {
                    return None;
                }
                found = Some(index);
            }
        }
        found
    }

    /// The option at `index`.
    pub fn row(&self, index: usize) -> &'a Row {
        &self.rows[index]
    }
}
