//! The public agenda as schedule.json and schedule.xml, which other conference programs read.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use chrono_tz::Tz;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event as Xml};
use serde_json::{Value, json};

use super::{Room, Session, Track};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::events::{Event, rules};
use crate::ids::hex;
use sha2::{Digest, Sha256};

/// A schedule ready to be written; canceled sessions are left out.
pub struct Schedule<'a> {
    event: &'a Event,
    base_url: &'a str,
    tracks: &'a [Track],
    rooms: &'a [Room],
    talks: Vec<Talk<'a>>,
}

/// A session with what the formats want of it.
struct Talk<'a> {
    session: &'a Session,
    /// Unique, positive, and the same in every export.
    number: u32,
    guid: &'a str,
    slug: String,
    room: &'a str,
    track: &'a str,
    day: NaiveDate,
}

impl<'a> Schedule<'a> {
    /// The schedule of an event; `base_url` is the site's address.
    pub fn new(event: &'a Event, sessions: &'a [Session], rooms: &'a [Room], tracks: &'a [Track], base_url: &'a str) -> Self {
        let mut numbers = HashSet::new();
        let acronym = acronym(&event.slug);
        let talks = sessions
            .iter()
            .filter(|session| session.canceled_at.is_none())
            .map(|session| Talk {
                number: number(session.id.as_str(), &mut numbers),
                guid: guid(session),
                slug: format!("{acronym}-{}", slug(&format!("{} {}", session.code, session.title))),
                room: rooms.iter().find(|room| Some(&room.id) == session.room_id.as_ref()).map_or("", |room| &room.name),
                track: tracks.iter().find(|track| Some(&track.id) == session.track_id.as_ref()).map_or("", |track| &track.name),
                day: session.starts_at.date_in(event.zone()),
                session,
            })
            .collect();
        Self { event, base_url: base_url.trim_end_matches('/'), tracks, rooms, talks }
    }

    fn zone(&self) -> Tz {
        self.event.zone()
    }

    /// The days of the schedule; an event without sessions has its first.
    fn days(&self) -> Vec<NaiveDate> {
        let mut days: Vec<NaiveDate> = self.talks.iter().map(|talk| talk.day).collect();
        days.sort();
        days.dedup();
        if days.is_empty() { vec![self.event.starts_on] } else { days }
    }

    /// The talks of a day by room, rooms in the order of the event, talks by start.
    fn rooms_of(&self, day: NaiveDate) -> Vec<(&str, Vec<&Talk<'a>>)> {
        let mut by_room: BTreeMap<&str, Vec<&Talk<'a>>> = BTreeMap::new();
        for talk in self.talks.iter().filter(|talk| talk.day == day) {
            by_room.entry(talk.room).or_default().push(talk);
        }
        let order = |name: &str| self.rooms.iter().position(|room| room.name == name).unwrap_or(usize::MAX);
        let mut rooms: Vec<_> = by_room.into_iter().collect();
        rooms.sort_by_key(|(name, _)| order(name));
        rooms
    }

    fn page(&self, talk: &Talk<'_>) -> String {
        let code: String = url::form_urlencoded::byte_serialize(talk.session.code.as_bytes()).collect();
        format!("{}/events/{}/sessions/{code}", self.base_url, self.event.slug)
    }

    /// Changes whenever something in the schedule does.
    fn version(&self) -> String {
        let mut sum = Sha256::new();
        for talk in &self.talks {
            let session = talk.session;
            sum.update(format!("{:?}", (&session.id, &session.title, &session.abstract_text, &session.speakers, talk.room, talk.track)));
            sum.update(format!("{:?}", (session.starts_at, session.ends_at, session.kind, session.recorded)));
        }
        hex(&sum.finalize())[..12].to_owned()
    }

    /// schedule.json.
    pub fn json(&self) -> Result<String> {
        let zone = self.zone();
        let days: Vec<Value> = self
            .days()
            .into_iter()
            .enumerate()
            .map(|(index, day)| {
                let rooms: serde_json::Map<String, Value> = self
                    .rooms_of(day)
                    .into_iter()
                    .map(|(room, talks)| (room.to_owned(), talks.into_iter().map(|talk| self.talk_json(talk)).collect()))
                    .collect();
                let (starts, ends) = (Instant::start_of_day(day, zone), rules::end_of_day(day, zone));
                json!({
                    "index": index + 1, "date": day, "rooms": rooms,
                    "day_start": starts.rfc3339_in(zone), "day_end": ends.rfc3339_in(zone),
                })
            })
            .collect();
        let rooms: Vec<Value> =
            self.rooms.iter().map(|room| json!({ "name": room.name, "guid": room.id, "capacity": room.capacity })).collect();
        let tracks: Vec<Value> = self.tracks.iter().map(|track| json!({ "name": track.name, "slug": slug(&track.code) })).collect();
        let schedule = json!({
            "generator": { "name": "lanyard", "version": env!("CARGO_PKG_VERSION") },
            "schedule": {
                "version": self.version(),
                "base_url": format!("{}/", self.base_url),
                "conference": {
                    "acronym": acronym(&self.event.slug), "title": self.event.name,
                    "start": self.event.starts_on, "end": self.event.ends_on, "daysCount": days.len(),
                    "timeslot_duration": "00:05", "time_zone_name": zone.name(),
                    "url": format!("{}/events/{}", self.base_url, self.event.slug),
                    "rooms": rooms, "tracks": tracks, "days": days,
                },
            },
        });
        serde_json::to_string_pretty(&schedule).map_err(Error::internal)
    }

    fn talk_json(&self, talk: &Talk<'_>) -> Value {
        let (session, zone) = (talk.session, self.zone());
        let persons: Vec<Value> = speakers(session).map(|name| json!({ "name": name })).collect();
        let mut value = json!({
            "guid": talk.guid, "id": talk.number, "slug": talk.slug, "url": self.page(talk),
            "title": session.title, "subtitle": "", "abstract": session.abstract_text, "description": "",
            "date": session.starts_at.rfc3339_in(zone), "start": clock(session.starts_at, zone), "duration": duration(session),
            "end": session.ends_at.rfc3339_in(zone), "room": talk.room,
            "track": if talk.track.is_empty() { None } else { Some(talk.track) },
            "type": session.kind, "language": Value::Null, "do_not_record": !session.recorded,
            "persons": persons, "links": [], "attachments": [],
        });
        if !session.code.is_empty() && session.code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
            value["code"] = json!(session.code);
        }
        value
    }

    /// schedule.xml.
    pub fn xml(&self) -> Result<String> {
        let mut out = Writer::new_with_indent(Vec::new(), b' ', 2);
        self.write_xml(&mut out).map_err(Error::internal)?;
        String::from_utf8(out.into_inner()).map_err(Error::internal)
    }

    fn write_xml(&self, out: &mut Out) -> std::io::Result<()> {
        out.write_event(Xml::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        out.create_element("schedule").write_inner_content(|out| {
            let generator = [("name", "lanyard"), ("version", env!("CARGO_PKG_VERSION"))];
            out.create_element("generator").with_attributes(generator).write_empty()?;
            text(out, "version", &self.version())?;
            self.write_conference(out)?;
            for (index, day) in self.days().into_iter().enumerate() {
                self.write_day(out, index + 1, day)?;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn write_conference(&self, out: &mut Out) -> std::io::Result<()> {
        out.create_element("conference").write_inner_content(|out| {
            text(out, "title", &self.event.name)?;
            text(out, "acronym", &acronym(&self.event.slug))?;
            text(out, "start", &self.event.starts_on.to_string())?;
            text(out, "end", &self.event.ends_on.to_string())?;
            text(out, "days", &self.days().len().to_string())?;
            text(out, "timeslot_duration", "00:05")?;
            text(out, "base_url", &format!("{}/", self.base_url))?;
            text(out, "time_zone_name", self.zone().name())?;
            for track in self.tracks {
                let name = legal(&track.name);
                out.create_element("track").with_attribute(("name", name.as_str())).write_text_content(BytesText::new(&name))?;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn write_day(&self, out: &mut Out, index: usize, day: NaiveDate) -> std::io::Result<()> {
        let zone = self.zone();
        let (starts, ends) = (Instant::start_of_day(day, zone).rfc3339_in(zone), rules::end_of_day(day, zone).rfc3339_in(zone));
        let (index, date) = (index.to_string(), day.to_string());
        let attributes = [("index", index.as_str()), ("date", date.as_str()), ("start", starts.as_str()), ("end", ends.as_str())];
        out.create_element("day").with_attributes(attributes).write_inner_content(|out| {
            for (room, talks) in self.rooms_of(day) {
                out.create_element("room")
                    .with_attribute(("name", legal(room).as_str()))
                    .write_inner_content(|out| talks.into_iter().try_for_each(|talk| self.write_talk(out, talk)))?;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn write_talk(&self, out: &mut Out, talk: &Talk<'_>) -> std::io::Result<()> {
        let (session, zone, number) = (talk.session, self.zone(), talk.number.to_string());
        out.create_element("event").with_attributes([("id", number.as_str()), ("guid", talk.guid)]).write_inner_content(|out| {
            text(out, "room", talk.room)?;
            text(out, "title", &session.title)?;
            text(out, "subtitle", "")?;
            text(out, "type", session.kind.as_str())?;
            text(out, "date", &session.starts_at.rfc3339_in(zone))?;
            text(out, "start", &clock(session.starts_at, zone))?;
            text(out, "duration", &duration(session))?;
            text(out, "abstract", &session.abstract_text)?;
            text(out, "slug", &talk.slug)?;
            text(out, "track", talk.track)?;
            out.create_element("persons").write_inner_content(|out| speakers(session).try_for_each(|name| text(out, "person", name)))?;
            out.create_element("recording").write_inner_content(|out| {
                text(out, "license", "")?;
                text(out, "optout", if session.recorded { "false" } else { "true" })
            })?;
            text(out, "url", &self.page(talk))
        })?;
        Ok(())
    }
}

type Out = Writer<Vec<u8>>;

fn text(out: &mut Out, name: &str, value: &str) -> std::io::Result<()> {
    out.create_element(name).write_text_content(BytesText::new(&legal(value)))?;
    Ok(())
}

/// Without the characters that XML 1.0 cannot hold.
fn legal(text: &str) -> String {
    let fits = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    text.chars().filter(fits).collect()
}

fn speakers(session: &Session) -> impl Iterator<Item = &str> {
    session.speakers.lines().map(str::trim).filter(|name| !name.is_empty())
}

/// The id in the file it came from where that is a UUID, so that an agenda keeps its ids on its way through.
fn guid(session: &Session) -> &str {
    session.external_id.as_deref().filter(|id| uuid::Uuid::parse_str(id).is_ok()).unwrap_or(session.id.as_str())
}

/// A number made from an id; the rare second with the same number gets the next.
fn number(id: &str, taken: &mut HashSet<u32>) -> u32 {
    let sum = Sha256::digest(id.as_bytes());
    let mut number = (u32::from_be_bytes([sum[0], sum[1], sum[2], sum[3]]) >> 1).max(1);
    while !taken.insert(number) {
        number = number.wrapping_add(1).max(1);
    }
    number
}

/// The event's slug as the formats want an acronym: at least four of `a-z`, `0-9` and `_`.
fn acronym(slug: &str) -> String {
    let letters: String = slug.chars().map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '_' }).collect();
    format!("{letters:_<4}")
}

/// Lower-case letters, digits and single dashes.
fn slug(text: &str) -> String {
    let folded = crate::people::rules::fold(text);
    let words: Vec<String> =
        folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    format!("{:0<4}", words.join("-").chars().take(60).collect::<String>().trim_end_matches('-'))
}

fn clock(at: Instant, zone: Tz) -> String {
    at.in_zone(zone).format("%H:%M").to_string()
}

fn duration(session: &Session) -> String {
    let minutes = session.ends_at.since(session.starts_at).num_minutes();
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acronyms_and_slugs_have_the_letters_that_the_formats_allow() {
        assert_eq!(acronym("congress-2026"), "congress_2026");
        assert_eq!(acronym("ab"), "ab__");
        assert_eq!(slug("B1 Siobhán’s “near miss” – twice!"), "b1-siobhans-near-miss-twice");
        assert_eq!(slug("?"), "0000");
    }

    #[test]
    fn numbers_are_unique_positive_and_the_same_each_time() {
        let mut taken = HashSet::new();
        let first = number("a", &mut taken);
        assert!(first > 0);
        assert_ne!(number("a", &mut taken), first);
        assert_eq!(number("a", &mut HashSet::new()), first);
    }

    #[test]
    fn characters_that_xml_cannot_hold_are_left_out() {
        assert_eq!(legal("a\u{0}b\u{8}\tc\u{FFFE}\u{1F600}"), "ab\tc\u{1F600}");
    }
}
