//! Files and functions that grew too long. Generated code may be as long as it likes.

use super::Finding;
use super::source::{Source, item_end};

/// Longest file, in lines.
const FILE_LINES: usize = 600;
/// Longest function, in lines.
const FUNCTION_LINES: usize = 70;

/// Measures a file and its functions.
pub fn check(source: &Source, findings: &mut Vec<Finding>) {
    if source.generated {
        return;
    }
    let mut find = |line, rule, what| findings.push(Finding { path: source.path.clone(), line, rule, what });
    let lines = source.text.lines().count();
    if lines > FILE_LINES {
        find(0, "file-size", format!("{lines} lines; which operation wants a file of its own?"));
    }
    for (line, name, length) in functions(&source.product) {
        if length > FUNCTION_LINES {
            find(line, "function-size", format!("{name} has {length} lines"));
        }
    }
}

/// First line, name and length of each function.
fn functions(code: &str) -> Vec<(usize, String, usize)> {
    let mut functions = Vec::new();
    let mut from = 0;
    while let Some(found) = code[from..].find("fn ") {
        let start = from + found;
        from = start + 3;
        let before = code[..start].chars().next_back();
        let name: String = code[from..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        // `fn (` is a type, `_fn ` the end of another word.
        if name.is_empty() || before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let end = item_end(code.as_bytes(), start);
        let first = code[..start].matches('\n').count() + 1;
        functions.push((first, name, code[start..end].matches('\n').count() + 1));
    }
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_function_is_found() {
        let body = "    let x = 1;\n".repeat(70);
        let text = format!("fn short() {{}}\n\nfn long(f: fn (u8) -> u8) -> [u8; 2] {{\n{body}}}\n");
        let mut findings = Vec::new();
        check(&Source::new("crates/core/x/src/a.rs".to_owned(), text), &mut findings);
        let found: Vec<_> = findings.iter().map(|it| (it.line, it.rule, it.what.as_str())).collect();
        assert_eq!(found, [(3, "function-size", "long has 72 lines")]);
    }

    #[test]
    fn a_long_file_is_found_unless_generated() {
        let lines = "//\n".repeat(601);
        for (text, expected) in [(lines.clone(), 1), (format!("// by xtask codegen\n{lines}"), 0)] {
            let mut findings = Vec::new();
            check(&Source::new("crates/core/x/src/a.rs".to_owned(), text), &mut findings);
            assert_eq!(findings.len(), expected);
        }
    }
}
