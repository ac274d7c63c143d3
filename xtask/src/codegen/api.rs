//! The table of APIs.

use std::fmt::Write as _;

use crate::notation::Message;

/// The unformatted text of `api/table.rs`.
pub fn file(messages: &[Message]) -> String {
    let mut requests: Vec<&Message> = messages.iter().filter(|message| message.kind == "request").collect();
    requests.sort_by_key(|message| message.key);
    let mut out = format!(
        "//! Keys and versions of every API that the reference still has.\n\n{} the specification.\n\n\
         use super::{{ApiRow, Listener}};\n\n\
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
        let listeners: Vec<&str> = request.listeners.iter().map(|name| listener(name)).collect();
        let _ = writeln!(
            out,
            "ApiRow {{ key: ApiKey::{name}, name: \"{name}\", min_version: {}, max_version: {}, \
             latest_version_unstable: {}, flexible_from: {}, listeners: &[{}] }},",
            request.valid.first,
            request.valid.last,
            request.unstable,
            request.flexible.map_or("i16::MAX".to_string(), |f| f.first.to_string()),
            listeners.join(", "),
        );
    }
    out.push_str("];\n");
    out
}

fn api_name(request: &Message) -> &str {
    request.name.trim_end_matches("Request")
}

fn listener(name: &str) -> &'static str {
    match name {
        "controller" => "Listener::Controller",
        _ => "Listener::Broker",
    }
}
