//! `spec`: takes the facts out of the reference's message definitions.

/// Runs the task.
pub fn run(_arguments: &[String]) -> crate::Outcome {
    Err(format!("no jars given for {}", crate::workspace_root().display()))
}
