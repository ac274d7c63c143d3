//! Enumerations over the records of a module, and the list of all messages for the tests.

use std::fmt::Write as _;

use super::Module;
use crate::names::snake;
use crate::notation::Message;

/// Text and module name of the enumerations of a module; empty when it has none.
pub fn of(module: &Module) -> (String, &'static str) {
    match module.name {
        "metadata" => (framed(module, "MetadataRecord", "Record"), "metadata_record"),
        "storage" => (framed(module, "RemoteLogRecord", ""), "remote_log_record"),
        "group" | "transaction" | "share" => (coordinator(module), "coordinator_record"),
        _ => (String::new(), ""),
    }
}

fn keyed<'a>(module: &'a Module, kind: Option<&str>) -> Vec<&'a Message> {
    let is_wanted = |m: &&Message| m.key.is_some() && kind.is_none_or(|kind| m.kind == kind);
    let mut messages: Vec<&Message> = module.messages.iter().filter(is_wanted).collect();
    messages.sort_by_key(|message| message.key);
    messages
}

/// Records whose value is frame version, key, version, message (`AbstractApiMessageSerde`).
fn framed(module: &Module, name: &str, suffix: &str) -> String {
    let mut out = header(module, "Records by key, in the frame that the reference puts around them.");
    let mut rows = String::new();
    for message in keyed(module, None) {
        let _ = writeln!(out, "use super::{}::{};", snake(&message.name), message.name);
        let variant = message.name.strip_suffix(suffix).unwrap_or(&message.name);
        let key = message.key.unwrap_or_default();
        let _ = writeln!(rows, "    {key} => {variant}({}),", message.name);
    }
    let _ = writeln!(out, "\ncrate::framed_records! {{\n    {name}\n{rows}}}");
    out
}

/// Records whose key begins with the record's kind and whose value begins with its version.
fn coordinator(module: &Module) -> String {
    let mut out = header(module, "Keys and values by kind, as `CoordinatorRecordSerde` writes them.");
    let mut both = [String::new(), String::new()];
    for (kind, rows) in ["coordinator-key", "coordinator-value"].iter().zip(&mut both) {
        let suffix = if *kind == "coordinator-key" { "Key" } else { "Value" };
        for message in keyed(module, Some(kind)) {
            let _ = writeln!(out, "use super::{}::{};", snake(&message.name), message.name);
            let variant = message.name.strip_suffix(suffix).unwrap_or(&message.name);
            let key = message.key.unwrap_or_default();
            let _ = writeln!(rows, "    {key} => {variant}({}),", message.name);
        }
    }
    let [keys, values] = both;
    let _ = writeln!(out, "\ncrate::record_keys! {{\n{keys}}}\n\ncrate::record_values! {{\n{values}}}");
    out
}

fn header(module: &Module, doc: &str) -> String {
    format!("//! {doc}\n\n{} `spec/{}`.\n\n", super::MARK, module.name)
}

/// The list of all messages for the tests of the protocol crate.
pub fn registry(modules: &[Module]) -> String {
    let mut out = format!(
        "//! Every message, for the tests that run over all of them.\n\n{} the specification.\n\n\
         use super::entry::{{Entry, entry}};\nuse headwater_protocol as p;\n\n\
         /// One entry per message.\npub const ALL: &[Entry] = &[\n",
        super::MARK
    );
    for module in modules {
        for message in &module.messages {
            let _ =
                writeln!(out, "entry::<p::{}::{}::{}>(),", module.name, snake(&message.name), message.name);
        }
    }
    out.push_str("];\n");
    out
}
