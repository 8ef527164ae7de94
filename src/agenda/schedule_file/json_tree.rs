//! JSON taken apart step by step, so that every part still knows its line.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::incoming::{Lines, Unreadable, tidy_line};

/// A part of a JSON text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'text> {
    raw: &'text str,
}

impl<'text> Node<'text> {
    /// Checks a whole text and hands out its root.
    pub(super) fn parse(text: &'text str) -> Result<Self, Unreadable> {
        match serde_json::from_str::<&RawValue>(text) {
            Ok(raw) => Ok(Self { raw: raw.get() }),
            Err(error) if error.is_eof() => Err(Unreadable::at(error.line() as u64, "The JSON ends too early; the file may be cut off.")),
            Err(error) => Err(Unreadable::at(error.line() as u64, format!("This is not JSON ({error})."))),
        }
    }

    /// The members of an object; none for anything else. Each call reads the part again.
    pub(super) fn members(self) -> Members<'text> {
        serde_json::from_str(self.raw).unwrap_or_default()
    }

    /// Items of an array; none for anything else.
    pub(super) fn items(self) -> Vec<Node<'text>> {
        let items: Vec<&RawValue> = serde_json::from_str(self.raw).unwrap_or_default();
        items.into_iter().map(|raw| Node { raw: raw.get() }).collect()
    }

    /// Whether this is an array.
    pub(super) fn is_array(self) -> bool {
        self.raw.starts_with('[')
    }

    /// The whole part at once; fails when it is nested deeper than 128 levels.
    pub(super) fn value(self) -> Result<Value, String> {
        serde_json::from_str(self.raw).map_err(|error| format!("It cannot be read ({error})."))
    }

    /// The line, counted from 1, where this part begins in the text it was parsed from.
    pub(super) fn line(self, text: &str, lines: &Lines) -> u64 {
        lines.at((self.raw.as_ptr() as usize).saturating_sub(text.as_ptr() as usize))
    }
}

/// The members of an object in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Members<'text>(pub(super) Vec<(String, Node<'text>)>);

impl<'text> Members<'text> {
    /// The member of this name, unless it is null.
    pub(super) fn get(&self, name: &str) -> Option<Node<'text>> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, node)| *node).filter(|node| node.raw != "null")
    }

    /// The items of the array of this name; none for anything else.
    pub(super) fn items(&self, name: &str) -> Vec<Node<'text>> {
        self.get(name).map(Node::items).unwrap_or_default()
    }

    /// The text of the member of this name on one line; empty when there is none.
    pub(super) fn line(&self, name: &str) -> String {
        let value = self.get(name).and_then(|node| node.value().ok());
        value.map(|value| tidy_line(&text_of(&value))).unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((name, raw)) = map.next_entry::<String, &'de RawValue>()? {
            members.push((name, Node { raw: raw.get() }));
        }
        Ok(Members(members))
    }
}

/// The text of a value: strings, numbers, and of a text in several languages the English one or the first.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Object(texts) => {
            let one = texts.get("name").or_else(|| texts.get("en")).or_else(|| texts.values().find(|v| v.is_string()));
            one.filter(|value| !value.is_object()).map(text_of).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// The text of a value's member on one line; empty when there is none.
pub(super) fn line_of(value: &Value, name: &str) -> String {
    tidy_line(&text_of(&value[name]))
}

/// A number of seats, where it is one.
pub(super) fn seats(value: &Value) -> Option<i32> {
    text_of(value).trim().parse().ok().filter(|seats| *seats > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_knows_its_line_and_members_keep_their_order() {
        let text = "{\n \"b\": [\n  1,\n  {\"x\": \"\\u00e9\"}],\n \"a\": null}";
        let root = Node::parse(text).unwrap().members();
        let lines = Lines::of(text);
        assert_eq!(root.0.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        let items = root.items("b");
        assert_eq!(items.iter().map(|item| item.line(text, &lines)).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(text_of(&items[1].members().get("x").unwrap().value().unwrap()), "é");
        assert!(root.get("a").is_none());
    }

    #[test]
    fn text_comes_from_strings_numbers_and_languages() {
        for (json, text) in [
            ("\"a\"", "a"),
            ("12", "12"),
            ("null", ""),
            ("{\"de\": \"Haus\", \"en\": \"House\"}", "House"),
            ("{\"de\": \"Haus\"}", "Haus"),
            ("{\"name\": {\"en\": \"deep\"}}", ""),
        ] {
            assert_eq!(text_of(&serde_json::from_str(json).unwrap()), text, "{json}");
        }
    }
}
