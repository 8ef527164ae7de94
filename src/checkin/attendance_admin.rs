//! Attendance of a session: who was there when and how long, as a page that prints as an audit, and as CSV (CHK-3).

use std::collections::HashSet;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::attendance::{self, Attendee, Marked};
use super::presence::{Attended, ExitRule};
use super::rules::Direction;
use crate::agenda::{self, Session};
use crate::app::App;
use crate::clock::Instant;
use crate::desk::history::{Names, split_label};
use crate::desk::rules::cell;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::events::rules::{day_words, hours_words, span_words};
use crate::http::Page;
use crate::http::asker::{Allowed, permit};
use crate::people::rules::{fold, full_name};
use crate::staff::Permission;

/// The filters as they stand in the address.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    show: String,
    /// `yes`: every mark is listed under its person.
    #[serde(default)]
    marks: String,
}

/// What may be looked at alone: the word in the address and what it says.
const SHOWN: &[(&str, &str)] = &[
    ("", "Everybody"),
    ("present", "With minutes"),
    ("assumed", "End assumed"),
    ("corrected", "Corrected"),
    ("absent", "With a seat, not seen"),
];

impl Asked {
    fn fits(&self, row: &Row) -> bool {
        let searched = fold(&format!("{} {} {}", row.name(), row.attendee.code, row.attendee.organization));
        let has_words = fold(&self.q).split(' ').all(|word| searched.contains(word));
        has_words
            && match self.show.as_str() {
                "present" => row.attended.minutes > 0,
                "assumed" => row.attended.is_assumed,
                "corrected" => row.is_corrected(),
                "absent" => row.is_unseen(),
                _ => true,
            }
    }

    fn address(&self, path: &str, marks: bool) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("q", self.q.as_str()), ("show", self.show.as_str()), ("marks", if marks { "yes" } else { "" })] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// A person of the session with what the marks say.
struct Row {
    attendee: Attendee,
    attended: Attended,
}

impl Row {
    fn name(&self) -> String {
        full_name(&self.attendee.given_name, &self.attendee.family_name)
    }

    /// Neither a mark that counts nor a participant report says that they were there.
    fn is_unseen(&self) -> bool {
        self.attendee.online.is_empty() && self.attendee.marks.iter().all(|marked| marked.void.is_some())
    }

    fn is_corrected(&self) -> bool {
        self.attendee.marks.iter().any(Marked::is_corrected)
    }
}

/// The session with everybody in it.
async fn read(app: &App, event: &Event, code: String) -> Result<(Session, Vec<Row>, Names)> {
    let event = event.clone();
    app.read(move |db| {
        let session = agenda::get(db, &event.id, &code)?;
        let rule = ExitRule::of(&event);
        let attendees = attendance::attendees(db, &session.id)?;
        let names = names(db, attendees.iter().flat_map(|attendee| &attendee.marks))?;
        let row = |attendee: Attendee| Row { attended: attendance::minutes(&attendee.marks, &attendee.online, &session, rule), attendee };
        let rows = attendees.into_iter().map(row).collect();
        Ok((session, rows, names))
    })
    .await
}

/// The names of those who made or voided these marks.
pub(super) fn names<'a>(db: &mut crate::db::Db, marks: impl Iterator<Item = &'a Marked>) -> Result<Names> {
    let labels: HashSet<&str> = marks
        .flat_map(|marked| [Some(marked.mark.actor.as_str()), marked.void.as_ref().map(|void| void.actor.as_str())])
        .flatten()
        .collect();
    Names::of(db, labels.into_iter().map(split_label))
}

/// `GET /staff/events/{event}/sessions/{session}/attendance`
pub async fn index(
    app: web::Data<App>,
    allowed: Allowed<permit::SeePeople>,
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (session, rows, names) = read(&app, event, path.into_inner().1).await?;
    let base = format!("/staff/events/{}/sessions/{}/attendance", event.slug, session.code);
    let with_marks = asked.marks == "yes";
    let fitting: Vec<&Row> = rows.iter().filter(|row| asked.fits(row)).collect();
    let minutes: i64 = fitting.iter().map(|row| row.attended.minutes).sum();
    let present = fitting.iter().filter(|row| row.attended.minutes > 0).count();
    let options: Vec<Value> =
        SHOWN.iter().map(|(value, text)| json!({ "value": value, "text": text, "selected": *value == asked.show })).collect();
    let view = json!({
        "base": base, "back": format!("/staff/events/{}/checkpoints", event.slug),
        "session": { "code": session.code, "title": session.title, "when": span_words(session.starts_at, session.ends_at, event.zone()) },
        "q": asked.q, "shown": options, "narrows": !asked.q.is_empty() || !asked.show.is_empty(),
        "rule": rule_words(ExitRule::of(event)),
        "made": seconds_words(event, app.now()),
        "summary": format!("{present} of {} with minutes, {minutes} minutes together", fitting.len()),
        "people": fitting.iter().map(|row| row_view(event, row, &names, with_marks)).collect::<Vec<_>>(),
        "with_marks": with_marks, "marks": if with_marks { "yes" } else { "" },
        "toggle": asked.address(&base, !with_marks),
        "may_import": allowed.identity.may(Permission::CorrectAttendance, &event.id),
        "import": format!("/staff/events/{}/sessions/{}/report", event.slug, session.code),
        "export": asked.address(&format!("{base}.csv"), false),
    });
    Page::new(&app, &allowed.asker, "checkin/attendance").event(event).render(&view)
}

/// How a missing exit was closed, in words.
pub(super) fn rule_words(rule: ExitRule) -> String {
    match rule {
        ExitRule::SessionEnd => "Without a scan on the way out a stay is taken to have lasted until the session’s end.".to_owned(),
        ExitRule::Nothing => "Without a scan on the way out a stay counts for nothing.".to_owned(),
        ExitRule::Minutes(minutes) => format!("Without a scan on the way out a stay counts {minutes} minutes."),
    }
}

/// The chips of an attendance: how its end is known, whether it may be more, and whether it was corrected.
pub(super) fn chips(attended: &Attended, is_corrected: bool) -> Vec<Value> {
    let assumed = attended.is_assumed.then(|| json!({ "kind": "wait", "text": "End assumed" }));
    let at_least = attended.is_at_least.then(|| json!({ "kind": "note", "text": "At least" }));
    let corrected = is_corrected.then(|| json!({ "kind": "note", "text": "Corrected" }));
    assumed.into_iter().chain(at_least).chain(corrected).collect()
}

/// The stays in words, earliest first.
pub(super) fn stays(event: &Event, attended: &Attended) -> Vec<String> {
    attended.stays.iter().map(|(from, to)| hours_words(*from, *to, event.zone())).collect()
}

fn row_view(event: &Event, row: &Row, names: &Names, with_marks: bool) -> Value {
    let attendee = &row.attendee;
    let mut chips = chips(&row.attended, row.is_corrected());
    if !attendee.online.is_empty() {
        chips.push(json!({ "kind": "note", "text": "Online" }));
    }
    if row.is_unseen() {
        chips.push(json!({ "kind": "no", "text": "Not seen" }));
    }
    json!({
        "href": format!("/staff/events/{}/people/{}/attendance", event.slug, attendee.code),
        "name": row.name(), "code": attendee.code, "organization": attendee.organization, "has_seat": attendee.has_seat,
        "stays": stays(event, &row.attended), "minutes": row.attended.minutes, "chips": chips,
        "marks": if with_marks { attendee.marks.iter().map(|marked| mark_view(event, marked, names)).collect() } else { Vec::new() },
    })
}

/// A mark with everything an audit asks: the device's time and ours, who, and why.
pub(super) fn mark_view(event: &Event, marked: &Marked, names: &Names) -> Value {
    let mark = &marked.mark;
    let scan = marked.scan.as_ref();
    json!({
        "id": mark.id.to_string(),
        "direction": if mark.direction == Direction::In { "In" } else { "Out" },
        "at": seconds_words(event, mark.at),
        "device": scan.map(|scan| seconds_words(event, scan.scanned_at)),
        "server": seconds_words(event, scan.map(|scan| scan.received_at).or(mark.entered_at).unwrap_or(mark.at)),
        "door": scan.map(|scan| format!("{} ({})", scan.checkpoint_name, scan.checkpoint_code)),
        "offline": scan.is_some_and(|scan| scan.offline),
        "reason": mark.reason.as_ref().or(scan.and_then(|scan| scan.override_reason.as_ref())),
        "who": names.of_label(&mark.actor),
        "void": marked.void.as_ref().map(|void| json!({
            "when": seconds_words(event, void.at), "who": names.of_label(&void.actor), "reason": void.reason,
        })),
    })
}

pub(super) fn seconds_words(event: &Event, at: Instant) -> String {
    let local = at.in_zone(event.zone());
    format!("{}, {}", day_words(local.date_naive()), local.format("%-I:%M:%S %p"))
}

/// `GET /staff/events/{event}/sessions/{session}/attendance.csv`
pub async fn export(
    app: web::Data<App>,
    allowed: Allowed<permit::SeePeople>,
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (session, rows, _) = read(&app, event, path.into_inner().1).await?;
    let file = csv_of(event, &session, rows.iter().filter(|row| asked.fits(row)))?;
    let name: String = session.code.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '-').collect();
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"attendance-{}-{name}.csv\"", event.slug)))
        .content_type("text/csv; charset=utf-8")
        .body(file))
}

const COLUMNS: [&str; 12] = [
    "session",
    "registration",
    "given_name",
    "family_name",
    "organization",
    "seat",
    "minutes",
    "first_in",
    "last_end",
    "end_assumed",
    "corrected",
    "online",
];

fn csv_of<'a>(event: &Event, session: &Session, rows: impl Iterator<Item = &'a Row>) -> Result<Vec<u8>> {
    // The mark tells spreadsheets that the file is UTF-8.
    let mut file = csv::Writer::from_writer("\u{FEFF}".as_bytes().to_vec());
    file.write_record(COLUMNS).map_err(Error::internal)?;
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let time = |at: Option<Instant>| at.map(|at| at.rfc3339_in(event.zone())).unwrap_or_default();
    for row in rows {
        let attendee = &row.attendee;
        let record = [
            cell(&session.code),
            attendee.code.clone(),
            cell(&attendee.given_name),
            cell(&attendee.family_name),
            cell(&attendee.organization),
            yes(attendee.has_seat),
            row.attended.minutes.to_string(),
            time(row.attended.stays.first().map(|(from, _)| *from)),
            time(row.attended.stays.last().map(|(_, to)| *to)),
            yes(row.attended.is_assumed),
            yes(row.is_corrected()),
            yes(!attendee.online.is_empty()),
        ];
        file.write_record(&record).map_err(Error::internal)?;
    }
    file.into_inner().map_err(Error::internal)
}
