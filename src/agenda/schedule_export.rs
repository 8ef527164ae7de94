//! The agenda as schedule.json and schedule.xml, as pretalx, frab and their kin write them and we read them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event as XmlEvent};
use serde_json::{Map, Value, json};

use super::{Room, Session, Track};
use crate::error::{Error, Result};
use crate::events::Event;

/// What is written out: an event with its agenda.
pub struct Agenda<'a> {
    pub event: &'a Event,
    pub sessions: &'a [Session],
    pub rooms: &'a [Room],
    pub tracks: &'a [Track],
    /// The address people type, without a slash at the end.
    pub base_url: &'a str,
}

/// The sessions of one day by the name of their room; those without a room stand under an empty name.
type Day<'a> = BTreeMap<String, Vec<Entry<'a>>>;

/// A session as both formats write it.
struct Entry<'a> {
    session: &'a Session,
    room: String,
    track: String,
    zone: Tz,
    url: String,
}

impl Entry<'_> {
    /// What stays the same when the session moves: the id it was imported under, otherwise its code.
    fn guid(&self) -> &str {
        self.session.external_id.as_deref().unwrap_or(&self.session.code)
    }

    fn date(&self) -> String {
        self.session.starts_at.rfc3339_in(self.zone)
    }

    fn start(&self) -> String {
        self.session.starts_at.in_zone(self.zone).format("%H:%M").to_string()
    }

    fn duration(&self) -> String {
        let minutes = self.session.ends_at.since(self.session.starts_at).num_minutes();
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }

    fn speakers(&self) -> impl Iterator<Item = &str> {
        self.session.speakers.lines().filter(|name| !name.trim().is_empty())
    }
}

impl<'a> Agenda<'a> {
    /// Sessions that take place, by day and room.
    fn days(&self) -> BTreeMap<NaiveDate, Day<'a>> {
        let zone = self.event.zone();
        let mut days: BTreeMap<NaiveDate, Day<'a>> = BTreeMap::new();
        for session in self.sessions.iter().filter(|session| session.canceled_at.is_none()) {
            let room = self.rooms.iter().find(|room| Some(&room.id) == session.room_id.as_ref());
            let track = self.tracks.iter().find(|track| Some(&track.id) == session.track_id.as_ref());
            let entry = Entry {
                session,
                room: room.map_or_else(String::new, |room| room.name.clone()),
                track: track.map_or_else(String::new, |track| track.name.clone()),
                zone,
                url: format!("{}/events/{}/sessions/{}", self.base_url, self.event.slug, session.code),
            };
            days.entry(session.starts_at.date_in(zone)).or_default().entry(entry.room.clone()).or_default().push(entry);
        }
        days
    }

    /// schedule.json.
    pub fn json(&self) -> Result<String> {
        let days: Vec<Value> = self.days().iter().enumerate().map(|(index, (date, day))| day_json(index + 1, *date, day)).collect();
        let rooms: Vec<Value> = self.rooms.iter().map(|room| json!({ "name": room.name, "capacity": room.capacity })).collect();
        let tracks: Vec<Value> = self.tracks.iter().map(|track| json!({ "name": track.name, "slug": track.code })).collect();
        let document = json!({ "schedule": {
            "version": "1", "base_url": self.base_url,
            "conference": {
                "acronym": self.event.slug, "title": self.event.name,
                "start": self.event.starts_on.to_string(), "end": self.event.ends_on.to_string(),
                "daysCount": days.len(), "timeslot_duration": "00:05", "time_zone_name": self.event.zone,
                "rooms": rooms, "tracks": tracks, "days": days,
            },
        }});
        serde_json::to_string_pretty(&document).map_err(Error::internal)
    }

    /// schedule.xml.
    pub fn xml(&self) -> Result<String> {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        writer.write_event(XmlEvent::Decl(BytesDecl::new("1.0", Some("UTF-8"), None))).map_err(Error::internal)?;
        let written = writer.create_element("schedule").write_inner_content(|writer| {
            text(writer, "version", "1")?;
            writer.create_element("conference").write_inner_content(|writer| self.conference(writer))?;
            writer
                .create_element("tracks")
                .write_inner_content(|writer| self.tracks.iter().try_for_each(|track| text(writer, "track", &track.name)))?;
            self.days().iter().enumerate().try_for_each(|(index, (date, day))| day_xml(writer, index + 1, *date, day))
        });
        written.map_err(Error::internal)?;
        String::from_utf8(writer.into_inner()).map_err(Error::internal)
    }

    fn conference(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        text(writer, "acronym", &self.event.slug)?;
        text(writer, "title", &self.event.name)?;
        text(writer, "start", &self.event.starts_on.to_string())?;
        text(writer, "end", &self.event.ends_on.to_string())?;
        text(writer, "timeslot_duration", "00:05")?;
        text(writer, "time_zone_name", &self.event.zone)?;
        text(writer, "base_url", self.base_url)
    }
}

fn day_json(index: usize, date: NaiveDate, day: &Day<'_>) -> Value {
    let rooms: Map<String, Value> =
        day.iter().map(|(room, entries)| (room.clone(), entries.iter().map(entry_json).collect::<Vec<_>>().into())).collect();
    json!({ "index": index, "date": date.to_string(), "rooms": rooms })
}

fn entry_json(entry: &Entry<'_>) -> Value {
    let session = entry.session;
    let persons: Vec<Value> = entry.speakers().map(|name| json!({ "public_name": name, "name": name })).collect();
    json!({
        "guid": entry.guid(), "code": session.code, "date": entry.date(), "start": entry.start(), "duration": entry.duration(),
        "room": entry.room, "slug": session.code, "url": entry.url, "title": session.title, "subtitle": "",
        "track": entry.track, "type": session.kind, "language": "en", "abstract": session.abstract_text, "description": "",
        "do_not_record": !session.recorded, "persons": persons, "links": [], "attachments": [],
    })
}

fn day_xml(writer: &mut Writer<Vec<u8>>, index: usize, date: NaiveDate, day: &Day<'_>) -> std::io::Result<()> {
    let (index, date) = (index.to_string(), date.to_string());
    let element = writer.create_element("day").with_attributes([("index", index.as_str()), ("date", date.as_str())]);
    element.write_inner_content(|writer| {
        for (room, entries) in day {
            let element = writer.create_element("room").with_attribute(("name", room.as_str()));
            element.write_inner_content(|writer| entries.iter().try_for_each(|entry| entry_xml(writer, entry)))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn entry_xml(writer: &mut Writer<Vec<u8>>, entry: &Entry<'_>) -> std::io::Result<()> {
    let session = entry.session;
    let element = writer.create_element("event").with_attributes([("guid", entry.guid()), ("code", session.code.as_str())]);
    let (date, start, duration) = (entry.date(), entry.start(), entry.duration());
    element.write_inner_content(|writer| {
        for (name, value) in [
            ("date", date.as_str()),
            ("start", start.as_str()),
            ("duration", duration.as_str()),
            ("room", entry.room.as_str()),
            ("slug", session.code.as_str()),
            ("url", entry.url.as_str()),
            ("title", session.title.as_str()),
            ("track", entry.track.as_str()),
            ("type", session.kind.as_str()),
            ("language", "en"),
            ("abstract", session.abstract_text.as_str()),
        ] {
            text(writer, name, value)?;
        }
        writer.create_element("recording").write_inner_content(|writer| text(writer, "optout", &(!session.recorded).to_string()))?;
        writer
            .create_element("persons")
            .write_inner_content(|writer| entry.speakers().try_for_each(|name| text(writer, "person", name)))?;
        Ok(())
    })?;
    Ok(())
}

fn text(writer: &mut Writer<Vec<u8>>, name: &str, value: &str) -> std::io::Result<()> {
    writer.create_element(name).write_text_content(BytesText::new(value)).map(drop)
}
