//! Activities: what is accredited, with its sessions, ids and maximum per credit type, designated before it starts (CEU-1).

use std::collections::HashMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::rules::{Code, hundredths_words, parse_hundredths};
use super::types::{self, CreditRule, CreditType};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{activity_sessions, credit_activities, credit_claims, designations};
use crate::error::{Checks, Error, Result};
use crate::events::{self, Event};
use crate::ids::{ActivityId, CreditTypeId, DesignationId, EventId, SessionId};
use crate::on_either;
use crate::typed::texts;

crate::words! {
    /// How an activity is taken part in.
    Format { Live => "live", Enduring => "enduring" }
}

impl Format {
    /// As statements name it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Live => "live activity",
            Self::Enduring => "enduring material",
        }
    }
}

/// An activity, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = credit_activities, check_for_backend(crate::db::Either))]
pub struct Activity {
    pub id: ActivityId,
    pub event_id: EventId,
    /// The provider's own id.
    pub code: String,
    pub title: String,
    pub format: Format,
    /// The ACCME's id, nine digits.
    pub pars_id: String,
    /// Pharmacy's Universal Activity Number.
    pub uan: String,
    pub made_at: Instant,
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = activity_sessions, check_for_backend(crate::db::Either))]
struct ActivitySession {
    activity_id: ActivityId,
    session_id: SessionId,
    minutes: i32,
}

/// The maximum of an activity for a credit type, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = designations, check_for_backend(crate::db::Either))]
pub struct Designation {
    pub id: DesignationId,
    pub activity_id: ActivityId,
    pub credit_type_id: CreditTypeId,
    pub maximum_hundredths: i32,
    pub designated_at: Instant,
    pub actor: String,
}

/// An activity as staff type it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActivityDraft {
    pub code: String,
    pub title: String,
    pub format: String,
    pub pars_id: String,
    pub uan: String,
    /// One session a line: its code, and its educational minutes where breaks are left out: `W1 420`.
    pub sessions: String,
    /// `ama 12.00`: one credit type a line with its maximum.
    #[serde(deserialize_with = "texts")]
    pub maximums: Vec<String>,
}

/// An activity with its sessions and maximums.
#[derive(Clone, Debug)]
pub struct Whole {
    pub activity: Activity,
    pub sessions: Vec<(SessionId, i64)>,
    pub designations: Vec<Designation>,
}

impl ActivityDraft {
    pub fn of(whole: &Whole, sessions: &HashMap<SessionId, Session>, types: &[(CreditType, CreditRule)]) -> Self {
        let line = |(id, minutes): &(SessionId, i64)| sessions.get(id).map(|session| format!("{} {minutes}", session.code));
        let maximum = |one: &Designation| {
            let (kind, _) = types.iter().find(|(kind, _)| kind.id == one.credit_type_id)?;
            Some(format!("{} {}", kind.code, hundredths_words(one.maximum_hundredths.into())))
        };
        Self {
            code: whole.activity.code.clone(),
            title: whole.activity.title.clone(),
            format: whole.activity.format.to_string(),
            pars_id: whole.activity.pars_id.clone(),
            uan: whole.activity.uan.clone(),
            sessions: whole.sessions.iter().filter_map(line).collect::<Vec<_>>().join("\n"),
            maximums: whole.designations.iter().filter_map(maximum).collect(),
        }
    }
}

/// The activities of an event with everything that belongs to them, by code.
pub fn list(db: &mut Db, event: &EventId) -> Result<Vec<Whole>> {
    let all: Vec<Activity> = credit_activities::table
        .filter(credit_activities::event_id.eq(event))
        .order(credit_activities::code.asc())
        .select(Activity::as_select())
        .load(db)?;
    let ids: Vec<&ActivityId> = all.iter().map(|activity| &activity.id).collect();
    let rows: Vec<ActivitySession> =
        activity_sessions::table.filter(activity_sessions::activity_id.eq_any(&ids)).select(ActivitySession::as_select()).load(db)?;
    let designated: Vec<Designation> =
        designations::table.filter(designations::activity_id.eq_any(&ids)).select(Designation::as_select()).load(db)?;
    let mut sessions: HashMap<ActivityId, Vec<(SessionId, i64)>> = HashMap::new();
    for row in rows {
        sessions.entry(row.activity_id).or_default().push((row.session_id, row.minutes.into()));
    }
    let mut maximums: HashMap<ActivityId, Vec<Designation>> = HashMap::new();
    for row in designated {
        maximums.entry(row.activity_id.clone()).or_default().push(row);
    }
    let whole = |activity: Activity| Whole {
        sessions: sessions.remove(&activity.id).unwrap_or_default(),
        designations: maximums.remove(&activity.id).unwrap_or_default(),
        activity,
    };
    Ok(all.into_iter().map(whole).collect())
}

/// What one credit type is given for: an activity with its maximum.
#[derive(Clone, Debug)]
pub struct Accredited {
    pub kind: CreditType,
    pub rule: CreditRule,
    pub activity: Activity,
    pub maximum: i64,
    pub sessions: Vec<(SessionId, i64)>,
}

impl Accredited {
    /// The educational minutes of a session, where it is part of the activity.
    pub fn minutes_of(&self, session: &SessionId) -> Option<i64> {
        self.sessions.iter().find(|(id, _)| id == session).map(|(_, minutes)| *minutes)
    }
}

/// Everything that is designated at an event, by credit type.
pub fn accredited(db: &mut Db, event: &EventId) -> Result<Vec<Accredited>> {
    let types = types::list(db, event)?;
    let all = list(db, event)?;
    let mut found = Vec::new();
    for (kind, rule) in types {
        for whole in &all {
            let Some(designation) = whole.designations.iter().find(|one| one.credit_type_id == kind.id) else { continue };
            found.push(Accredited {
                kind: kind.clone(),
                rule: rule.clone(),
                activity: whole.activity.clone(),
                maximum: designation.maximum_hundredths.into(),
                sessions: whole.sessions.clone(),
            });
        }
    }
    Ok(found)
}

/// What a draft says, read.
struct Read {
    activity: Activity,
    sessions: Vec<(Session, i32)>,
    maximums: Vec<(CreditType, i32)>,
}

fn read(db: &mut Db, event: &Event, draft: &ActivityDraft, now: Instant) -> Result<Read> {
    let mut checks = Checks::new();
    let code = checks.code("code", &draft.code);
    checks.required("title", &draft.title, "Enter the title that certificates carry.");
    let format = checks.word("format", &draft.format, Format::ALL).unwrap_or(Format::Live);
    let pars_id = draft.pars_id.trim();
    if !pars_id.is_empty() && (pars_id.len() != 9 || !pars_id.bytes().all(|byte| byte.is_ascii_digit())) {
        checks.wrong("pars_id", "digits", "A PARS id has nine digits.");
    }
    let uan = draft.uan.trim().to_uppercase();
    let bare = uan.chars().filter(|c| c.is_ascii_alphanumeric()).count();
    if !uan.is_empty() && !(17..=18).contains(&bare) {
        checks.wrong("uan", "uan", "A UAN reads as 0798-9999-26-012-L05-P.");
    }
    let mut sessions: Vec<(Session, i32)> = Vec::new();
    for line in draft.sessions.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, minutes) = line.split_once(' ').unwrap_or((line, ""));
        let Some(session) = agenda::find(db, &event.id, name)? else {
            checks.wrong("sessions", "unknown", format!("There is no session {name}."));
            continue;
        };
        let length = i32::try_from(session.ends_at.since(session.starts_at).num_minutes()).unwrap_or(i32::MAX);
        let minutes = if minutes.trim().is_empty() { Some(length) } else { checks.whole("sessions", minutes, 1..=length) };
        sessions.push((session, minutes.unwrap_or(length)));
    }
    if sessions.is_empty() {
        checks.wrong("sessions", "required", "Name at least one session, one a line.");
    }
    let types = types::list(db, &event.id)?;
    let mut maximums = Vec::new();
    for line in draft.maximums.iter().flat_map(|lines| lines.lines()).map(str::trim).filter(|line| !line.is_empty()) {
        let (word, maximum) = line.split_once(' ').unwrap_or((line, ""));
        let kind = Code::from_word(word).and_then(|code| types.iter().find(|(kind, _)| kind.code == code));
        let hundredths =
            parse_hundredths(maximum).filter(|hundredths| *hundredths > 0).and_then(|hundredths| i32::try_from(hundredths).ok());
        match (kind, hundredths) {
            (Some((kind, _)), Some(hundredths)) => maximums.push((kind.clone(), hundredths)),
            (None, _) => checks.wrong("maximums", "unknown", format!("“{word}” is no credit type that is switched on.")),
            (_, None) => checks.wrong("maximums", "number", format!("“{line}” has no maximum. Write it as ama 12.00.")),
        }
    }
    checks.finish()?;
    let activity = Activity {
        id: ActivityId::new(),
        event_id: event.id.clone(),
        code,
        title: draft.title.trim().to_owned(),
        format,
        pars_id: pars_id.to_owned(),
        uan,
        made_at: now,
    };
    Ok(Read { activity, sessions, maximums })
}

/// Adds an activity, or changes the one with `id`. Refused once its first session has begun
/// (`credits.too_late_to_designate`), and where a session would be designated twice for one credit type.
pub fn save(tx: &mut Tx<'_>, event: &Event, id: Option<&ActivityId>, draft: &ActivityDraft) -> Result<ActivityId> {
    events::hold(tx, &event.id)?;
    let Read { activity, sessions, maximums } = read(tx.db, event, draft, tx.now)?;
    let all = list(tx.db, &event.id)?;
    let before = id.map(|id| all.iter().find(|whole| whole.activity.id == *id).ok_or(Error::NotFound)).transpose()?;
    let activity = Activity { id: id.cloned().unwrap_or(activity.id), ..activity };
    if all.iter().any(|other| other.activity.code == activity.code && other.activity.id != activity.id) {
        return Err(Error::invalid("code", "taken", format!("{} is another activity.", activity.code)));
    }
    check_start(tx, before, &sessions)?;
    for (kind, _) in &maximums {
        let others = all.iter().filter(|other| other.activity.id != activity.id);
        let same_type = others.filter(|other| other.designations.iter().any(|one| one.credit_type_id == kind.id));
        let twice = same_type.flat_map(|other| &other.sessions).find(|(id, _)| sessions.iter().any(|(session, _)| session.id == *id));
        if let Some((session, _)) = twice {
            let session = agenda::get_by_id(tx.db, session)?;
            let said = format!("{} is designated for {} in another activity already.", session.code, kind.code.known().name);
            return Err(Error::refused("credits.designated_twice", said));
        }
    }
    write(tx, before, &activity, &sessions, &maximums)?;
    let facts = json!({
        "code": activity.code, "sessions": sessions.iter().map(|(session, minutes)| format!("{} {minutes}", session.code)).collect::<Vec<_>>(),
        "maximums": maximums.iter().map(|(kind, maximum)| format!("{} {}", kind.code, hundredths_words((*maximum).into()))).collect::<Vec<_>>(),
    });
    tx.event_changed(&event.id);
    let entry = Entry::of(if before.is_some() { "activity.changed" } else { "activity.added" }, "activity", &activity.id);
    entry.event(&event.id).after(facts).record(tx)?;
    Ok(activity.id)
}

fn check_start(tx: &mut Tx<'_>, before: Option<&Whole>, sessions: &[(Session, i32)]) -> Result<()> {
    let mut starts: Vec<Instant> = sessions.iter().map(|(session, _)| session.starts_at).collect();
    for (session, _) in before.iter().flat_map(|whole| &whole.sessions) {
        starts.push(agenda::get_by_id(tx.db, session)?.starts_at);
    }
    if starts.iter().min().is_some_and(|first| *first <= tx.now) {
        let said = "Credit is designated before an activity starts, and this one has begun.";
        return Err(Error::refused("credits.too_late_to_designate", said));
    }
    Ok(())
}

fn write(
    tx: &mut Tx<'_>,
    before: Option<&Whole>,
    activity: &Activity,
    sessions: &[(Session, i32)],
    maximums: &[(CreditType, i32)],
) -> Result<()> {
    if before.is_some() {
        let claims: i64 = credit_claims::table.filter(credit_claims::activity_id.eq(&activity.id)).count().get_result(tx.db)?;
        if claims > 0 {
            return Err(Error::refused("credits.claimed", "Credit of this activity was awarded already."));
        }
        diesel::update(credit_activities::table.find(&activity.id)).set(activity).execute(tx.db)?;
        diesel::delete(activity_sessions::table.filter(activity_sessions::activity_id.eq(&activity.id))).execute(tx.db)?;
        diesel::delete(designations::table.filter(designations::activity_id.eq(&activity.id))).execute(tx.db)?;
    } else {
        diesel::insert_into(credit_activities::table).values(activity).execute(tx.db)?;
    }
    let row = |(session, minutes): &(Session, i32)| ActivitySession {
        activity_id: activity.id.clone(),
        session_id: session.id.clone(),
        minutes: *minutes,
    };
    let rows: Vec<ActivitySession> = sessions.iter().map(row).collect();
    on_either!(&mut *tx.db, connection => diesel::insert_into(activity_sessions::table).values(&rows).execute(connection))?;
    for (kind, maximum) in maximums {
        let row = Designation {
            id: DesignationId::new(),
            activity_id: activity.id.clone(),
            credit_type_id: kind.id.clone(),
            maximum_hundredths: *maximum,
            designated_at: tx.now,
            actor: tx.actor.label(),
        };
        diesel::insert_into(designations::table).values(&row).execute(tx.db)?;
    }
    Ok(())
}
