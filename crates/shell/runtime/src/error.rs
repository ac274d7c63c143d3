//! I/O errors that say what was done to what.

use std::fmt::{Debug, Display, Formatter};
use std::io;

/// What failed, on what, and why; the source of an [`io::Error`] of the same kind.
#[derive(Debug)]
struct Context {
    operation: &'static str,
    object: String,
    source: io::Error,
}

impl Display for Context {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.operation, self.object, self.source)
    }
}

impl std::error::Error for Context {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Adds the operation and its object to an error; the kind stays.
pub(crate) fn context(
    operation: &'static str,
    object: impl Display,
    source: impl Into<io::Error>,
) -> io::Error {
    let source = source.into();
    io::Error::new(source.kind(), Context { operation, object: object.to_string(), source })
}
