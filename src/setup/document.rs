//! Reads an event document: one TOML or JSON file that describes a whole event.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::checkpoints::CheckpointDraft;
use crate::agenda::{RoomDraft, SessionDraft, TrackDraft};
use crate::error::{Checks, Error, Result};
use crate::events::{BadgePlaceDraft, EventDraft, InfoDraft};
use crate::incoming::{self, Lines};
use crate::pricing::{DiscountCodeDraft, TypeDraft};

/// What a file says of one thing: only the fields it names, checked to be of the right shape.
pub type Fields = Map<String, Value>;

/// A document as it was read; what its texts mean is checked when it is imported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    pub event: Fields,
    pub info: Vec<Fields>,
    pub tracks: Vec<Fields>,
    pub rooms: Vec<Fields>,
    pub sessions: Vec<Fields>,
    pub registration_types: Vec<Fields>,
    pub discount_codes: Vec<Fields>,
    pub badge_places: Vec<Fields>,
    pub checkpoints: Vec<Fields>,
}

/// The lists a document may hold.
const LISTS: &[&str] = &["info", "tracks", "rooms", "sessions", "registration_types", "discount_codes", "badge_places", "checkpoints"];

/// Reads a document. `Invalid` names every field that is unknown or of the wrong shape, each with its place.
pub fn read(bytes: &[u8]) -> Result<Document> {
    let mut root = parse(bytes)?;
    let mut checks = Checks::new();
    let event = match root.remove("event") {
        Some(Value::Object(fields)) => fields,
        _ => {
            checks.wrong("event", "required", "The document has no [event] section.");
            Fields::new()
        }
    };
    check_fields::<EventDraft>(&event, "event", &mut checks);
    let document = Document {
        event,
        info: list::<InfoDraft>(&mut root, "info", "title", &mut checks),
        tracks: list::<TrackDraft>(&mut root, "tracks", "code", &mut checks),
        rooms: list::<RoomDraft>(&mut root, "rooms", "code", &mut checks),
        sessions: list::<SessionDraft>(&mut root, "sessions", "code", &mut checks),
        registration_types: list::<TypeDraft>(&mut root, "registration_types", "code", &mut checks),
        discount_codes: list::<DiscountCodeDraft>(&mut root, "discount_codes", "code", &mut checks),
        badge_places: list::<BadgePlaceDraft>(&mut root, "badge_places", "", &mut checks),
        checkpoints: list::<CheckpointDraft>(&mut root, "checkpoints", "code", &mut checks),
    };
    for name in root.keys() {
        let said = format!("There is no section “{name}”; there are event, {}.", LISTS.join(", "));
        checks.wrong(name, "unknown_field", said);
    }
    checks.finish()?;
    Ok(document)
}

fn parse(bytes: &[u8]) -> Result<Fields> {
    let unreadable = |error: incoming::Unreadable| Error::invalid("file", "unreadable", error.to_string());
    let text = incoming::utf8(bytes).map_err(unreadable)?;
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text)
            .map_err(|cause| unreadable(incoming::Unreadable::at(cause.line() as u64, format!("This is not JSON ({cause})."))));
    }
    let table: toml::Table = text.parse().map_err(|cause: toml::de::Error| {
        let line = Lines::of(text).at(cause.span().map_or(0, |span| span.start));
        unreadable(incoming::Unreadable::at(line, format!("This is not TOML ({}).", cause.message())))
    })?;
    Ok(table.into_iter().map(|(name, value)| (name, from_toml(value))).collect())
}

/// TOML's days and times become the text they were written as.
fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(yes) => yes.into(),
        toml::Value::Datetime(at) => Value::String(at.to_string()),
        toml::Value::Array(items) => items.into_iter().map(from_toml).collect(),
        toml::Value::Table(table) => Value::Object(table.into_iter().map(|(name, value)| (name, from_toml(value))).collect()),
    }
}

/// Takes a list out of the document and checks the shape of each of its items; `key` must be unique in it.
fn list<T: Default + Serialize + DeserializeOwned>(root: &mut Fields, name: &str, key: &str, checks: &mut Checks) -> Vec<Fields> {
    let items = match root.remove(name) {
        None => return Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => {
            checks.wrong(name, "shape", format!("“{name}” is a list: write [[{name}]] before each."));
            return Vec::new();
        }
    };
    let mut list: Vec<Fields> = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let place = format!("{name}[{index}]");
        let Value::Object(fields) = item else {
            checks.wrong(&place, "shape", "Fields with names belong here.");
            continue;
        };
        check_fields::<T>(&fields, &place, checks);
        let own = name_of(&fields, key);
        if !own.is_empty() && list.iter().any(|other| name_of(other, key).eq_ignore_ascii_case(&own)) {
            checks.wrong(&format!("{place}.{key}"), "twice", format!("“{own}” stands twice under {name}."));
        }
        list.push(fields);
    }
    list
}

/// Says which fields `T` does not know, and which hold a value of the wrong shape.
fn check_fields<T: Default + Serialize + DeserializeOwned>(fields: &Fields, place: &str, checks: &mut Checks) {
    let known = match serde_json::to_value(T::default()) {
        Ok(Value::Object(known)) => known,
        _ => Fields::new(),
    };
    let called = called(fields);
    for (name, value) in fields {
        let field = format!("{place}.{name}");
        if !known.contains_key(name) {
            let names: Vec<&str> = known.keys().map(String::as_str).collect();
            checks.wrong(&field, "unknown_field", format!("{called}there is no field “{name}”; there are {}.", names.join(", ")));
            continue;
        }
        let alone = Value::Object(Fields::from_iter([(name.clone(), value.clone())]));
        if let Err(cause) = serde_path_to_error::deserialize::<_, T>(alone) {
            checks.wrong(&format!("{place}.{}", cause.path()), "shape", format!("{called}{}.", cause.inner()));
        }
    }
}

/// What a thing in the file is called, to begin a sentence with: `B3: `.
pub(super) fn called(fields: &Fields) -> String {
    let name = ["code", "title", "slug", "place"].iter().map(|key| name_of(fields, key)).find(|name| !name.is_empty());
    name.map(|name| format!("{name}: ")).unwrap_or_default()
}

/// A field's text, or nothing.
pub(super) fn name_of(fields: &Fields, key: &str) -> String {
    match fields.get(key) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// What stands in the file laid over what is there already: fields the file does not name stay as they are.
pub(super) fn over<T: Serialize + DeserializeOwned>(base: &T, fields: &Fields) -> Result<T> {
    let mut all = serde_json::to_value(base).map_err(Error::internal)?;
    if let Value::Object(all) = &mut all {
        all.extend(fields.clone());
    }
    serde_json::from_value(all).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Vec<(String, String)> {
        match read(text.as_bytes()) {
            Err(Error::Invalid(errors)) => errors.into_iter().map(|error| (error.field, error.detail)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_unknown_or_misshapen_field_is_named_with_its_place() {
        let text = "[event]\nslug = 'x'\n[[sessions]]\ncode = 'B1'\ntitel = 'T'\n[[sessions]]\ncode = 'B2'\nincluded = 'perhaps'\n\
                    [[registration_types]]\ncode = 'g'\ntiers = [{ name = 'A', cost = 1 }]\n[[speaker]]\n";
        let errors = wrong(text);
        let fields: Vec<&str> = errors.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["sessions[0].titel", "sessions[1].included", "registration_types[0].tiers[0].cost", "speaker"]);
        assert!(errors[0].1.starts_with("B1: there is no field “titel”; there are "), "{errors:?}");
        assert_eq!(errors[1].1, "B2: true or false belongs here.");
    }

    #[test]
    fn a_code_that_stands_twice_is_named() {
        let errors = wrong("[event]\n[[sessions]]\ncode = 'B1'\n[[sessions]]\ncode = 'b1'\n");
        assert_eq!(errors, [("sessions[1].code".to_owned(), "“b1” stands twice under sessions.".to_owned())]);
    }

    #[test]
    fn a_file_that_is_no_document_is_refused_with_its_line() {
        assert_eq!(wrong("[event]\nslug = \n")[0].0, "file");
        assert!(wrong("[event]\nslug = \n")[0].1.starts_with("Line 2: This is not TOML"), "{:?}", wrong("[event]\nslug = \n"));
        assert!(wrong("{\n\"event\": ]")[0].1.starts_with("Line 2: This is not JSON"));
        assert_eq!(wrong("")[0].1, "The document has no [event] section.");
    }

    #[test]
    fn toml_and_json_say_the_same_and_days_need_no_quotes() {
        let toml = read(b"[event]\nslug = 'x'\nstarts_on = 2026-03-08\n[[rooms]]\ncode = 'a'\ncapacity = 20\n").unwrap();
        let json = read(br#"{"event": {"slug": "x", "starts_on": "2026-03-08"}, "rooms": [{"code": "a", "capacity": 20}]}"#).unwrap();
        assert_eq!(toml, json);
    }
}
