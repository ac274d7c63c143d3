//! The error codes: asked of the reference's own class by a few lines of Java.

use std::path::Path;
use std::process::Command;

const PROGRAM: &str = "xtask/java/ErrorFacts.java";

/// One line per code: code, name, `retriable` or `final`, default message.
pub fn facts(clients: &Path) -> Result<String, String> {
    let folder = clients.parent().ok_or("a jar lies in a folder")?;
    let output = Command::new("java")
        .arg("-cp")
        .arg(folder.join("*"))
        .arg(crate::workspace_root().join(PROGRAM))
        .output()
        .map_err(|e| format!("java: {e}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let mut lines: Vec<String> =
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_string).collect();
    lines.sort_by_key(|line| line.split(' ').next().and_then(|code| code.parse::<i16>().ok()));
    Ok(lines.join("\n") + "\n")
}
