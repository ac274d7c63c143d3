//! The command line: two words and `--name value` pairs.

use std::collections::BTreeMap;

/// What was given: the broker, the topic and the options.
pub struct Arguments {
    pub broker: String,
    pub topic: String,
    options: BTreeMap<String, String>,
}

impl Arguments {
    /// Reads `HOST:PORT [TOPIC] [--name value]…`; `--feed` and `--lines` stand alone.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut plain, mut options) = (Vec::new(), BTreeMap::new());
        while let Some(word) = words.next() {
            match word.strip_prefix("--") {
                Some(flag @ ("feed" | "lines")) => drop(options.insert(flag.to_owned(), "1".to_owned())),
                Some(name) => {
                    let value = words.next().ok_or_else(|| format!("--{name} needs a value"))?;
                    options.insert(name.to_owned(), value);
                }
                None => plain.push(word),
            }
        }
        let mut plain = plain.into_iter();
        let broker = plain.next().ok_or("HOST:PORT is missing")?;
        Ok(Self { broker, topic: plain.next().unwrap_or_default(), options })
    }

    /// The option's value, or `default`.
    pub fn number(&self, name: &str, default: i64) -> Result<i64, String> {
        match self.options.get(name) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| format!("--{name}: {text} is not a number")),
        }
    }

    /// The same as a count of at least one.
    pub fn count(&self, name: &str, default: i64) -> Result<usize, String> {
        let number = self.number(name, default)?;
        usize::try_from(number)
            .ok()
            .filter(|count| *count > 0)
            .ok_or_else(|| format!("--{name} must be positive"))
    }

    /// The option's text, or `default`.
    pub fn text<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        self.options.get(name).map_or(default, String::as_str)
    }

    /// `--config name=value,name=value`.
    pub fn config(&self) -> Result<Vec<(&str, &str)>, String> {
        let pairs = self.text("config", "").split(',').filter(|pair| !pair.is_empty());
        pairs.map(|pair| pair.split_once('=').ok_or_else(|| format!("--config: {pair}"))).collect()
    }

    /// The same of another topic.
    pub fn about(&self, topic: &str) -> Self {
        Self { broker: self.broker.clone(), topic: topic.to_owned(), options: self.options.clone() }
    }

    /// Whether a flag was given.
    pub fn has(&self, name: &str) -> bool {
        self.options.contains_key(name)
    }

    /// The broker's process id, if it is to be measured.
    pub fn pid(&self) -> Result<Option<u32>, String> {
        Ok(u32::try_from(self.number("pid", 0)?).ok().filter(|pid| *pid > 0))
    }
}
