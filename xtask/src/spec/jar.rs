//! Reads the message definitions out of a jar. A jar is a zip file; only what jars use of the format is read.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The one jar in `folder` whose name is `name-<version>.jar`.
pub fn find(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let is_version = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.ends_with(".jar");
    entries
        .flatten()
        .map(|entry| entry.path())
        .find(|path| {
            let file = path.file_name().and_then(|f| f.to_str()).unwrap_or_default();
            file.strip_prefix(name).and_then(|rest| rest.strip_prefix('-')).is_some_and(is_version)
        })
        .ok_or_else(|| format!("no {name}-<version>.jar in {}", folder.display()))
}

/// Name and text of every message definition in a jar.
pub fn definitions(path: &Path) -> Result<Vec<(String, String)>, String> {
    let bytes = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut found = Vec::new();
    for entry in entries(&bytes).ok_or_else(|| format!("{} is not a zip file", path.display()))? {
        let is_definition = ["message/", "metadata/"].iter().any(|folder| entry.name.contains(folder));
        if is_definition && entry.name.ends_with(".json") {
            let text = content(&bytes, &entry).ok_or_else(|| format!("{}: damaged entry", entry.name))?;
            found.push((entry.name, text));
        }
    }
    found.sort();
    Ok(found)
}

struct Entry {
    name: String,
    method: usize,
    compressed: usize,
    header_at: usize,
}

fn number(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    let part = bytes.get(at..at.checked_add(width)?)?;
    Some(part.iter().rev().fold(0, |value, byte| value << 8 | usize::from(*byte)))
}

/// The central directory, found from the end record (which a comment of up to 64 KiB may follow).
fn entries(bytes: &[u8]) -> Option<Vec<Entry>> {
    let end = bytes.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let count = number(bytes, end + 10, 2)?;
    let mut at = number(bytes, end + 16, 4)?;
    let mut found = Vec::new();
    for _ in 0..count {
        let name_len = number(bytes, at + 28, 2)?;
        let name = bytes.get(at + 46..at + 46 + name_len)?;
        found.push(Entry {
            name: String::from_utf8(name.to_vec()).ok()?,
            method: number(bytes, at + 10, 2)?,
            compressed: number(bytes, at + 20, 4)?,
            header_at: number(bytes, at + 42, 4)?,
        });
        at += 46 + name_len + number(bytes, at + 30, 2)? + number(bytes, at + 32, 2)?;
    }
    Some(found)
}

fn content(bytes: &[u8], entry: &Entry) -> Option<String> {
    let at = entry.header_at;
    let start = at + 30 + number(bytes, at + 26, 2)? + number(bytes, at + 28, 2)?;
    let packed = bytes.get(start..start + entry.compressed)?;
    let mut text = String::new();
    match entry.method {
        0 => text = String::from_utf8(packed.to_vec()).ok()?,
        _ => {
            flate2::read::DeflateDecoder::new(packed).read_to_string(&mut text).ok()?;
        }
    }
    Some(text)
}
