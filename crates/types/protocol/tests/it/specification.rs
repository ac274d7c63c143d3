//! The committed specification, read for the tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::entry::Entry;
use crate::notation::{self, Message};
use crate::registry;

/// Every message of the specification by its name.
pub fn messages() -> BTreeMap<String, Message> {
    let mut found = BTreeMap::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("spec"), &mut found);
    found
}

fn collect(folder: &Path, found: &mut BTreeMap<String, Message>) {
    for entry in fs::read_dir(folder).expect("the specification is a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.file_name().is_some_and(|name| name != "errors.txt") {
            let text = fs::read_to_string(&path).expect("a file of the specification can be read");
            for message in notation::parse(&text).expect("the specification is well formed") {
                found.insert(message.name.clone(), message);
            }
        }
    }
}

/// Runs `check` for every message and version.
pub fn for_every_version(mut check: impl FnMut(&Entry, &Message, i16)) {
    let messages = messages();
    for entry in registry::ALL {
        for version in entry.min_version..=entry.max_version {
            check(entry, &messages[entry.name], version);
        }
    }
}

#[test]
fn every_message_is_generated() {
    let messages = messages();
    assert_eq!(messages.len(), registry::ALL.len());
    for entry in registry::ALL {
        let valid = messages[entry.name].valid;
        assert_eq!((entry.min_version, entry.max_version), (valid.first, valid.last), "{}", entry.name);
    }
}
