//! Where a tool reads and writes, and how it ends.

use std::io::{self, BufWriter, Write};

use crate::jopt::OptionError;

/// A tool's output. Standard output is collected and written in large pieces; [`Console::flush`] before anything that takes time.
pub struct Console {
    out: BufWriter<Box<dyn Write>>,
    err: Box<dyn Write>,
}

impl Console {
    /// The process's own.
    pub fn standard() -> Self {
        Self::new(Box::new(io::stdout()), Box::new(io::stderr()))
    }

    /// Writes to these.
    pub fn new(out: Box<dyn Write>, err: Box<dyn Write>) -> Self {
        Self { out: BufWriter::new(out), err }
    }

    /// A line on standard output. As in Java, nobody is told when it cannot be written.
    pub fn line(&mut self, text: impl AsRef<str>) {
        self.text(text);
        self.text("\n");
    }

    /// Text on standard output.
    pub fn text(&mut self, text: impl AsRef<str>) {
        self.bytes(text.as_ref().as_bytes());
    }

    /// Bytes on standard output.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let _ = self.out.write_all(bytes);
    }

    /// A line on standard error, behind all that was written on standard output.
    pub fn error_line(&mut self, text: impl AsRef<str>) {
        self.flush();
        let _ = writeln!(self.err, "{}", text.as_ref());
        let _ = self.err.flush();
    }

    /// Text on standard error.
    pub fn error_text(&mut self, text: impl AsRef<str>) {
        self.flush();
        let _ = self.err.write_all(text.as_ref().as_bytes());
        let _ = self.err.flush();
    }

    /// Writes out what was collected. False when nobody reads it any more.
    pub fn flush(&mut self) -> bool {
        self.out.flush().is_ok()
    }
}

/// Why a tool stops before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// All is said; the exit code.
    Exit(i32),
    /// A failure that the tool's main function has to show in its own way.
    Thrown(Thrown),
}

/// A failure, as an exception of Java would tell of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thrown {
    /// The exception's class, with its package.
    pub class: String,
    /// Its message.
    pub message: Option<String>,
}

impl Thrown {
    /// An exception with a message.
    pub fn new(class: &str, message: impl Into<String>) -> Self {
        Self { class: class.to_owned(), message: Some(message.into()) }
    }

    /// A `java.lang.IllegalArgumentException`.
    pub fn illegal_argument(message: impl Into<String>) -> Self {
        Self::new("java.lang.IllegalArgumentException", message)
    }

    /// Its message, as Java joins it into a text.
    pub fn text(&self) -> &str {
        self.message.as_deref().unwrap_or("null")
    }

    /// Class and message: what Java's `toString` gives, the first line of a stack trace.
    pub fn described(&self) -> String {
        match &self.message {
            Some(message) => format!("{}: {message}", self.class),
            None => self.class.clone(),
        }
    }

    /// Shows a failure that nobody caught, as Java does, and gives its exit code.
    pub fn uncaught(&self, console: &mut Console) -> i32 {
        console.error_line(format!("Exception in thread \"main\" {}", self.described()));
        1
    }
}

impl From<Thrown> for Stop {
    fn from(thrown: Thrown) -> Self {
        Self::Thrown(thrown)
    }
}

impl From<OptionError> for Thrown {
    fn from(error: OptionError) -> Self {
        Self::new(error.class(), error.to_string())
    }
}

impl From<OptionError> for Stop {
    fn from(error: OptionError) -> Self {
        Self::Thrown(error.into())
    }
}
