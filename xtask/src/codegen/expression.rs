//! Expressions of the generated code: conditions on the version, reading, writing, comparison with the default.

use super::layout::{self, Layouts, element, is_array, is_struct, member};
use crate::notation::{Field, Versions};

/// When something holds, seen from inside of a structure that exists in some versions.
#[derive(Clone, PartialEq)]
pub enum When {
    Always,
    Never,
    If(String),
}

impl When {
    /// When a version of `outer` lies in `inner`.
    pub fn within(inner: Option<Versions>, outer: Versions) -> Self {
        let Some(both) = inner.and_then(|inner| inner.intersect(outer)) else { return Self::Never };
        match (both.first == outer.first, both.last == outer.last) {
            (true, true) => Self::Always,
            (true, false) => Self::If(format!("v <= {}", both.last)),
            (false, true) => Self::If(format!("v >= {}", both.first)),
            (false, false) => Self::If(format!("({}..={}).contains(&v)", both.first, both.last)),
        }
    }

    /// As a Rust condition.
    pub fn condition(&self) -> &str {
        match self {
            Self::Always => "true",
            Self::Never => "false",
            Self::If(condition) => condition,
        }
    }

    /// As a condition that may stand beside others.
    pub fn flexible(&self) -> &str {
        match self {
            Self::If(_) => "flex",
            other => other.condition(),
        }
    }
}

/// What every expression about one field needs to know.
pub struct Place<'a> {
    pub layouts: &'a Layouts<'a>,
    /// The versions of the structure around the field.
    pub versions: Versions,
    pub flexible: When,
}

impl Place<'_> {
    fn flex(&self, field: &Field) -> &str {
        // A tagged field only exists in flexible versions.
        match (field.inflexible, field.tag) {
            (true, _) => "false",
            (_, Some(_)) => "true",
            _ => self.flexible.flexible(),
        }
    }

    fn nullable(&self, field: &Field) -> Option<String> {
        let nullable = field.nullable?;
        let present = field.versions.intersect(self.versions)?;
        // Inside the field's own versions the question is only whether null is allowed too.
        Some(When::within(Some(nullable), present).condition().to_string())
    }

    /// Reads the field's value from `r` in version `v`.
    pub fn read(&self, field: &Field) -> String {
        let flex = self.flex(field);
        let nullable = self.nullable(field);
        match (field.ty.as_str(), nullable) {
            ("string" | "bytes", None) => format!("r.{}({flex})", field.ty),
            ("string" | "bytes", Some(null)) => format!("r.nullable_{}({flex}, {null})", field.ty),
            ("records", null) => format!("r.records({flex}, {})", null.as_deref().unwrap_or("false")),
            (ty, None) if is_array(ty) => format!("r.array({flex}, {})", self.elements(field, flex)),
            (ty, Some(null)) if is_array(ty) => {
                format!("r.nullable_array({flex}, {null}, {})", self.elements(field, flex))
            }
            (ty, None) if is_struct(ty) => format!("{ty}::get(r, v)"),
            (ty, Some(_)) if is_struct(ty) && field.tag.is_some() => {
                format!("r.nullable_tagged(v, {ty}::get)")
            }
            (ty, Some(null)) if is_struct(ty) => format!("r.nullable({null}, v, {ty}::get)"),
            (ty, _) => format!("r.{}()", primitive(ty)),
        }
    }

    fn elements(&self, field: &Field, flex: &str) -> String {
        let ty = element(&field.ty);
        let within = field.versions.intersect(self.versions).unwrap_or(self.versions);
        let smallest = self.layouts.smallest(ty, false, within);
        match ty {
            "string" | "bytes" if flex == "flex" => {
                format!("{smallest}, v, |r, v| r.{ty}({})", self.flexible.condition())
            }
            "string" | "bytes" => format!("{smallest}, v, |r, _| r.{ty}({flex})"),
            _ if is_struct(ty) => format!("{smallest}, v, {ty}::get"),
            _ => format!("{smallest}, v, |r, _| r.{}()", primitive(ty)),
        }
    }

    /// Writes the field's value to `w` in version `v`.
    pub fn write(&self, field: &Field) -> String {
        let flex = self.flex(field);
        let name = member(field);
        match (field.ty.as_str(), self.nullable(field)) {
            ("string" | "bytes", None) => format!("w.{}({flex}, &self.{name});", field.ty),
            ("string" | "bytes", Some(null)) => {
                format!("w.nullable_{}({flex}, {null}, self.{name}.as_deref());", field.ty)
            }
            ("records", null) => {
                format!("w.records({flex}, {}, &self.{name});", null.as_deref().unwrap_or("false"))
            }
            (ty, None) if is_array(ty) => {
                format!("w.array({flex}, &self.{name}, v, {});", self.put(field, flex))
            }
            (ty, Some(null)) if is_array(ty) => {
                format!(
                    "w.nullable_array({flex}, {null}, self.{name}.as_deref(), v, {});",
                    self.put(field, flex)
                )
            }
            (ty, None) if is_struct(ty) => format!("self.{name}.put(w, v);"),
            (ty, Some(_)) if is_struct(ty) && field.tag.is_some() => {
                format!("w.nullable_tagged(self.{name}.as_ref(), v, {ty}::put);")
            }
            (ty, Some(null)) if is_struct(ty) => {
                format!("w.nullable({null}, self.{name}.as_ref(), v, {ty}::put);")
            }
            (ty, _) => format!("w.{}(self.{name});", primitive(ty)),
        }
    }

    fn put(&self, field: &Field, flex: &str) -> String {
        let ty = element(&field.ty);
        match ty {
            "string" | "bytes" if flex == "flex" => {
                format!("|x, w, v| w.{ty}({}, x)", self.flexible.condition())
            }
            "string" | "bytes" => format!("|x, w, _| w.{ty}({flex}, x)"),
            _ if is_struct(ty) => format!("{ty}::put"),
            _ => format!("|x, w, _| w.{}(*x)", primitive(ty)),
        }
    }

    /// True when the field has its default.
    pub fn is_default(&self, field: &Field) -> Result<String, String> {
        let name = member(field);
        let default = layout::default(field)?;
        Ok(match default.as_str() {
            "None" => format!("self.{name}.is_none()"),
            "true" => format!("self.{name}"),
            "false" => format!("!self.{name}"),
            "Uuid::ZERO" => format!("self.{name}.is_zero()"),
            "Records::Null" => format!("self.{name}.is_null()"),
            "String::new()" | "Vec::new()" => format!("self.{name}.is_empty()"),
            "Some(String::new())" => format!("self.{name}.as_ref().is_some_and(String::is_empty)"),
            "Some(Vec::new())" => format!("self.{name}.as_ref().is_some_and(Vec::is_empty)"),
            _ => format!("self.{name} == {default}"),
        })
    }
}

fn primitive(ty: &str) -> &str {
    match ty {
        "int8" => "i8",
        "int16" => "i16",
        "int32" => "i32",
        "int64" => "i64",
        "uint16" => "u16",
        "uint32" => "u32",
        "float64" => "f64",
        other => other,
    }
}
