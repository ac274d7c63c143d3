//! Keys and values of records as text.

use headwater_records::Record;

use super::STRING_DECODER;
use crate::console::Thrown;
use crate::jopt::OptionSet;
use crate::json::Json;
use crate::records::{Coordinator, DecodeError, Input, coordinator_record, data, decode, metadata_record};

/// How keys and values are read.
pub(super) enum Decoder {
    Text,
    Coordinator(Coordinator),
    Metadata,
}

/// What a record's key and value are shown as.
type Shown = (Option<Vec<u8>>, Option<Vec<u8>>);

impl Decoder {
    pub(super) fn of(options: &OptionSet<'_>) -> Result<Self, Thrown> {
        if options.has("offsets-decoder") {
            return Ok(Self::Coordinator(Coordinator::Group));
        }
        if options.has("transaction-log-decoder") {
            return Ok(Self::Coordinator(Coordinator::Transaction));
        }
        if options.has("cluster-metadata-decoder") {
            return Ok(Self::Metadata);
        }
        if options.has("remote-log-metadata-decoder") {
            return Err(Thrown::illegal_argument("remote log metadata cannot be decoded by this program"));
        }
        if options.has("share-group-state-decoder") {
            return Ok(Self::Coordinator(Coordinator::Share));
        }
        for name in ["value-decoder-class", "key-decoder-class"] {
            let class = options.value(name)?.unwrap_or_default();
            if class != STRING_DECODER {
                return Err(Thrown::new("java.lang.RuntimeException", "Failed to load decoder class"));
            }
        }
        Ok(Self::Text)
    }

    pub(super) fn decode(&self, record: &Record<'_>) -> Result<Shown, Thrown> {
        match self {
            Self::Text => Ok((record.key.map(text), record.value.map(text))),
            Self::Coordinator(of) => coordinator(*of, record),
            Self::Metadata => {
                let shown = metadata(record.value.unwrap_or_default())
                    .unwrap_or_else(|error| format!("Error at {}, skipping. {error}", record.offset.0));
                Ok((None, Some(shown.into_bytes())))
            }
        }
    }
}

/// Bytes that are no UTF-8 are shown with replacement characters, as Java's strings do.
fn text(bytes: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(bytes).into_owned().into_bytes()
}

fn metadata(value: &[u8]) -> Result<String, DecodeError> {
    let mut input = Input(value);
    let frame = short(&mut input, "frame version")?;
    if frame == 0 {
        return Err(DecodeError(
            "Could not deserialize metadata record with frame version 0. Note that upgrades from the preview release of \
             KRaft in 2.8 to newer versions are not supported."
                .to_owned(),
        ));
    }
    if frame != 1 {
        return Err(DecodeError(format!(
            "Could not deserialize metadata record due to unknown frame version {frame}(only frame version 1 is supported)"
        )));
    }
    let key = short(&mut input, "type")?;
    let version = short(&mut input, "version")?;
    let message = metadata_record(key).ok_or_else(|| {
        DecodeError(format!(
            "org.apache.kafka.common.errors.UnsupportedVersionException: Unknown metadata id {key}"
        ))
    })?;
    let failed = || DecodeError(format!("Failed to deserialize record with type {key}"));
    if !message.has_version(version) {
        return Err(failed());
    }
    let json = decode(&message, version, &mut input).map_err(|_| failed())?;
    if !input.0.is_empty() {
        return Err(DecodeError(format!("Found {} byte(s) of garbage after {key}", input.0.len())));
    }
    let mut name = String::new();
    for letter in message.name.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    let version = Json::Number(i64::from(version));
    Ok(Json::object([("type", Json::Text(name)), ("version", version), ("data", json)]).to_string())
}

/// A number of the frame around a metadata record.
fn short(input: &mut Input<'_>, name: &str) -> Result<i16, DecodeError> {
    let number = input.varint().map_err(|_| DecodeError(format!("Error while reading {name}")))?;
    // Java takes it for signed, and keeps its low half.
    if number.cast_signed() > i32::from(i16::MAX) {
        return Err(DecodeError(format!("Value for {name} was too large.")));
    }
    Ok(number as i16)
}

fn coordinator(of: Coordinator, record: &Record<'_>) -> Result<Shown, Thrown> {
    let offset = record.offset.0;
    let Some(key) = record.key else {
        return Err(Thrown::new(
            "java.lang.RuntimeException",
            format!(
                "Failed to decode message at offset {offset} using the specified decoder (message had a missing key)"
            ),
        ));
    };
    Ok(match coordinator_texts(of, key, record.value) {
        Ok(Some((key, value))) => (Some(key.into_bytes()), Some(value.into_bytes())),
        Ok(None) => {
            let kind = Input(key).int16().unwrap_or_default();
            let shown = format!("Unknown record type {kind} at offset {offset}, skipping.");
            (Some(shown.into_bytes()), None)
        }
        Err(error) => (Some(format!("Error at offset {offset}, skipping. {error}").into_bytes()), None),
    })
}

/// Key and value of a coordinator's record as JSON, `None` for a type that nobody knows.
pub fn coordinator_texts(
    of: Coordinator,
    key: &[u8],
    value: Option<&[u8]>,
) -> Result<Option<(String, String)>, DecodeError> {
    let no_version =
        |name: &'static str| move |_| DecodeError(format!("Could not read version from {name}'s buffer."));
    let unreadable = |name: &'static str, version: i16| {
        move |error: DecodeError| {
            DecodeError(format!(
                "Could not read record with version {version} from {name}'s buffer due to: {error}."
            ))
        }
    };
    let mut input = Input(key);
    let kind = input.int16().map_err(no_version("key"))?;
    let Some((key_message, value_message)) = coordinator_record(of, kind) else { return Ok(None) };
    let key = decode(&key_message, 0, &mut input).map_err(unreadable("key", kind))?;
    let key = Json::object([("type", Json::text(kind.to_string())), ("data", key)]).to_string();
    let Some(value) = value else { return Ok(Some((key, "<DELETE>".to_owned()))) };
    let mut input = Input(value);
    let version = input.int16().map_err(no_version("value"))?;
    if !value_message.has_version(version) {
        return Err(DecodeError(format!("Found an unknown record version {version} for {kind} type")));
    }
    let mut value = decode(&value_message, version, &mut input).map_err(unreadable("value", version))?;
    if value_message.name == "GroupMetadataValue" {
        show_members(&mut value);
    }
    let value = Json::object([("version", Json::text(version.to_string())), ("data", value)]).to_string();
    Ok(Some((key, value)))
}

/// What members of a consumer group told is shown in its parts.
fn show_members(group: &mut Json) {
    if group.get("protocolType") != Some(&Json::text("consumer")) {
        return;
    }
    let Json::Object(fields) = group else { return };
    let members = fields.iter_mut().find(|(name, _)| name == "members").map(|(_, members)| members);
    let Some(Json::Array(members)) = members else { return };
    for member in members {
        let Json::Object(fields) = member else { continue };
        for (name, value) in fields {
            let message = match name.as_str() {
                "subscription" => "ConsumerProtocolSubscription",
                "assignment" => "ConsumerProtocolAssignment",
                _ => continue,
            };
            let Json::Bytes(bytes) = &*value else { continue };
            let mut input = Input(bytes);
            let message = data(message).expect("a message of the specification");
            if let Ok(version) = input.int16()
                && message.has_version(version)
                && let Ok(json) = decode(&message, version, &mut input)
            {
                *value = json;
            }
        }
    }
}
