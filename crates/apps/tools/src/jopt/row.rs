//! One option of a tool.

use std::borrow::Cow;

/// Whether an option takes an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Never.
    None,
    /// Always.
    Required,
    /// If the next word does not look like an option.
    Optional,
}

/// What an argument has to be.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Any text.
    Text,
    /// `java.lang.Integer`.
    Integer,
    /// `java.lang.Long`.
    Long,
    /// `java.lang.Double`.
    Double,
    /// Text that fits a pattern, of which the help page shows this much: the converter's `valuePattern`.
    Pattern {
        /// What the help page shows.
        shown: &'static str,
        /// Whether a text fits.
        fits: fn(&str) -> bool,
    },
}

/// One option.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its names, in the order of the help page: short ones first.
    pub names: &'static [&'static str],
    /// Its description.
    pub about: Cow<'static, str>,
    /// Whether it takes an argument.
    pub argument: Argument,
    /// Of what kind.
    pub kind: Kind,
    /// What the help page calls the argument.
    pub label: &'static str,
    /// What holds where the option is not given.
    pub defaults: &'static [&'static str],
    /// The tool refuses to work without it.
    pub required: bool,
    /// With it nothing else is required.
    pub for_help: bool,
    /// What divides several values in one argument.
    pub separator: Option<char>,
    /// Options of which one has to be there too; any will do when there are none.
    pub available_if: &'static [&'static str],
}

/// An option without argument.
pub const fn flag(names: &'static [&'static str], about: &'static str) -> Row {
    Row {
        names,
        about: Cow::Borrowed(about),
        argument: Argument::None,
        kind: Kind::Text,
        label: "",
        defaults: &[],
        required: false,
        for_help: false,
        separator: None,
        available_if: &[],
    }
}

/// An option with an argument that the help page calls `label`.
pub const fn takes(names: &'static [&'static str], label: &'static str, about: &'static str) -> Row {
    let mut row = flag(names, about);
    row.argument = Argument::Required;
    row.label = label;
    row
}

/// An option that may have an argument.
pub const fn takes_maybe(names: &'static [&'static str], label: &'static str, about: &'static str) -> Row {
    let mut row = takes(names, label, about);
    row.argument = Argument::Optional;
    row
}

impl Row {
    /// The argument is of this kind.
    pub const fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The argument is an `int`.
    pub const fn integer(self) -> Self {
        self.kind(Kind::Integer)
    }

    /// The argument is a `long`.
    pub const fn long(self) -> Self {
        self.kind(Kind::Long)
    }

    /// What holds without the option.
    pub const fn defaults(mut self, defaults: &'static [&'static str]) -> Self {
        self.defaults = defaults;
        self
    }

    /// Nothing works without it.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// With it nothing else is required.
    pub const fn for_help(mut self) -> Self {
        self.for_help = true;
        self
    }

    /// One argument may hold several values.
    pub const fn separated_by(mut self, separator: char) -> Self {
        self.separator = Some(separator);
        self
    }

    /// Only together with one of these.
    pub const fn available_if(mut self, others: &'static [&'static str]) -> Self {
        self.available_if = others;
        self
    }

    /// The names as the library's messages write them.
    pub fn slashed(&self) -> String {
        self.names.join("/")
    }

    /// The row as Java's `toString` writes it: `[name]`.
    pub fn bracketed(&self) -> String {
        format!("[{}]", self.names.join(", "))
    }

    /// Whether an argument can be used.
    pub fn accepts(&self, argument: &str) -> bool {
        match self.kind {
            Kind::Text => true,
            Kind::Integer => argument.parse::<i32>().is_ok(),
            Kind::Long => argument.parse::<i64>().is_ok(),
            Kind::Double => crate::java::parse_double(argument).is_some(),
            Kind::Pattern { fits, .. } => fits(argument),
        }
    }
}
