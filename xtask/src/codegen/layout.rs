//! What the structures of a message look like in Rust: versions in which they exist, types, defaults, smallest size.

use std::collections::BTreeMap;

use crate::names::snake;
use crate::notation::{Field, Message, Versions};

/// One Rust structure to be generated.
pub struct Layout<'a> {
    pub name: &'a str,
    /// The versions in which it can occur.
    pub versions: Versions,
    /// The fields of those versions; a field that only gone versions had is left out.
    pub fields: Vec<&'a Field>,
}

/// A message and its structures, the message itself first.
pub struct Layouts<'a> {
    pub message: &'a Message,
    pub all: Vec<Layout<'a>>,
    by_name: BTreeMap<&'a str, usize>,
}

impl<'a> Layouts<'a> {
    /// Finds every structure of a message.
    pub fn of(message: &'a Message) -> Result<Self, String> {
        let mut layouts = Self { message, all: Vec::new(), by_name: BTreeMap::new() };
        layouts.add(&message.name, message.valid, &message.fields)?;
        for shared in &message.structs {
            let versions =
                shared.versions.intersect(message.valid).ok_or("a structure in no valid version")?;
            layouts.add(&shared.name, versions, &shared.fields)?;
        }
        Ok(layouts)
    }

    fn add(&mut self, name: &'a str, versions: Versions, fields: &'a [Field]) -> Result<(), String> {
        if self.by_name.insert(name, self.all.len()).is_some() {
            return Err(format!("two structures {name} in {}", self.message.name));
        }
        let lives = |field: &&Field| field.versions.intersect(versions).is_some();
        self.all.push(Layout { name, versions, fields: fields.iter().filter(lives).collect() });
        for field in fields {
            let Some(within) = field.versions.intersect(versions) else { continue };
            if !field.fields.is_empty() {
                self.add(element(&field.ty), within, &field.fields)?;
            }
        }
        Ok(())
    }

    /// Whether a structure of a response tells of errors, in itself or in what it holds.
    pub fn has_error_codes(&self, name: &str) -> bool {
        self.message.kind == "response"
            && self.by_name.get(name).is_some_and(|index| {
                let mut fields = self.all[*index].fields.iter();
                fields.any(|field| is_error_code(field) || self.has_error_codes(element(&field.ty)))
            })
    }

    /// The fewest bytes that a value of type `ty` takes in any version of `versions`.
    pub fn smallest(&self, ty: &str, nullable: bool, versions: Versions) -> usize {
        (versions.first..=versions.last).map(|v| self.size_in(ty, nullable, v)).min().unwrap_or(1).max(1)
    }

    fn size_in(&self, ty: &str, nullable: bool, version: i16) -> usize {
        let flexible = self.message.flexible.is_some_and(|f| f.first <= version);
        match ty {
            "bool" | "int8" => 1,
            "int16" | "uint16" => 2,
            "int32" | "uint32" => 4,
            "int64" | "float64" => 8,
            "uuid" => 16,
            "string" if !flexible => 2,
            "string" | "bytes" | "records" if flexible => 1,
            "bytes" | "records" => 4,
            _ if is_array(ty) => {
                if flexible {
                    1
                } else {
                    4
                }
            }
            _ if nullable => 1,
            _ => {
                let layout = &self.all[self.by_name[ty]];
                let present = layout.fields.iter().filter(|field| {
                    field.tag.is_none() && field.versions.first <= version && version <= field.versions.last
                });
                let fields = present.map(|f| self.size_in(&f.ty, f.nullable.is_some(), version));
                fields.sum::<usize>() + usize::from(flexible)
            }
        }
    }
}

/// True for a field with one of Kafka's error codes.
pub fn is_error_code(field: &Field) -> bool {
    field.ty == "int16" && field.name.ends_with("ErrorCode")
}

/// True for `[]T`.
pub fn is_array(ty: &str) -> bool {
    ty.starts_with("[]")
}

/// The type of an array's elements, or the type itself.
pub fn element(ty: &str) -> &str {
    ty.strip_prefix("[]").unwrap_or(ty)
}

/// True for the name of a structure.
pub fn is_struct(ty: &str) -> bool {
    ty.starts_with(|c: char| c.is_ascii_uppercase())
}

/// The Rust name of a field.
pub fn member(field: &Field) -> String {
    let name = snake(&field.name);
    match name.as_str() {
        "type" | "match" | "ref" | "use" | "where" | "loop" | "move" => format!("{name}_"),
        _ => name,
    }
}

/// The Rust type of a field.
pub fn rust_type(field: &Field) -> String {
    let bare = bare_type(&field.ty);
    if field.nullable.is_some() && field.ty != "records" { format!("Option<{bare}>") } else { bare }
}

fn bare_type(ty: &str) -> String {
    match ty {
        "bool" => "bool",
        "int8" => "i8",
        "int16" => "i16",
        "int32" => "i32",
        "int64" => "i64",
        "uint16" => "u16",
        "uint32" => "u32",
        "float64" => "f64",
        "uuid" => "Uuid",
        "string" => "String",
        "bytes" => "Vec<u8>",
        "records" => "Records",
        _ if is_array(ty) => return format!("Vec<{}>", bare_type(element(ty))),
        name => name,
    }
    .to_string()
}

/// Kafka's default of a field, as a Rust expression.
pub fn default(field: &Field) -> Result<String, String> {
    let given = field.default.as_deref().unwrap_or_default();
    let nullable = field.nullable.is_some();
    let some = |value: &str| if nullable { format!("Some({value})") } else { value.to_string() };
    Ok(match field.ty.as_str() {
        "records" => "Records::Null".to_string(),
        _ if given == "null" => "None".to_string(),
        "bool" => (given == "true").to_string(),
        "uuid" => "Uuid::ZERO".to_string(),
        "float64" => "0.0".to_string(),
        "string" if given.is_empty() => some("String::new()"),
        "bytes" => some("Vec::new()"),
        ty if is_array(ty) => some("Vec::new()"),
        ty if is_struct(ty) => some(&format!("{ty}::default()")),
        _ if given.is_empty() => "0".to_string(),
        ty => integer(ty, given).ok_or_else(|| format!("{}: default {given} of {ty}", field.name))?,
    })
}

fn integer(ty: &str, given: &str) -> Option<String> {
    let value = match given.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok()?,
        None => given.parse().ok()?,
    };
    Some(match (ty, value) {
        ("int64", i64::MAX) => "i64::MAX".to_string(),
        ("int32", 0x7fff_ffff) => "i32::MAX".to_string(),
        ("int32", -0x8000_0000) => "i32::MIN".to_string(),
        ("int8" | "int16" | "int32" | "int64" | "uint16" | "uint32", value) => value.to_string(),
        _ => return None,
    })
}

/// True when Rust's own default of the field's type is Kafka's.
pub fn is_plain_default(default: &str) -> bool {
    matches!(
        default,
        "0" | "0.0" | "false" | "None" | "String::new()" | "Vec::new()" | "Uuid::ZERO" | "Records::Null"
    ) || (default.ends_with("::default()") && !default.starts_with("Some"))
}
