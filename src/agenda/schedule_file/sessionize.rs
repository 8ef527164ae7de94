//! Reads the "All" view of Sessionize, whose times are local and without an offset.

use std::collections::HashMap;

use chrono_tz::Tz;
use serde_json::Value;

use super::collector::{Collector, Draft};
use super::json_tree::{Members, Node, line_of, seats, text_of};
use super::plain_text::plain_text;
use super::times::{Span, instant};
use super::{Format, ScheduleFile, Unreadable};
use crate::incoming::{Lines, tidy_line};

/// Whether this is the "All" view: sessions in one list, with speakers or rooms beside it.
pub(super) fn is_all_view(root: &Members<'_>) -> bool {
    let beside = ["speakers", "rooms", "categories"].iter().any(|name| root.get(name).is_some());
    root.get("sessions").is_some_and(Node::is_array) && beside
}

/// What the sessions point to.
struct Lists {
    speakers: HashMap<String, String>,
    rooms: HashMap<String, String>,
    /// By the item's id: the category's title in lower case, the item's name.
    items: HashMap<String, (String, String)>,
}

/// Reads the sessions; local times are in `zone`.
pub(super) fn read(root: &Members<'_>, text: &str, zone: Tz) -> Result<ScheduleFile, Unreadable> {
    let lines = Lines::of(text);
    let mut collector = Collector::new(Format::SessionizeJson, String::new(), "", zone);
    let lists = lists(root, &mut collector);
    for session in root.items("sessions") {
        let line = session.line(text, &lines);
        match session.value() {
            Ok(value) if value.is_object() => take(line, &value, &lists, &mut collector),
            Ok(_) => collector.refuse(line, "", "It is not an object.".to_owned()),
            Err(reason) => collector.refuse(line, "", reason),
        }
    }
    Ok(collector.finish())
}

fn take(line: u64, session: &Value, lists: &Lists, collector: &mut Collector) {
    let status = line_of(session, "status");
    if !matches!(status.as_str(), "" | "Accepted" | "Accept_Queue") {
        collector.refuse(line, &line_of(session, "title"), format!("Its status is “{status}”, not accepted."));
        return;
    }
    let mut doubts = Vec::new();
    let mut at = |name: &str, missing: &str| match line_of(session, name).as_str() {
        "" => Err(missing.to_owned()),
        text => instant(text, collector.zones, &mut doubts),
    };
    let times: Result<Span, String> =
        at("startsAt", "It has no start: it is not scheduled yet.").and_then(|from| Ok((from, at("endsAt", "It has no end.")?)));
    let room = line_of(session, "roomId");
    let draft = draft(session, lists);
    if !room.is_empty() && draft.room.is_empty() {
        collector.file.notes.push(format!("Line {line}: the room {room} is not in the list of rooms; it was left out."));
    }
    let unknown = ids(&session["speakers"]).iter().filter(|id| !lists.speakers.contains_key(*id)).count();
    if unknown > 0 {
        collector.file.notes.push(format!("Line {line}: {unknown} of its speakers are not in the list of speakers."));
    }
    collector.take(line, draft, times, doubts);
}

fn draft(session: &Value, lists: &Lists) -> Draft {
    let items: Vec<&(String, String)> = ids(&session["categoryItems"]).iter().filter_map(|id| lists.items.get(id)).collect();
    let item = |words: &[&str]| {
        let found = items.iter().find(|(title, _)| words.iter().any(|word| title.contains(word)));
        found.map(|(_, name)| name.clone()).unwrap_or_default()
    };
    let is = |name: &str| session[name].as_bool() == Some(true);
    Draft {
        external_id: line_of(session, "id"),
        title: line_of(session, "title"),
        abstract_text: plain_text(&text_of(&session["description"])),
        room: lists.rooms.get(&line_of(session, "roomId")).cloned().unwrap_or_default(),
        track: item(&["track"]),
        kind: match (is("isServiceSession"), is("isPlenumSession")) {
            (true, _) => "service".to_owned(),
            (false, true) => "plenum".to_owned(),
            (false, false) => item(&["session type", "session format", "format"]),
        },
        language: item(&["language"]),
        speakers: ids(&session["speakers"]).iter().filter_map(|id| lists.speakers.get(id).cloned()).collect(),
        ..Draft::default()
    }
}

/// Ids of a list, which stand there bare or inside objects.
fn ids(list: &Value) -> Vec<String> {
    let id = |item: &Value| if item.is_object() { line_of(item, "id") } else { text_of(item) };
    list.as_array().map(|items| items.iter().map(id).collect()).unwrap_or_default()
}

fn lists(root: &Members<'_>, collector: &mut Collector) -> Lists {
    let values = |name: &str| -> Vec<Value> { root.items(name).into_iter().filter_map(|item| item.value().ok()).collect() };
    let mut lists = Lists { speakers: HashMap::new(), rooms: HashMap::new(), items: HashMap::new() };
    for speaker in values("speakers") {
        let full = line_of(&speaker, "fullName");
        let parts = format!("{} {}", line_of(&speaker, "firstName"), line_of(&speaker, "lastName"));
        lists.speakers.insert(line_of(&speaker, "id"), if full.is_empty() { tidy_line(&parts) } else { full });
    }
    for room in values("rooms") {
        let name = line_of(&room, "name");
        collector.room(&name, seats(&room["capacity"]));
        lists.rooms.insert(line_of(&room, "id"), name);
    }
    for category in values("categories") {
        let title = line_of(&category, "title").to_lowercase();
        for item in category["items"].as_array().into_iter().flatten() {
            let name = line_of(item, "name");
            if title.contains("track") {
                collector.track(&name);
            }
            lists.items.insert(line_of(item, "id"), (title.clone(), name));
        }
    }
    lists
}
