//! The Rust file of one message: its structures, their defaults, and how they are read and written.

use std::fmt::Write as _;

use super::expression::{Place, When};
use super::layout::{self, Layout, Layouts, member, rust_type};
use crate::notation::{Field, Message};

/// The unformatted text of the file.
pub fn file(message: &Message) -> Result<String, String> {
    let layouts = Layouts::of(message)?;
    let mut body = String::new();
    for layout in &layouts.all {
        structure(&mut body, &layouts, layout)?;
        error_codes(&mut body, &layouts, layout);
    }
    let first = message.valid.first;
    let last = message.valid.last;
    let flexible = message.flexible.map_or("i16::MAX".to_string(), |f| f.first.to_string());
    let key = message.key.unwrap_or(-1);
    let name = &message.name;
    let mut out = format!("//! {}\n\n{} the specification.\n\n", title(message), super::MARK);
    let mut used = vec!["Reader", "Writer"];
    used.extend(has_word(&body, "Records").then_some("Records"));
    used.sort_unstable();
    if body.contains("Uuid") {
        out.push_str("use headwater_base::Uuid;\n\n");
    }
    let _ = writeln!(out, "use crate::{{{}, message}};\n", used.join(", "));
    let errors = if layouts.has_error_codes(name) { ", error_codes" } else { "" };
    let _ = writeln!(out, "message!({name}, \"{name}\", {key}, {first}..={last}, {flexible}{errors});\n");
    out.push_str(&body);
    Ok(out)
}

fn title(message: &Message) -> String {
    let versions = match (message.valid.first, message.valid.last) {
        (first, last) if first == last => format!("version {first}"),
        (first, last) => format!("versions {first} to {last}"),
    };
    match message.key {
        Some(key) => format!("`{}`: key {key}, {versions}.", message.name),
        None => format!("`{}`: {versions}.", message.name),
    }
}

fn structure(out: &mut String, layouts: &Layouts<'_>, layout: &Layout<'_>) -> Result<(), String> {
    let defaults: Vec<String> =
        layout.fields.iter().map(|field| layout::default(field)).collect::<Result<_, _>>()?;
    let plain = defaults.iter().all(|default| layout::is_plain_default(default));
    let name = layout.name;
    let derived = if plain { "Clone, Debug, Default, PartialEq" } else { "Clone, Debug, PartialEq" };
    let _ = writeln!(out, "#[derive({derived})]\npub struct {name} {{");
    for field in &layout.fields {
        let _ = writeln!(out, "pub {}: {},", member(field), rust_type(field));
    }
    out.push_str("}\n\n");
    if !plain {
        let _ = writeln!(out, "impl Default for {name} {{\nfn default() -> Self {{\nSelf {{");
        for (field, default) in layout.fields.iter().zip(&defaults) {
            let _ = writeln!(out, "{}: {default},", member(field));
        }
        out.push_str("}\n}\n}\n\n");
    }
    let place = Place {
        layouts,
        versions: layout.versions,
        flexible: When::within(layouts.message.flexible, layout.versions),
    };
    let get = reading(layout, &place, &defaults)?;
    let put = writing(layout, &place)?;
    let (gr, gv) = parameters(&get, "r");
    let (pw, pv) = parameters(&put, "w");
    let _ = writeln!(
        out,
        "impl {name} {{\npub(crate) fn get({gr}: &mut Reader<'_>, {gv}: i16) -> Self {{\n{get}}}\n\n\
         pub(crate) fn put(&self, {pw}: &mut Writer, {pv}: i16) {{\n{put}}}\n}}\n"
    );
    Ok(())
}

/// Of a response's structure that holds error codes, or structures with error codes: the walk over them all.
fn error_codes(out: &mut String, layouts: &Layouts<'_>, layout: &Layout<'_>) {
    if !layouts.has_error_codes(layout.name) {
        return;
    }
    let mut body = String::new();
    for field in &layout.fields {
        let name = member(field);
        if layout::is_error_code(field) {
            let _ = writeln!(body, "visit(self.{name});");
        } else if layouts.has_error_codes(layout::element(&field.ty)) {
            let each = match (layout::is_array(&field.ty), field.nullable.is_some()) {
                (true, true) => format!("self.{name}.iter().flatten()"),
                (true, false) | (false, true) => format!("&self.{name}"),
                (false, false) => format!("std::iter::once(&self.{name})"),
            };
            let _ = writeln!(body, "for each in {each} {{\neach.error_codes(visit);\n}}");
        }
    }
    let _ = writeln!(
        out,
        "impl {} {{\npub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {{\n{body}}}\n}}\n",
        layout.name
    );
}

/// Names of the two parameters, with an underscore when the body does not use them.
fn parameters(body: &str, first: &str) -> (String, &'static str) {
    let first = if has_word(body, first) { first.to_string() } else { format!("_{first}") };
    (first, if has_word(body, "v") { "v" } else { "_v" })
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|part| part == word)
}

fn prologue(body: &mut String, place: &Place<'_>) {
    if has_word(body, "flex") {
        body.insert_str(0, &format!("let flex = {};\n", place.flexible.condition()));
    }
}

fn tagged<'a>(layout: &Layout<'a>) -> Vec<&'a Field> {
    let mut fields: Vec<&Field> = layout.fields.iter().copied().filter(|field| field.tag.is_some()).collect();
    fields.sort_by_key(|field| field.tag);
    fields
}

/// When a tagged field exists, seen from inside of the flexible versions of its structure.
fn when_tagged(field: &Field, layout: &Layout<'_>, place: &Place<'_>) -> When {
    let flexible = place.layouts.message.flexible.and_then(|flexible| flexible.intersect(layout.versions));
    When::within(Some(field.versions), flexible.unwrap_or(layout.versions))
}

fn reading(layout: &Layout<'_>, place: &Place<'_>, defaults: &[String]) -> Result<String, String> {
    let tagged = tagged(layout);
    let flexible = place.flexible != When::Never;
    let mut body = String::new();
    body.push_str(match (flexible, tagged.is_empty()) {
        (false, _) => "Self {\n",
        (true, true) => "let m = Self {\n",
        (true, false) => "let mut m = Self {\n",
    });
    for (field, default) in layout.fields.iter().zip(defaults) {
        let name = member(field);
        let value = match When::within(Some(field.versions), layout.versions) {
            _ if field.tag.is_some() => default.clone(),
            When::Always => place.read(field),
            When::If(condition) => format!("if {condition} {{ {} }} else {{ {default} }}", place.read(field)),
            When::Never => return Err(format!("{} is never read", field.name)),
        };
        let _ = writeln!(body, "{name}: {value},");
    }
    body.push('}');
    if flexible {
        body.push_str(";\n");
        let tags = reading_tags(&tagged, layout, place);
        match &place.flexible {
            When::If(_) => {
                let _ = writeln!(body, "if flex {{\n{tags}}}");
            }
            _ => body.push_str(&tags),
        }
        body.push('m');
    }
    body.push('\n');
    prologue(&mut body, place);
    Ok(body)
}

fn reading_tags(tagged: &[&Field], layout: &Layout<'_>, place: &Place<'_>) -> String {
    if tagged.is_empty() {
        return "r.skip_tags();\n".to_string();
    }
    let mut out = "let mut tags = r.tags();\nwhile let Some(tag) = tags.next(r) {\nmatch tag {\n".to_string();
    for field in tagged {
        let tag = field.tag.unwrap_or_default();
        let read = format!("m.{} = {}", member(field), place.read(field));
        match when_tagged(field, layout, place) {
            When::If(condition) => {
                let _ = writeln!(out, "{tag} if {condition} => {read},\n{tag} => r.refuse_tag(),");
            }
            _ => {
                let _ = writeln!(out, "{tag} => {read},");
            }
        }
    }
    out.push_str("_ => tags.skip(r),\n}\n}\n");
    out
}

fn writing(layout: &Layout<'_>, place: &Place<'_>) -> Result<String, String> {
    let mut body = String::new();
    for field in &layout.fields {
        let when = When::within(Some(field.versions), layout.versions);
        let write = place.write(field);
        if field.tag.is_none() {
            match &when {
                When::Always => {
                    let _ = writeln!(body, "{write}");
                }
                other => {
                    let _ = writeln!(body, "if {} {{\n{write}\n}}", other.condition());
                }
            }
        }
        if when != When::Always && !field.ignorable {
            let default = place.is_default(field)?;
            let _ = writeln!(body, "w.require({} || {default}, \"{}\");", when.condition(), field.name);
        }
    }
    if place.flexible != When::Never {
        let tags = writing_tags(layout, place)?;
        match &place.flexible {
            When::If(_) => {
                let _ = writeln!(body, "if flex {{\n{tags}}}");
            }
            _ => body.push_str(&tags),
        }
    }
    prologue(&mut body, place);
    Ok(body)
}

fn writing_tags(layout: &Layout<'_>, place: &Place<'_>) -> Result<String, String> {
    let tagged = tagged(layout);
    if tagged.is_empty() {
        return Ok("w.no_tags();\n".to_string());
    }
    let mut out = "let mut tags = w.tags();\n".to_string();
    for field in tagged {
        let default = place.is_default(field)?;
        let differs = match default.strip_prefix('!') {
            Some(plain) => plain.to_string(),
            None if default.ends_with(".is_none()") => default.replace(".is_none()", ".is_some()"),
            None if default.contains(" == ") => default.replacen(" == ", " != ", 1),
            None => format!("!{default}"),
        };
        let condition = match when_tagged(field, layout, place) {
            When::If(condition) => format!("{condition} && {differs}"),
            _ => differs,
        };
        let tag = field.tag.unwrap_or_default();
        let _ = writeln!(
            out,
            "if {condition} {{\ntags.open(w, {tag});\n{}\ntags.close(w);\n}}",
            place.write(field)
        );
    }
    out.push_str("tags.finish(w);\n");
    Ok(out)
}
