//! The rows of each report, column by column, as those who receive them want them (CEU-7).

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Action, Learner, Setting, Told};
use crate::clock::Instant;
use crate::credits::rules::Code;
use crate::sheets::Cell;

/// The row above the header, as the template of the ACCME has one.
pub const PARS_GUIDANCE: &str =
    "Learner report for upload to PARS / JA-PARS. Row 2 has the columns; each row adds or deletes one learner’s credit of one activity.";

/// The columns of the ACCME's Excel template for learners.
pub const PARS_COLUMNS: [&str; 14] = [
    "Record Action",
    "ACCME Activity ID",
    "Completion Date",
    "First Name",
    "Last Name",
    "Date of Birth",
    "Licensing State",
    "Licensing ID or NPI",
    "Number of CME Credits",
    "Certifying Board",
    "Certifying Board ID",
    "Total Board Credits",
    "Credit Type",
    "Credits Awarded for Credit Type",
];

/// By what PARS knows somebody: the first license and its state, or the NPI.
fn license(learner: &Learner) -> (String, String) {
    match learner.licenses.first() {
        Some(license) => (license.state.clone(), license.number.clone()),
        None => (String::new(), learner.npi.clone()),
    }
}

/// A row of PARS. Board columns stay empty: no board's credit is given here.
pub fn pars(learner: &Learner, told: &Told, setting: &Setting, zone: Tz) -> Vec<Cell> {
    let activity = setting.activities.get(&told.activity).cloned().unwrap_or_default();
    let (state, number) = license(learner);
    let action = match told.action {
        Action::Add => "Add",
        Action::Delete => "Delete",
    };
    vec![
        Cell::text(action),
        Cell::text(activity.pars_id),
        Cell::Day(completed_on(told, activity.ends_on, zone)),
        Cell::text(&learner.given_name),
        Cell::text(&learner.family_name),
        Cell::text(learner.identity.birth_day.map(|day| day.words("/")).unwrap_or_default()),
        Cell::text(state),
        Cell::text(number),
        Cell::Hundredths(told.hundredths),
    ]
}

/// The day on which credit was completed, in the event's zone.
fn completed_on(told: &Told, otherwise: NaiveDate, zone: Tz) -> NaiveDate {
    told.completed_at.map_or(otherwise, |at| at.date_in(zone))
}

/// An item of the ACCME's JSON. Times carry their offset, since those without are taken as US Central; of the birth
/// date there is no year, which the service takes as `MM-DD`.
pub fn pars_json(learner: &Learner, told: &Told, setting: &Setting, zone: Tz) -> Value {
    let activity = setting.activities.get(&told.activity).cloned().unwrap_or_default();
    let (state, number) = license(learner);
    let domain = if state.is_empty() { "NPI".to_owned() } else { state };
    let completed = told.completed_at.map_or_else(|| format!("{}T12:00:00", activity.ends_on), |at| at.rfc3339_in(zone));
    let action = told.action.as_str();
    json!({
        "ReportingOrganization": setting.provider,
        "Member": {
            "Name": { "GivenName": learner.given_name, "FamilyName": learner.family_name },
            "PersonalInfo": { "BirthDate": learner.identity.birth_day.map(|day| day.words("-")) },
        },
        "Activity": {
            "ProviderOrganization": setting.accme_number,
            "Module": {
                "ModuleName": { "value": activity.title, "moduleID": activity.pars_id },
                "Status": "Completed",
                "CompletedDateTime": completed,
                "CreditCertificate": [{
                    "UniqueID": { "value": number, "domain": domain },
                    "CreditReceived": {
                        "activityCertification": "AMA PRA Category 1", "creditUnit": "Point", "numberOfCredits": credits(told.hundredths),
                    },
                    "CreditID": format!("ccid:{}:{}-{}", setting.accme_number, learner.code, without_colons(&activity.code)),
                }],
            },
        },
        "XtensibleInfo": { "ProviderID": setting.accme_number, "LearnerRecordAction": action },
    })
}

fn without_colons(code: &str) -> String {
    code.replace(':', "-")
}

/// Credit as a JSON number: quarters are exact in binary.
fn credits(hundredths: i64) -> f64 {
    f64::from(i32::try_from(hundredths).unwrap_or(i32::MAX)) / 100.0
}

/// A row of CE Broker, by position and without a header: provider, course or own code, publishing number, license,
/// day, state, profession, and for part of the credit its subject area and hours.
pub fn ce_broker(told: &Told, setting: &Setting, zone: Tz) -> Vec<Cell> {
    let activity = setting.activities.get(&told.activity).cloned().unwrap_or_default();
    let Some(license) = &told.license else { return Vec::new() };
    let own = if activity.course.is_empty() { activity.code.clone() } else { String::new() };
    let mut row = vec![
        Cell::text(&setting.ce_broker_provider),
        Cell::text(&activity.course),
        Cell::text(own),
        Cell::text(""),
        Cell::text(&license.number),
        Cell::Day(completed_on(told, activity.ends_on, zone)),
        Cell::text(format!("State={}", license.state)),
        Cell::text(format!("Profession={}", license.profession)),
    ];
    if told.hundredths < activity.maximum {
        row.extend([Cell::text(&activity.subject_area), Cell::Hundredths(told.hundredths)]);
    }
    row
}

/// The columns for CPE Monitor: what its service asks for.
pub const CPE_MONITOR_COLUMNS: [&str; 6] = ["provider_number", "epid", "dob_mmdd", "uan", "date_of_participation", "action"];

/// A row of CPE Monitor.
pub fn cpe_monitor(learner: &Learner, told: &Told, setting: &Setting, zone: Tz) -> Vec<Cell> {
    let activity = setting.activities.get(&told.activity).cloned().unwrap_or_default();
    vec![
        Cell::text(&setting.acpe_number),
        Cell::text(learner.identity.nabp_id.clone().unwrap_or_default()),
        Cell::text(learner.identity.birth_day.map(|day| day.words("")).unwrap_or_default()),
        Cell::text(activity.uan),
        Cell::text(completed_on(told, activity.ends_on, zone).to_string()),
        Cell::text("I"),
    ]
}

pub const ATTENDANCE_COLUMNS: [&str; 12] = [
    "session",
    "title",
    "day",
    "registration",
    "name",
    "given_name",
    "family_name",
    "credentials",
    "profession",
    "organization",
    "minutes",
    "evidence",
];

/// Somebody in one session.
#[derive(Clone, Debug)]
pub struct Attendance {
    pub code: String,
    pub name: String,
    pub given_name: String,
    pub family_name: String,
    pub credentials: String,
    pub profession: String,
    pub organization: String,
    pub minutes: i64,
    pub evidence: Evidence,
}

crate::words! {
    /// How it is known that somebody attended.
    Evidence {
        Scanned => "scanned", EndAssumed => "scanned in, end assumed", Corrected => "corrected by staff",
        Attested => "attested by the attendee", AttestedByStaff => "attested by staff",
        Reported => "participant report", ReportedToo => "scanned and participant report",
    }
}

/// How attendance is known: scans first, and among them what staff added.
pub fn evidence(has_marks: bool, is_corrected: bool, is_assumed: bool, by_staff: bool) -> Evidence {
    match (has_marks, is_corrected, is_assumed) {
        (true, true, _) => Evidence::Corrected,
        (true, false, true) => Evidence::EndAssumed,
        (true, false, false) => Evidence::Scanned,
        (false, ..) if by_staff => Evidence::AttestedByStaff,
        (false, ..) => Evidence::Attested,
    }
}

/// The same where a webinar's participant report names the person: by it alone, or beside marks that staff did not touch.
pub fn with_report(by_door: Evidence, is_unmarked: bool, is_unreported: bool) -> Evidence {
    match by_door {
        _ if is_unreported => by_door,
        _ if is_unmarked => Evidence::Reported,
        Evidence::Scanned | Evidence::EndAssumed => Evidence::ReportedToo,
        other => other,
    }
}

/// A row of the attendance.
pub fn attendance(session: (&str, &str, Instant), one: &Attendance, zone: Tz) -> Vec<Cell> {
    let (code, title, starts_at) = session;
    vec![
        Cell::text(code),
        Cell::text(title),
        Cell::Day(starts_at.date_in(zone)),
        Cell::text(&one.code),
        Cell::text(&one.name),
        Cell::text(&one.given_name),
        Cell::text(&one.family_name),
        Cell::text(&one.credentials),
        Cell::text(&one.profession),
        Cell::text(&one.organization),
        Cell::Whole(one.minutes),
        Cell::text(one.evidence.as_str()),
    ]
}

pub const PEOPLE_COLUMNS: [&str; 12] = [
    "registration",
    "given_name",
    "family_name",
    "certificate_name",
    "credentials",
    "profession",
    "organization",
    "sessions_attended",
    "sessions_evaluated",
    "sessions_claimed",
    "status",
    "past_deadline",
];

/// A line of a transcript: credit of one type for one activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub code: Code,
    pub activity: String,
    pub activity_code: String,
    pub provider: String,
    pub completed_on: NaiveDate,
    pub hundredths: i64,
    /// The number of its certificate, where one was issued, and the page that verifies it.
    pub certificate: Option<(String, String)>,
}
