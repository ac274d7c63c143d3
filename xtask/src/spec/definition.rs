//! One definition (JSON with `//` comments) to the model of the notation.

use serde_json::Value;

use crate::notation::{Field, Message, Structure, Versions};

/// The message, or `None` when no version of it is valid any more.
pub fn read(text: &str) -> Result<Option<Message>, String> {
    let bare: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let json: Value = serde_json::from_str(&bare.join("\n")).map_err(|e| e.to_string())?;
    let Some(valid) = Versions::parse(string(&json, "validVersions")?)? else { return Ok(None) };
    let listeners = json["listeners"].as_array().into_iter().flatten();
    let structs = json["commonStructs"].as_array().into_iter().flatten().map(|shared| {
        Ok(Structure {
            name: string(shared, "name")?.to_string(),
            versions: Versions::parse(string(shared, "versions")?)?.ok_or("a structure in no version")?,
            fields: fields(shared)?,
        })
    });
    Ok(Some(Message {
        kind: string(&json, "type")?.to_string(),
        name: string(&json, "name")?.to_string(),
        key: json["apiKey"].as_i64().map(|key| i16::try_from(key).map_err(|e| e.to_string())).transpose()?,
        valid,
        flexible: Versions::parse(string(&json, "flexibleVersions")?)?,
        listeners: listeners.filter_map(Value::as_str).map(str::to_string).collect(),
        unstable: json["latestVersionUnstable"].as_bool().unwrap_or(false),
        structs: structs.collect::<Result<_, String>>()?,
        fields: fields(&json)?,
    }))
}

fn string<'a>(json: &'a Value, key: &str) -> Result<&'a str, String> {
    json[key].as_str().ok_or_else(|| format!("no {key}"))
}

fn versions(json: &Value, key: &str) -> Result<Option<Versions>, String> {
    json[key].as_str().map(Versions::parse).transpose().map(Option::flatten)
}

fn fields(json: &Value) -> Result<Vec<Field>, String> {
    json["fields"].as_array().into_iter().flatten().map(field).collect()
}

fn field(json: &Value) -> Result<Field, String> {
    let name = string(json, "name")?.to_string();
    let tagged = versions(json, "taggedVersions")?;
    // A tagged field may leave its versions to those of the tag.
    let versions_of =
        versions(json, "versions")?.or(tagged).ok_or_else(|| format!("{name} has no versions"))?;
    if tagged.is_some_and(|tagged| tagged != versions_of) {
        return Err(format!("{name} is tagged in some of its versions only, which the notation cannot say"));
    }
    let default = match &json["default"] {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    let tag = json["tag"].as_u64().map(|tag| u32::try_from(tag).map_err(|e| e.to_string())).transpose()?;
    Ok(Field {
        ty: string(json, "type")?.to_string(),
        versions: versions_of,
        nullable: versions(json, "nullableVersions")?,
        tag,
        default,
        ignorable: json["ignorable"].as_bool().unwrap_or(false),
        inflexible: json["flexibleVersions"].as_str() == Some("none"),
        fields: fields(json)?,
        name,
    })
}
