//! Scripts: commands of one or more lines, "----", and what they print, up to the next empty line.

use std::fmt::Write as _;
use std::path::Path;

/// The words of a line: between blanks; text in quotes is one word; `x*250` is 250 times x.
pub fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quoted, mut any) = (String::new(), false, false);
    for c in line.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                any = true;
            }
            ' ' if !quoted => {
                if any {
                    words.push(expand(&word));
                }
                word.clear();
                any = false;
            }
            c => {
                word.push(c);
                any = true;
            }
        }
    }
    if any {
        words.push(expand(&word));
    }
    words
}

fn expand(word: &str) -> String {
    let Some((text, count)) = word.rsplit_once('*') else { return word.to_owned() };
    match (text.char_indices().next_back(), count.parse::<usize>()) {
        (Some((at, last)), Ok(count)) => text[..at].to_owned() + &last.to_string().repeat(count),
        _ => word.to_owned(),
    }
}

/// Runs every command of a script and compares, or with `update` writes, what it prints.
pub fn check(path: &Path, update: bool, mut run: impl FnMut(&[Vec<String>]) -> Vec<String>) {
    let text = std::fs::read_to_string(path).expect("the script can be read");
    let mut out = String::new();
    let mut command = Vec::new();
    let mut answering = false;
    for line in text.lines() {
        if answering && !line.is_empty() {
            continue;
        }
        out.push_str(line);
        out.push('\n');
        answering = line == "----";
        if answering {
            for answer in run(&std::mem::take(&mut command)) {
                writeln!(out, "{answer}").expect("a string takes everything");
            }
        } else if !line.is_empty() && !line.starts_with('#') {
            command.push(words(line));
        }
    }
    if out == text {
        return;
    }
    assert!(update, "{}", difference(path, &text, &out));
    std::fs::write(path, out).expect("the script can be written");
}

fn difference(path: &Path, expected: &str, found: &str) -> String {
    let mut text = format!("{} differs (UPDATE=1 rewrites scripts that are ours):\n", path.display());
    let mut expected: Vec<&str> = expected.lines().collect();
    let mut found: Vec<&str> = found.lines().collect();
    while let (Some(left), Some(right)) = (expected.first(), found.first()) {
        if left != right {
            break;
        }
        expected.remove(0);
        found.remove(0);
    }
    let shown = |text: &mut String, mark: char, lines: &[&str]| {
        for line in lines.iter().take(12) {
            writeln!(text, "{mark} {line}").expect("a string takes everything");
        }
    };
    shown(&mut text, '-', &expected);
    shown(&mut text, '+', &found);
    text
}
