//! Configuration texts from a file and from the command line.

use std::collections::BTreeMap;
use std::path::Path;

use headwater_base::config::node::NodeConfig;
use headwater_base::properties;

use crate::failure::Failure;

/// Reads a server.properties file.
pub fn read(file: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let bytes = std::fs::read(file).map_err(|error| Failure::about(file.display(), error))?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::about(file.display(), "is not UTF-8 text"))?;
    properties::parse(&text).map_err(|error| Failure::about(file.display(), error))
}

/// Lays `KEY=VALUE` arguments over what is there.
pub fn apply_overrides(texts: &mut BTreeMap<String, String>, overrides: &[String]) -> Result<(), Failure> {
    for pair in overrides {
        let (key, value) = pair
            .split_once('=')
            .filter(|(key, _)| !key.trim().is_empty())
            .ok_or_else(|| Failure(format!("--override {pair}: expected KEY=VALUE")))?;
        texts.insert(key.trim().to_owned(), value.to_owned());
    }
    Ok(())
}

/// Checks everything and says which keys have no effect.
pub fn check(texts: &BTreeMap<String, String>) -> Result<NodeConfig, Failure> {
    let (config, warnings) = NodeConfig::parse(texts)?;
    for warning in warnings {
        tracing::warn!(why = %warning, "configuration");
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_win() {
        let mut texts = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        apply_overrides(&mut texts, &["a=2".to_owned(), "b = x=y".to_owned()]).expect("pairs");
        let expected = [("a", "2"), ("b", " x=y")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(texts, expected.into());
        for bad in ["a", "=1", ""] {
            assert!(apply_overrides(&mut texts, &[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
