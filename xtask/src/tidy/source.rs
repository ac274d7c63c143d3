//! Rust sources as the rules see them: code without comments, texts and tests, line for line where it was.

use std::path::{Path, PathBuf};

/// One Rust file.
pub struct Source {
    /// Path from the root of the workspace, with slashes.
    pub path: String,
    /// The file as it is.
    pub text: String,
    /// The code alone: comments and the insides of texts are blanks, lines stay where they are.
    pub code: String,
    /// `code` without what is compiled for tests only.
    pub product: String,
    /// True when the file was written by `xtask codegen`.
    pub generated: bool,
}

impl Source {
    /// Takes a file apart.
    pub fn new(path: String, text: String) -> Self {
        let code = blank_comments_and_texts(&text);
        let is_test = path.ends_with("/tests.rs")
            || ["/tests/", "/benches/", "/examples/"].iter().any(|it| path.contains(it));
        let product = if is_test { String::new() } else { blank_tests(&code) };
        let generated = text.lines().take(5).any(|line| line.starts_with("//") && line.contains("codegen"));
        Self { path, text, code, product, generated }
    }
}

/// All Rust files of the workspace.
pub fn read_all(root: &Path) -> Result<Vec<Source>, String> {
    let mut sources = Vec::new();
    for folder in ["crates", "xtask"] {
        for file in walk(&root.join(folder))? {
            if file.extension().is_some_and(|extension| extension == "rs") {
                let text =
                    std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
                sources.push(Source::new(relative(root, &file), text));
            }
        }
    }
    Ok(sources)
}

/// Path from the root, with slashes.
pub fn relative(root: &Path, file: &Path) -> String {
    file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace('\\', "/")
}

/// All files below a folder, sorted, without build output and hidden folders.
pub fn walk(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for entry in entries {
            let path = entry.map_err(|error| error.to_string())?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if path.is_dir() {
                let skipped = ["target", "node_modules", "__pycache__", ".git", ".cache"];
                if !skipped.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if name != ".git" {
                // A second work tree has a file of that name, which says where its repository is.
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Replaces comments and what stands between quotes by blanks.
fn blank_comments_and_texts(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let length = if rest.starts_with(b"//") {
            rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
        } else if rest.starts_with(b"/*") {
            block_comment(rest)
        } else if let Some(length) = raw_text(rest, at.checked_sub(1).map(|before| bytes[before])) {
            length
        } else if rest[0] == b'"' {
            quoted(rest)
        } else if rest[0] == b'\'' {
            character(rest)
        } else {
            out.push(rest[0]);
            at += 1;
            continue;
        };
        // The quotes stay, so that a text is still seen as one.
        for (index, byte) in rest[..length].iter().enumerate() {
            let edge = (index == 0 || index + 1 == length) && matches!(byte, b'"' | b'\'');
            out.push(if edge || *byte == b'\n' { *byte } else { b' ' });
        }
        at += length;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// Length of `r"…"`, `r#"…"#`, `br"…"` at the start, if one is there.
fn raw_text(rest: &[u8], before: Option<u8>) -> Option<usize> {
    if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let start = if rest.starts_with(b"br") { 2 } else { 1 };
    if rest[start - 1] != b'r' {
        return None;
    }
    let hashes = rest[start..].iter().take_while(|byte| **byte == b'#').count();
    if rest.get(start + hashes) != Some(&b'"') {
        return None;
    }
    let mut end = vec![b'"'];
    end.extend(std::iter::repeat_n(b'#', hashes));
    let body = start + hashes + 1;
    let length = rest[body..].windows(end.len()).position(|window| window == end)?;
    Some(body + length + end.len())
}

fn quoted(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// Length of a character between quotes; 1 for the quote of a lifetime.
fn character(rest: &[u8]) -> usize {
    match rest.get(1) {
        Some(b'\\') => {
            let end = rest[3..].iter().position(|byte| *byte == b'\'');
            end.map_or(1, |end| end + 4)
        }
        Some(byte) => {
            let width = match byte {
                0xF0.. => 4,
                0xE0.. => 3,
                0xC0.. => 2,
                _ => 1,
            };
            if rest.get(1 + width) == Some(&b'\'') { width + 2 } else { 1 }
        }
        None => 1,
    }
}

/// Blanks every item behind `#[cfg(test)]`.
fn blank_tests(code: &str) -> String {
    let mut out = code.as_bytes().to_vec();
    let mut from = 0;
    while let Some(found) = code[from..].find("#[cfg(test)]") {
        let start = from + found;
        let end = item_end(code.as_bytes(), start);
        for byte in &mut out[start..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        from = end;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Where the item that begins at `start` ends: behind its block, or behind its semicolon.
pub fn item_end(code: &[u8], start: usize) -> usize {
    let mut depth = 0usize;
    let mut brackets = 0usize;
    for (at, byte) in code.iter().enumerate().skip(start) {
        match byte {
            b'(' | b'[' => brackets += 1,
            b')' | b']' => brackets = brackets.saturating_sub(1),
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            b';' if depth == 0 && brackets == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_is_seen() {
        let text = "let a = \"std::fs\"; // std::fs\n/* std::fs /* x */ */ let b = '\"'; let c: &'a str = r#\"std\"fs\"#;";
        let code = blank_comments_and_texts(text);
        assert!(!code.contains("std") && !code.contains("fs"), "{code}");
        assert!(
            code.contains("let a =") && code.contains("let b =") && code.contains("let c: &'a str ="),
            "{code}"
        );
        assert_eq!(code.len(), text.len());
        assert_eq!(code.lines().count(), text.lines().count());
    }

    #[test]
    fn tests_are_no_product() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { if true {} }\n}\nfn c() {}\n#[cfg(test)]\nuse x;\nfn d() {}";
        let source = Source::new("crates/core/x/src/lib.rs".to_owned(), text.to_owned());
        assert!(source.code.contains("fn b"));
        assert!(!source.product.contains("fn b") && !source.product.contains("use x"), "{}", source.product);
        assert!(source.product.contains("fn c") && source.product.contains("fn d"));
    }
}
