//! Reads a conference's schedule as other programs write it: schedule.json, schedule.xml, Sessionize.

mod collector;
mod frab_json;
mod frab_xml;
mod json_tree;
mod plain_text;
mod sessionize;
mod times;
mod xml_tree;

use chrono::NaiveDateTime;
use chrono_tz::Tz;

use crate::incoming;
pub use crate::incoming::{RefusedRow, Unreadable};

/// Which kind of file it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// schedule.json of pretalx, frab and their kin.
    FrabJson,
    /// schedule.xml of pretalx, frab, Pentabarf and their kin.
    FrabXml,
    /// The "All" view of Sessionize.
    SessionizeJson,
}

/// What a schedule holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleFile {
    /// Which kind of file it was.
    pub format: Format,
    /// The conference's title, when the file has one.
    pub title: Option<String>,
    /// The conference's zone, when the file names one that exists.
    pub zone: Option<Tz>,
    /// Rooms the file lists, then those that only sessions name.
    pub rooms: Vec<FileRoom>,
    /// Tracks the file lists, then those that only sessions name.
    pub tracks: Vec<String>,
    /// Sessions in the order of the file, each external id once.
    pub sessions: Vec<FileSession>,
    /// Sessions left out, in the order of the file.
    pub refused: Vec<RefusedRow>,
    /// What was read with some doubt, each as a sentence.
    pub notes: Vec<String>,
}

/// A room of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRoom {
    /// As the file writes it.
    pub name: String,
    /// Seats, when the file says so.
    pub capacity: Option<i32>,
}

/// A session of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSession {
    /// The guid, or the id where there is none: the same when the session moves or changes its title.
    pub external_id: String,
    /// One line, never empty.
    pub title: String,
    /// One line; may be empty.
    pub subtitle: String,
    /// Abstract and description as plain text, paragraphs apart by an empty line; may be empty.
    pub abstract_text: String,
    /// Start in UTC.
    pub starts_at: NaiveDateTime,
    /// End in UTC, after the start.
    pub ends_at: NaiveDateTime,
    /// Name of the room.
    pub room: Option<String>,
    /// Name of the track.
    pub track: Option<String>,
    /// The file's word for the kind of session, such as "workshop" or "service".
    pub kind_hint: Option<String>,
    /// Language code as the file writes it.
    pub language: Option<String>,
    /// Names of those who speak, in the order of the file.
    pub speakers: Vec<String>,
    /// Whether it is recorded, when the file says so.
    pub recorded: Option<bool>,
    /// Line where the session begins, counted from 1.
    pub line: Option<u64>,
}

/// Reads a schedule, plain or gzip, whatever its format; local times without a zone of their own are in `fallback_zone`.
pub fn read(bytes: &[u8], fallback_zone: Tz) -> Result<ScheduleFile, Unreadable> {
    let bytes = incoming::unpacked(bytes)?;
    let text = incoming::utf8(&bytes)?;
    let start = text.trim_start();
    if start.starts_with('<') {
        frab_xml::read(text, fallback_zone)
    } else if start.starts_with(['{', '[']) {
        read_json(text, fallback_zone)
    } else if start.is_empty() {
        Err(Unreadable::because("The file is empty."))
    } else if start.starts_with("BEGIN:VCALENDAR") {
        Err(Unreadable::because("This is a calendar file (.ics). Export schedule.json or schedule.xml instead."))
    } else {
        Err(Unreadable::because("This is neither JSON nor XML. Export schedule.json, schedule.xml or Sessionize's All view."))
    }
}

fn read_json(text: &str, fallback_zone: Tz) -> Result<ScheduleFile, Unreadable> {
    let root = json_tree::Node::parse(text)?;
    let members = root.members();
    if frab_json::is_schedule(&members) {
        return frab_json::read(&members, text, fallback_zone);
    }
    if sessionize::is_all_view(&members) {
        return sessionize::read(&members, text, fallback_zone);
    }
    let grouped = |group: json_tree::Node<'_>| ["sessions", "rooms"].iter().any(|name| group.members().get(name).is_some());
    if root.items().into_iter().any(grouped) {
        return Err(Unreadable::because("This is another view of Sessionize. Export its All view."));
    }
    let names: Vec<String> = members.0.iter().map(|(name, _)| format!("“{name}”")).take(10).collect();
    let found = if names.is_empty() { "nothing with a name".to_owned() } else { names.join(", ") };
    let sentence = format!("This JSON is no schedule: neither “schedule” nor “sessions” stands in it, but {found}.");
    Err(Unreadable::because(sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_schedule_is_unreadable_with_a_sentence_and_a_line() {
        for (bytes, line, said) in [
            (&b""[..], None, "The file is empty."),
            (b" \n ", None, "The file is empty."),
            (b"ccn,name\n", None, "This is neither JSON nor XML."),
            (b"BEGIN:VCALENDAR\r\n", None, "This is a calendar file (.ics)."),
            (b"\xff\xfe<\0", None, "The file is in UTF-16."),
            (b"<schedule>\n\xe9", Some(2), "The file is not UTF-8 here."),
            (b"{\n\"schedule\": {\n", Some(3), "The JSON ends too early"),
            (b"{\n\"schedule\": }", Some(2), "This is not JSON"),
            (
                b"{\"talks\": [], \"version\": 1}",
                None,
                "This JSON is no schedule: neither “schedule” nor “sessions” stands in it, but “talks”, “version”.",
            ),
            (b"[1, 2]", None, "This JSON is no schedule: neither “schedule” nor “sessions” stands in it, but nothing with a name."),
            (b"[{\"groupName\": \"All\", \"sessions\": []}]", None, "This is another view of Sessionize."),
            (b"<schedule>\n<day>\n", Some(3), "The XML ends too early: <day> is not closed."),
            (b"<schedule>\n</day>", Some(2), "This is not XML"),
            (b"<!DOCTYPE html>\n<html><body/></html>", Some(2), "This is a web page, not a schedule."),
            (b"\n<rss/>", Some(2), "The XML begins with <rss>; a schedule begins with <schedule>."),
            (b"<!-- nothing -->", None, "The XML holds no element."),
        ] {
            let error = read(bytes, chrono_tz::UTC).map(|_| ()).unwrap_err();
            assert_eq!((error.line, error.sentence.starts_with(said)), (line, true), "{error} / {said}");
        }
    }
}
