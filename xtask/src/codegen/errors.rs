//! The table of error codes.

use std::fmt::Write as _;

use crate::names::camel;

/// The unformatted text of `error_code.rs`, from lines of code, name, `retriable` or `final`, message.
pub fn file(facts: &str) -> Result<String, String> {
    let mut out = format!(
        "//! Kafka's error codes (`org.apache.kafka.common.protocol.Errors`).\n\n{} the specification.\n\n{HEAD}",
        super::MARK
    );
    for line in facts.lines() {
        let mut words = line.splitn(4, ' ');
        let (Some(code), Some(name), Some(again)) = (words.next(), words.next(), words.next()) else {
            return Err(format!("error code {line:?}"));
        };
        let message = words.next().unwrap_or(name).replace('\\', "\\\\").replace('"', "\\\"");
        let variant = camel(&name.to_lowercase());
        let retriable = again == "retriable";
        let _ = writeln!(out, "    {variant} = {code}, \"{name}\", {retriable}, \"{message}\";");
    }
    out.push_str("}\n");
    Ok(out)
}

const HEAD: &str = r#"macro_rules! error_codes {
    ($($variant:ident = $code:literal, $name:literal, $retriable:literal, $message:literal;)*) => {
        /// One of Kafka's error codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i16)]
        #[allow(missing_docs)]
        pub enum ErrorCode { $($variant = $code,)* }

        impl ErrorCode {
            /// Every code, in the order of numbers.
            pub const ALL: &[ErrorCode] = &[$(ErrorCode::$variant,)*];

            /// The code of a number on the wire. A number that is not known is
            /// `UnknownServerError`, as the reference has it.
            #[must_use]
            pub const fn from_code(code: i16) -> Self {
                match code {
                    $($code => Self::$variant,)*
                    _ => Self::UnknownServerError,
                }
            }

            /// Kafka's name, such as `OFFSET_OUT_OF_RANGE`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Kafka's default message.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message,)* }
            }

            /// True when the reference's clients try again.
            #[must_use]
            pub const fn is_retriable(self) -> bool {
                match self { $(Self::$variant => $retriable,)* }
            }
        }
    };
}

impl ErrorCode {
    /// The number on the wire.
    #[must_use]
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// True for everything but `None`.
    #[must_use]
    pub const fn is_error(self) -> bool {
        !matches!(self, Self::None)
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

error_codes! {
"#;
