//! Reads schedule.xml as pretalx, frab, Pentabarf and their kin write it.

use chrono_tz::Tz;

use super::collector::{Collector, Draft};
use super::plain_text::abstract_and_description;
use super::times::Written;
use super::xml_tree::Element;
use super::{Format, ScheduleFile, Unreadable};

/// Reads a schedule; entities of the document stay as they are written.
pub(super) fn read(text: &str, fallback: Tz) -> Result<ScheduleFile, Unreadable> {
    let root = Element::parse(text)?;
    if root.name != "schedule" {
        return Err(Unreadable::at(root.line, wrong_root(&root.name)));
    }
    let empty = Element::default();
    let conference = root.named("conference").next().unwrap_or(&empty);
    let zone_name = conference.text_of("time_zone_name");
    let mut collector = Collector::new(Format::FrabXml, conference.text_of("title"), &zone_name, fallback);
    for level in root.named("tracks").chain([conference]) {
        for track in level.named("track") {
            let name = track.text();
            collector.track(&if name.is_empty() { track.attribute("name") } else { name });
        }
    }
    let day_change = conference.text_of("day_change");
    for day in root.named("day") {
        let date = day.attribute("date");
        for room in day.named("room") {
            let name = room.attribute("name");
            collector.room(&name, room.attribute("capacity").parse().ok().filter(|seats| *seats > 0));
            for event in room.named("event") {
                let mut doubts = Vec::new();
                let times = written(event, &date, &day_change).span(collector.zones, &mut doubts);
                collector.take(event.line, draft(event, &name), times, doubts);
            }
        }
        for event in day.named("event") {
            let title = event.text_of("title");
            collector.refuse(event.line, &title, "It stands outside a <room>.".to_owned());
        }
    }
    Ok(collector.finish())
}

fn wrong_root(name: &str) -> String {
    if name.eq_ignore_ascii_case("html") {
        return "This is a web page, not a schedule.".to_owned();
    }
    format!("The XML begins with <{name}>; a schedule begins with <schedule>.")
}

fn written(event: &Element, day: &str, day_change: &str) -> Written {
    Written {
        date: event.text_of("date"),
        start: event.text_of("start"),
        duration: event.text_of("duration"),
        end: event.text_of("end"),
        day: day.to_owned(),
        day_change: day_change.to_owned(),
    }
}

fn draft(event: &Element, room: &str) -> Draft {
    let own_room = event.text_of("room");
    let ids = ["guid", "id", "code"].map(|name| event.attribute(name));
    let persons = event.named("persons").flat_map(|persons| persons.named("person"));
    Draft {
        external_id: ids.into_iter().find(|id| !id.is_empty()).unwrap_or_default(),
        title: event.text_of("title"),
        subtitle: event.text_of("subtitle"),
        abstract_text: abstract_and_description(&event.markup_of("abstract"), &event.markup_of("description")),
        room: if own_room.is_empty() { room.to_owned() } else { own_room },
        track: event.text_of("track"),
        kind: event.text_of("type"),
        language: event.text_of("language"),
        speakers: persons.map(Element::text).collect(),
        recorded: event.named("recording").next().and_then(recorded),
    }
}

/// Frab writes the opposite: whether the speaker opted out.
fn recorded(recording: &Element) -> Option<bool> {
    match recording.text_of("optout").as_str() {
        "true" | "1" => Some(false),
        "false" | "0" => Some(true),
        _ => None,
    }
}
