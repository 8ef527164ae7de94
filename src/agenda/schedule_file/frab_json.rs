//! Reads schedule.json as pretalx, frab and their kin write it.

use chrono_tz::Tz;
use serde_json::Value;

use super::collector::{Collector, Draft};
use super::json_tree::{Members, Node, line_of, seats, text_of};
use super::plain_text::abstract_and_description;
use super::times::Written;
use super::{Format, ScheduleFile, Unreadable};
use crate::incoming::{Lines, tidy_line};

/// Whether this is a schedule, with or without the outermost "schedule".
pub(super) fn is_schedule(root: &Members<'_>) -> bool {
    ["schedule", "conference", "days"].iter().any(|name| root.get(name).is_some())
}

/// Reads a schedule whose days may stand under the conference or beside it.
pub(super) fn read(root: &Members<'_>, text: &str, fallback: Tz) -> Result<ScheduleFile, Unreadable> {
    let inner = root.get("schedule").map(Node::members);
    let schedule = inner.as_ref().unwrap_or(root);
    let inner = schedule.get("conference").map(Node::members);
    let conference = inner.as_ref().unwrap_or(schedule);
    let (title, zone_name) = (conference.line("title"), conference.line("time_zone_name"));
    let mut reading = Reading { text, lines: Lines::of(text), collector: Collector::new(Format::FrabJson, title, &zone_name, fallback) };
    for level in [conference, schedule] {
        reading.lists(level);
    }
    let Some(days) = conference.get("days").or_else(|| schedule.get("days")).filter(|days| days.is_array()) else {
        return Err(Unreadable::because("The schedule has no list of “days”."));
    };
    for day in days.items() {
        reading.day(&day.members(), &conference.line("day_change"));
    }
    Ok(reading.collector.finish())
}

struct Reading<'text> {
    text: &'text str,
    lines: Lines,
    collector: Collector,
}

impl Reading<'_> {
    /// Rooms and tracks that the file lists by themselves.
    fn lists(&mut self, level: &Members<'_>) {
        for room in level.items("rooms").into_iter().filter_map(|room| room.value().ok()) {
            self.collector.room(&tidy_line(&text_of(&room)), seats(&room["capacity"]));
        }
        for track in level.items("tracks").into_iter().filter_map(|track| track.value().ok()) {
            self.collector.track(&tidy_line(&text_of(&track)));
        }
    }

    fn day(&mut self, day: &Members<'_>, day_change: &str) {
        let date = day.line("date");
        for (room, sessions) in day.get("rooms").map(Node::members).unwrap_or_default().0 {
            let room = tidy_line(&room);
            self.collector.room(&room, None);
            for session in sessions.items() {
                let line = session.line(self.text, &self.lines);
                match session.value() {
                    Ok(value) if value.is_object() => {
                        let written = written(&value, &date, day_change);
                        let mut doubts = Vec::new();
                        let times = written.span(self.collector.zones, &mut doubts);
                        self.collector.take(line, draft(&value, &room), times, doubts);
                    }
                    Ok(_) => self.collector.refuse(line, "", "It is not an object.".to_owned()),
                    Err(reason) => self.collector.refuse(line, "", reason),
                }
            }
        }
    }
}

fn written(session: &Value, day: &str, day_change: &str) -> Written {
    Written {
        date: line_of(session, "date"),
        start: line_of(session, "start"),
        duration: line_of(session, "duration"),
        end: line_of(session, "end"),
        day: day.to_owned(),
        day_change: day_change.to_owned(),
    }
}

fn draft(session: &Value, room: &str) -> Draft {
    let own_room = line_of(session, "room");
    let ids = ["guid", "id", "code"].map(|name| line_of(session, name));
    Draft {
        external_id: ids.into_iter().find(|id| !id.is_empty()).unwrap_or_default(),
        title: line_of(session, "title"),
        subtitle: line_of(session, "subtitle"),
        abstract_text: abstract_and_description(&text_of(&session["abstract"]), &text_of(&session["description"])),
        room: if own_room.is_empty() { room.to_owned() } else { own_room },
        track: line_of(session, "track"),
        kind: line_of(session, "type"),
        language: line_of(session, "language"),
        speakers: session["persons"].as_array().map(|persons| persons.iter().map(person).collect()).unwrap_or_default(),
        recorded: session["do_not_record"].as_bool().map(|not| !not),
    }
}

fn person(person: &Value) -> String {
    let names = ["public_name", "name", "full_public_name", "full_name"];
    match person {
        Value::Object(_) => names.map(|name| text_of(&person[name])).into_iter().find(|n| !n.is_empty()).unwrap_or_default(),
        other => text_of(other),
    }
}
