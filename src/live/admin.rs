//! The live page, and the stream of events by which it updates itself.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_ENCODING};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream::unfold;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::rules::{self, Bar, Frame};
use super::{Board, DoorNow, RoomNow, board};
use crate::app::App;
use crate::clock::Stopwatch;
use crate::devices::admin::battery_words;
use crate::devices::rules::{ago_words, is_silent};
use crate::error::{Error, Result};
use crate::events::{Event, rules::hours_words, rules::time_words};
use crate::http::Page;
use crate::http::asker::{Allowed, permit};

/// How often a watcher looks for something new.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A quiet stream says so often that it is still there.
const SAY_SOMETHING_EVERY: u32 = 15;
/// A stream ends after this long; the browser opens it again, and permission is asked anew.
const STREAM_LASTS: Duration = Duration::from_secs(300);

/// The whole event is shown, so a phone that is bound to some of its doors sees nothing of it (ACC-3).
fn watched(allowed: &Allowed<permit::ScanBadges>) -> Result<Event> {
    if allowed.identity.is_device() { Err(Error::Forbidden) } else { allowed.event().cloned() }
}

/// `GET /staff/events/{event}/live`
pub async fn show(app: web::Data<App>, allowed: Allowed<permit::ScanBadges>) -> Result<HttpResponse> {
    let event = watched(&allowed)?;
    let html = board_html(&app, &event).await?;
    let base = format!("/staff/events/{}", event.slug);
    let view = json!({ "base": base, "event_name": event.name, "board": *html });
    Page::new(&app, &allowed.asker, "live/show").event(&event).render(&view)
}

/// `GET /staff/events/{event}/live/events`: the board's HTML as server-sent events, whenever it changed. Who does
/// not ask for a stream (`Accept: text/event-stream`) gets one event and the end.
pub async fn events(app: web::Data<App>, allowed: Allowed<permit::ScanBadges>, request: HttpRequest) -> Result<HttpResponse> {
    let event = watched(&allowed)?;
    let mut response = HttpResponse::Ok();
    response.content_type("text/event-stream").insert_header((CACHE_CONTROL, "no-store"));
    let accept = request.headers().get(ACCEPT).and_then(|kinds| kinds.to_str().ok()).unwrap_or_default();
    if !accept.contains("text/event-stream") {
        let html = board_html(&app, &event).await?;
        return Ok(response.body(as_event(&html)));
    }
    let watcher = Watcher { app: app.get_ref().clone(), event, shown: None, opened: Stopwatch::start() };
    let stream = unfold(watcher, |mut watcher| async move { watcher.next().await.map(|bytes| (Ok::<_, Error>(bytes), watcher)) });
    // Packing would hold small events back, and so would proxies.
    Ok(response.insert_header((CONTENT_ENCODING, "identity")).insert_header(("x-accel-buffering", "no")).streaming(stream))
}

/// One browser that watches.
struct Watcher {
    app: App,
    event: Event,
    shown: Option<Arc<str>>,
    opened: Stopwatch,
}

impl Watcher {
    /// What to send next, after as long as nothing changes; `None` ends the stream.
    async fn next(&mut self) -> Option<Bytes> {
        let mut closing = self.app.closing.subscribe();
        for look in 0.. {
            if self.shown.is_some() && timeout(LOOK_EVERY, closing.wait_for(|closes| *closes)).await.is_ok() {
                return None;
            }
            if self.opened.elapsed() > STREAM_LASTS {
                return None;
            }
            // A board that cannot be made now ends the stream; the browser comes back.
            let html = board_html(&self.app, &self.event).await.ok()?;
            if !self.shown.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, &html)) {
                let event = as_event(&html);
                self.shown = Some(html);
                return Some(event);
            }
            if look == SAY_SOMETHING_EVERY {
                return Some(Bytes::from_static(b": still here\n\n"));
            }
        }
        None
    }
}

fn as_event(html: &str) -> Bytes {
    let mut event = String::with_capacity(html.len() + 1024);
    event.push_str("retry: 3000\nevent: board\n");
    for line in html.lines() {
        event.push_str("data: ");
        event.push_str(line);
        event.push('\n');
    }
    event.push('\n');
    Bytes::from(event)
}

/// The board, made at most once a second however many watch.
async fn board_html(app: &App, event: &Event) -> Result<Arc<str>> {
    let now = app.now();
    let make = async {
        let of_event = event.clone();
        let board = app.read(move |db| board(db, &of_event, now)).await?;
        app.site.templates.html("live/board", &view(event, &board))
    };
    app.snapshots.get(&format!("live {}", event.id), now, make).await
}

fn view(event: &Event, board: &Board) -> Value {
    let zone = event.zone();
    let present: i64 = board.rooms.iter().map(|room| room.present).sum();
    let refused: i64 = board.refusals.iter().map(|(_, count)| count).sum();
    let silent = board.devices.iter().filter(|one| one.seen_at().is_none_or(|at| is_silent(at, board.at))).count();
    let wide = rules::bars(&board.arrivals, Frame { width: 1200, base: 300, head: 44 });
    let few = &board.arrivals[board.arrivals.len().saturating_sub(9)..];
    let narrow = rules::bars(few, Frame { width: 360, base: 160, head: 24 });
    let bars = |bars: &[Bar]| bars.iter().map(|bar| bar_view(event, bar)).collect::<Vec<Value>>();
    json!({
        "as_of": time_words(board.at, zone), "arrived": board.arrived_today,
        "lately": board.arrivals.last().map_or(0, |bin| bin.count),
        "before": board.arrivals.iter().rev().nth(1).map_or(0, |bin| bin.count),
        "present": present, "refused": refused,
        "devices_count": board.devices.len(), "silent": silent,
        "queued": board.devices.iter().filter_map(|one| one.report.as_ref()).map(|report| i64::from(report.queued)).sum::<i64>(),
        "wide": bars(&wide), "narrow": bars(&narrow), "has_arrivals": board.arrivals.iter().any(|bin| bin.count > 0),
        "bins": board.arrivals.iter().rev().map(|bin| json!({
            "when": hours_words(bin.from, bin.from.plus(rules::STEP), zone), "count": bin.count,
        })).collect::<Vec<_>>(),
        "rooms": board.rooms.iter().map(|room| room_view(event, room, board)).collect::<Vec<_>>(),
        "doors": busiest(board).iter().map(|door| json!({
            "name": door.checkpoint.name, "let_in": door.let_in, "lately": door.lately, "refused": door.refused,
        })).collect::<Vec<_>>(),
        "doors_left": board.doors.len() - busiest(board).len(),
        "refusals": board.refusals.iter().map(|(outcome, count)| json!({ "words": rules::refusal_words(*outcome), "count": count })).collect::<Vec<_>>(),
        "devices": board.devices.iter().map(|one| device_view(one, board)).collect::<Vec<_>>(),
    })
}

/// So many doors fit on a wall.
const MOST_DOORS: usize = 8;

/// The doors that scanned today, those first that do now.
fn busiest(board: &Board) -> Vec<&DoorNow> {
    let mut doors: Vec<&DoorNow> = board.doors.iter().filter(|door| door.let_in + door.refused > 0).collect();
    doors.sort_by_key(|door| std::cmp::Reverse((door.lately, door.let_in, door.refused)));
    doors.truncate(MOST_DOORS);
    doors
}

fn bar_view(event: &Event, bar: &Bar) -> Value {
    json!({
        "x": bar.x, "y": bar.y, "width": bar.width, "height": bar.height, "middle": bar.middle, "above": bar.y - 8,
        "count": bar.bin.count, "is_now": bar.is_now,
        "time": bar.has_time.then(|| bar.bin.from.in_zone(event.zone()).format("%-I:%M").to_string()),
    })
}

/// Units of the line that shows how full a room is.
const LINE: i64 = 1000;

fn room_view(event: &Event, room: &RoomNow, board: &Board) -> Value {
    let session = &room.session;
    let (kind, state) = if board.at < session.starts_at {
        ("wait", "Next")
    } else if board.at < session.ends_at {
        ("yes", "Now")
    } else {
        ("note", "Over")
    };
    let capacity = session.capacity.map(i64::from);
    let share = |count: i64| capacity.filter(|seats| *seats > 0).map(|seats| (LINE * count / seats).clamp(0, LINE));
    json!({
        "code": session.code, "title": session.title, "room": room.room, "state": { "kind": kind, "text": state },
        "hours": hours_words(session.starts_at, session.ends_at, event.zone()),
        "present": room.present, "capacity": capacity, "reserved": room.reserved, "walk_ins": room.walk_ins,
        "is_full": capacity.is_some_and(|seats| room.present >= seats),
        "filled": share(room.present), "reserved_at": room.reserved.and_then(share),
    })
}

fn device_view(listed: &crate::devices::Listed, board: &Board) -> Value {
    let report = listed.report.as_ref();
    let seen = listed.seen_at();
    let silent = seen.is_none_or(|at| is_silent(at, board.at));
    let low = report.and_then(|report| report.battery).is_some_and(|percent| percent <= 20);
    json!({
        "name": listed.device.name, "at": report.map(|report| report.checkpoint_code.clone()),
        "seen": seen.map(|at| ago_words(at, board.at)), "low": low,
        "battery": report.and_then(|report| battery_words(report.battery, report.charging)),
        "queued": report.map_or(0, |report| report.queued),
        "chip": if silent { json!({ "kind": "wait", "text": "Silent" }) } else { json!({ "kind": "yes", "text": "Works" }) },
    })
}
