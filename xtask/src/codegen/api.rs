//! The table of APIs.

use std::fmt::Write as _;

use crate::notation::Message;

/// The unformatted text of `api/table.rs`.
pub fn file(messages: &[Message]) -> String {
    let mut requests: Vec<&Message> = messages.iter().filter(|message| message.kind == "request").collect();
    requests.sort_by_key(|message| message.key);
    let mut out = format!(
        "//! Keys and versions of every API that the reference still has.\n\n{} the specification.\n\n\
         use super::{{ApiRow, BOTH, BROKER, CONTROLLER, row}};\n\n\
         /// The key of an API. Keys 4 to 7 are gone from the protocol.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\n#[repr(i16)]\n\
         #[allow(missing_docs)]\npub enum ApiKey {{\n",
        super::MARK
    );
    for request in &requests {
        let _ = writeln!(out, "{} = {},", api_name(request), request.key.unwrap_or_default());
    }
    let _ = writeln!(
        out,
        "}}\n\n/// One row per key, in the order of keys.\npub(super) const ROWS: &[ApiRow] = &["
    );
    for request in &requests {
        let name = api_name(request);
        let flexible = request.flexible.map_or("i16::MAX".to_string(), |f| f.first.to_string());
        let _ = writeln!(
            out,
            "row(ApiKey::{name}, \"{name}\", {}, {}, {}, {flexible}, {}),",
            request.valid.first,
            request.valid.last,
            request.unstable,
            listeners(request),
        );
    }
    out.push_str("];\n");
    out
}

fn api_name(request: &Message) -> &str {
    request.name.trim_end_matches("Request")
}

/// An API that is served nowhere would be a mistake of the specification, which the compiler then refuses.
fn listeners(request: &Message) -> &'static str {
    let serves = |name: &str| request.listeners.iter().any(|listener| listener == name);
    match (serves("broker"), serves("controller")) {
        (true, true) => "BOTH",
        (true, false) => "BROKER",
        (false, true) => "CONTROLLER",
        (false, false) => "NOBODY",
    }
}
