//! In which form a tool shows what it found: as Kafka's does, as JSON (`--format json`, ours), or on a terminal as a table.

use std::io::IsTerminal as _;

use crate::console::{Console, Thrown};
use crate::json::Json;

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Byte for byte what Kafka's tool prints.
    Kafka,
    /// One JSON value.
    Json,
    /// Aligned columns, coloured.
    Table,
}

/// Takes our `--format` out of a tool's arguments. Without it, what goes to a terminal is a table.
pub fn take(arguments: &[String]) -> Result<(Format, Vec<String>), Thrown> {
    let mut rest = Vec::new();
    let mut asked = None;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--format=") {
            Some(value) => Some(value),
            None if word == "--format" => Some(words.next().map_or("", String::as_str)),
            None => None,
        };
        match value {
            Some("json") => asked = Some(Format::Json),
            Some("kafka") => asked = Some(Format::Kafka),
            Some("table") => asked = Some(Format::Table),
            Some(other) => {
                let message = format!("--format is json, table or kafka, not '{other}'");
                return Err(Thrown::illegal_argument(message));
            }
            None => rest.push(word.clone()),
        }
    }
    let default = if std::io::stdout().is_terminal() { Format::Table } else { Format::Kafka };
    Ok((asked.unwrap_or(default), rest))
}

impl Format {
    /// Names, a line each; as JSON an array.
    pub fn names(self, _what: &str, names: &[String], console: &mut Console) {
        match self {
            Format::Json => console.line(Json::Array(names.iter().map(Json::text).collect()).to_string()),
            Format::Kafka | Format::Table => console.line(names.join("\n")),
        }
    }
}

/// A table for a terminal.
pub struct Table {
    header: Vec<String>,
    /// Rows, and lines between them.
    rows: Vec<Result<Vec<String>, String>>,
}

impl Table {
    /// A table with these columns.
    pub fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(|it| (*it).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(Ok(cells.into_iter().collect()));
    }

    /// Adds a line above the following rows.
    pub fn title(&mut self, text: &str) {
        self.rows.push(Err(text.to_owned()));
    }

    /// Shows it: the header in bold, columns as wide as their widest cell, titles in colour.
    pub fn show(&self, console: &mut Console) {
        let colours = std::env::var_os("NO_COLOR").is_none();
        let paint = |code: &str, text: &str| {
            if colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
        };
        let widths: Vec<usize> = (0..self.header.len())
            .map(|column| {
                let cells =
                    self.rows.iter().filter_map(|row| row.as_ref().ok()).filter_map(|row| row.get(column));
                cells
                    .chain(self.header.get(column))
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or_default()
            })
            .collect();
        let line = |cells: &[String]| {
            let cells: Vec<String> =
                cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            cells.join("  ").trim_end().to_owned()
        };
        let mut headed = false;
        for row in &self.rows {
            match row {
                Err(title) => {
                    console.line(paint("36", title));
                    headed = false;
                }
                Ok(cells) => {
                    if !headed {
                        console.line(paint("1", &line(&self.header)));
                        headed = true;
                    }
                    console.line(line(cells));
                }
            }
        }
    }
}
