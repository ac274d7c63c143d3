//! `codegen`: turns the notation into Rust.

/// Runs the task.
pub fn run(_arguments: &[String]) -> crate::Outcome {
    Err(format!("no specification under {}", crate::workspace_root().display()))
}
