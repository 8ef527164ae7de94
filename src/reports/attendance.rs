//! Attendance as a file: every person in every session, with minutes and how they are known (CEU-7, CHK-3).

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;

use super::rules::Format;
use super::rules::rows::{ATTENDANCE_COLUMNS, Attendance, attendance, evidence, with_report};
use crate::agenda::{self, Session};
use crate::checkin::Direction;
use crate::checkin::online::{self, Stay};
use crate::checkin::presence::ExitRule;
use crate::clock::Instant;
use crate::credits::evidence::{Seen, Source};
use crate::db::Db;
use crate::db::schema::{attendance_marks, attestations, registrations, voided_marks};
use crate::error::Result;
use crate::events::Event;
use crate::ids::RegistrationId;
use crate::registration::rules::profession_words;
use crate::sheets::{Cell, Sheet};

/// So many people are read at once.
const AT_ONCE: usize = 500;

/// What is known of one person in one session.
#[derive(Default)]
struct Known {
    marks: Vec<(Direction, Instant)>,
    online: Vec<Stay>,
    is_corrected: bool,
    /// Minutes that somebody says, and whether staff do.
    attested: Option<(i64, bool)>,
}

/// Id, code, name on certificates, given and family name, credentials, profession, organization.
type PersonRow = (RegistrationId, String, String, String, String, String, String, String);

/// Whose mark, in or out, when; when staff added it, and when it was voided.
type MarkRow = (RegistrationId, Direction, Instant, Option<Instant>, Option<Instant>);

/// Writes the attendance of an event, or of one session: session after session, by name; returns file and rows.
pub fn write(db: &mut Db, event: &Event, session: Option<&str>, format: Format, now: Instant) -> Result<(Sheet, usize)> {
    let sessions = match session {
        Some(code) => vec![agenda::get(db, &event.id, code)?],
        None => agenda::list(db, &event.id)?,
    };
    let widths = [10, 40, 12, 14, 28, 18, 22, 16, 18, 36, 9, 24];
    let mut sheet = if format == Format::Csv { Sheet::csv()? } else { Sheet::xlsx("Attendance", &widths, now)? };
    sheet.row(&ATTENDANCE_COLUMNS.map(Cell::text))?;
    let mut rows = 0;
    for session in &sessions {
        for one in of_session(db, event, session)? {
            sheet.row(&attendance((&session.code, &session.title, session.starts_at), &one, event.zone()))?;
            rows += 1;
        }
    }
    Ok((sheet, rows))
}

/// Everybody of whom something says that they were in a session, by name.
fn of_session(db: &mut Db, event: &Event, session: &Session) -> Result<Vec<Attendance>> {
    let mut known = known(db, session)?;
    let ids: Vec<RegistrationId> = known.keys().cloned().collect();
    let mut people: BTreeMap<(String, String, String), Attendance> = BTreeMap::new();
    for some in ids.chunks(AT_ONCE) {
        let rows: Vec<PersonRow> = registrations::table
            .filter(registrations::id.eq_any(some))
            .select((
                registrations::id,
                registrations::code,
                registrations::certificate_name,
                registrations::given_name,
                registrations::family_name,
                registrations::credentials,
                registrations::profession,
                registrations::organization,
            ))
            .load(db)?;
        for (id, code, name, given_name, family_name, credentials, profession, organization) in rows {
            let Some(own) = known.remove(&id) else { continue };
            let (said, by_staff) = own.attested.unzip();
            let (has_marks, has_stays) = (!own.marks.is_empty(), !own.online.is_empty());
            let seen = Seen { marks: own.marks, online: own.online, attested: said };
            // All marks were voided and nobody says otherwise: they were not there.
            let Some((source, told)) = seen.told(session, ExitRule::of(event)) else { continue };
            let is_seen = source != Source::Attestation;
            let by_door = evidence(is_seen, own.is_corrected, told.is_assumed, by_staff.unwrap_or_default());
            let evidence = with_report(by_door, !has_marks, !(is_seen && has_stays));
            let minutes = told.minutes;
            let profession = profession_words(&profession).to_owned();
            let key = (family_name.to_lowercase(), given_name.to_lowercase(), code.clone());
            people
                .insert(key, Attendance { code, name, given_name, family_name, credentials, profession, organization, minutes, evidence });
        }
    }
    Ok(people.into_values().collect())
}

fn known(db: &mut Db, session: &Session) -> Result<HashMap<RegistrationId, Known>> {
    let mut known: HashMap<RegistrationId, Known> = HashMap::new();
    let marks: Vec<MarkRow> = attendance_marks::table
        .left_join(voided_marks::table)
        .filter(attendance_marks::session_id.eq(&session.id))
        .select((
            attendance_marks::registration_id,
            attendance_marks::direction,
            attendance_marks::at,
            attendance_marks::entered_at,
            voided_marks::at.nullable(),
        ))
        .load(db)?;
    for (registration, direction, at, entered_at, voided_at) in marks {
        let own = known.entry(registration).or_default();
        own.is_corrected |= entered_at.is_some() || voided_at.is_some();
        if voided_at.is_none() {
            own.marks.push((direction, at));
        }
    }
    for (registration, stays) in online::of_session(db, &session.id)? {
        known.entry(registration).or_default().online = stays;
    }
    let said: Vec<(RegistrationId, i32, Option<String>)> = attestations::table
        .filter(attestations::session_id.eq(&session.id))
        .order(attestations::id.asc())
        .select((attestations::registration_id, attestations::minutes, attestations::reason))
        .load(db)?;
    for (registration, minutes, reason) in said {
        // Only staff give a reason; the newest counts.
        known.entry(registration).or_default().attested = Some((minutes.into(), reason.is_some()));
    }
    Ok(known)
}
