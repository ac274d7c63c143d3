//! The help page (`BuiltinHelpFormatter`): two columns on 80 characters.

use super::line_break::parts;
use super::{Argument, Kind, Row};

const OVERALL_WIDTH: usize = 80;
const SEPARATOR_WIDTH: usize = 2;
/// How far the later lines of a broken cell are moved in.
const INDENT: &str = "  ";

/// The help page of a tool, without what belongs to no option.
pub fn help(rows: &[Row]) -> String {
    let mut sorted: Vec<&Row> = rows.iter().collect();
    sorted.sort_by_key(|row| row.names[0]);
    let header = if rows.iter().any(|row| row.required) { "Option (* = required)" } else { "Option" };
    let mut cells = vec![
        (header.to_owned(), "Description".to_owned()),
        ("-".repeat(header.len()), "-".repeat("Description".len())),
    ];
    cells.extend(sorted.iter().map(|row| (option_cell(row), description_cell(row))));
    let (option_width, description_width) = widths(&cells);
    let mut fitted = Vec::new();
    for (option, description) in &cells {
        let (options, descriptions) = (fit(option, option_width), fit(description, description_width));
        for line in 0..options.len().max(descriptions.len()) {
            let cell = |lines: &[String]| lines.get(line).cloned().unwrap_or_default();
            fitted.push((cell(&options), cell(&descriptions)));
        }
    }
    let (option_width, description_width) = widths(&fitted);
    let separator = " ".repeat(SEPARATOR_WIDTH);
    let mut page = String::new();
    for (option, description) in fitted {
        page.push_str(&format!("{option:option_width$}{separator}{description:description_width$}\n"));
    }
    page
}

fn widths(cells: &[(String, String)]) -> (usize, usize) {
    let widest = |pick: fn(&(String, String)) -> &String| {
        cells.iter().map(|cell| pick(cell).chars().count()).max().unwrap_or_default()
    };
    let option = widest(|cell| &cell.0).min((OVERALL_WIDTH - SEPARATOR_WIDTH) / 2);
    (option, widest(|cell| &cell.1).min(OVERALL_WIDTH - option - SEPARATOR_WIDTH))
}

fn option_cell(row: &Row) -> String {
    let names: Vec<String> = row
        .names
        .iter()
        .map(|name| if name.chars().count() > 1 { format!("--{name}") } else { format!("-{name}") })
        .collect();
    let mut cell = format!("{}{}", if row.required { "* " } else { "" }, names.join(", "));
    let (open, close) = match row.argument {
        Argument::None => return cell,
        Argument::Required => ('<', '>'),
        Argument::Optional => ('[', ']'),
    };
    let kind = match row.kind {
        Kind::Text => "String",
        Kind::Integer => "Integer",
        Kind::Long => "Long",
        Kind::Double => "Double",
        // The library takes what stands behind the last dot for a class's short name.
        Kind::Pattern { shown, .. } => shown.rsplit('.').next().unwrap_or(shown),
    };
    cell.push_str(&format!(" {open}{kind}"));
    if !row.label.is_empty() {
        cell.push_str(&format!(": {}", row.label));
    }
    cell.push(close);
    cell
}

fn description_cell(row: &Row) -> String {
    let defaults = match row.defaults {
        [] => return row.about.clone().into_owned(),
        [one] => (*one).to_owned(),
        several => format!("[{}]", several.join(", ")),
    };
    format!("{} (default: {defaults})", row.about).trim().to_owned()
}

/// The lines of a cell.
fn fit(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.trim().split('\n') {
        let mut piece = String::new();
        for part in parts(line) {
            if piece.chars().count() + part.chars().count() > width {
                lines.push(piece.trim_end().to_owned());
                piece = format!("{INDENT}{part}");
            } else {
                piece.push_str(part);
            }
        }
        if !piece.is_empty() {
            lines.push(piece);
        }
    }
    lines
}
