//! What a command says when it gives up.

use std::fmt;

/// A sentence for the person at the keyboard; the process then ends with code 1.
#[derive(Debug)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl Failure {
    /// What went wrong with a file or folder.
    pub fn about(path: impl fmt::Display, error: impl fmt::Display) -> Self {
        Self(format!("{path}: {error}"))
    }
}

impl From<headwater_base::config::ConfigError> for Failure {
    fn from(error: headwater_base::config::ConfigError) -> Self {
        Self(error.0)
    }
}
