//! Files of reports: made outside any transaction, then recorded with who made them and what they told (CEU-7, ACC-4).

use std::fs::File;

use diesel::prelude::*;
use serde_json::json;

use super::rules::{Action, Format, Kind, Learner, Setting, Told, told};
use super::{attendance, ce_broker, cpe_monitor, learners, pars, people_list, settings};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::credits::people::Show;
use crate::db::Db;
use crate::db::schema::{report_exports, report_lines};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::{ActivityId, EventId, RegistrationId, ReportExportId, ReportLineId};
use crate::on_either;
use crate::sheets::Sheet;

/// So many lines are written in one statement.
const AT_ONCE: usize = 500;

/// An export, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = report_exports, check_for_backend(crate::db::Either))]
pub struct Export {
    pub id: ReportExportId,
    pub event_id: EventId,
    pub kind: Kind,
    pub format: Format,
    pub row_count: i32,
    pub made_at: Instant,
    pub actor: String,
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = report_lines, check_for_backend(crate::db::Either))]
struct Line {
    id: ReportLineId,
    export_id: ReportExportId,
    kind: Kind,
    registration_id: RegistrationId,
    activity_id: ActivityId,
    target: String,
    action: Action,
    hundredths: i32,
}

/// What staff ask for.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub kind: Kind,
    pub format: Format,
    /// Also what was told before.
    pub everything: bool,
    /// One activity or one session alone, by its code.
    pub only: Option<String>,
    /// Whom the list of people shows.
    pub words: String,
    pub show: Option<Show>,
}

/// A file with what it told.
pub struct Made {
    pub file: File,
    pub rows: usize,
    told: Vec<(RegistrationId, Told)>,
}

/// Makes a file. Refused (`reports.nothing`) where it would be empty, and where settings are missing without which
/// nobody could take it.
pub fn make(db: &mut Db, key: &[u8; 32], event: &Event, wanted: &Wanted, now: Instant) -> Result<Made> {
    let only = wanted.only.as_deref();
    let (made, rows, told) = match wanted.kind {
        Kind::Attendance => of_sheet(attendance::write(db, event, only, wanted.format, now)?)?,
        Kind::People => of_sheet(people_list::write(db, event, &wanted.words, wanted.show, wanted.format, now)?)?,
        Kind::Pars | Kind::CeBroker | Kind::CpeMonitor => of_credit(db, key, event, wanted, now)?,
    };
    if rows == 0 {
        return Err(Error::refused("reports.nothing", "There is nothing to export: no credit is new, and nobody fits."));
    }
    Ok(Made { file: made, rows, told })
}

type Parts = (File, usize, Vec<(RegistrationId, Told)>);

fn of_sheet((sheet, rows): (Sheet, usize)) -> Result<Parts> {
    Ok((sheet.finish()?, rows, Vec::new()))
}

enum Out {
    Sheet(Sheet),
    Json(pars::Json),
}

impl Out {
    fn new(wanted: &Wanted, event: &Event, now: Instant) -> Result<Self> {
        Ok(match (wanted.kind, wanted.format) {
            (Kind::Pars, Format::Json) => Self::Json(pars::Json::new(now, event.zone())?),
            (Kind::Pars, _) => Self::Sheet(pars::sheet(now)?),
            (Kind::CeBroker, _) => Self::Sheet(ce_broker::sheet()),
            (_, format) => Self::Sheet(cpe_monitor::sheet(format, now)?),
        })
    }

    fn add(&mut self, kind: Kind, learner: &Learner, told: &Told, setting: &Setting, event: &Event) -> Result<()> {
        match (self, kind) {
            (Self::Json(file), _) => file.add(learner, told, setting, event.zone()),
            (Self::Sheet(sheet), Kind::Pars) => pars::add(sheet, learner, told, setting, event.zone()),
            (Self::Sheet(sheet), Kind::CeBroker) => ce_broker::add(sheet, told, setting, event.zone()),
            (Self::Sheet(sheet), _) => cpe_monitor::add(sheet, learner, told, setting, event.zone()),
        }
    }
}

fn of_credit(db: &mut Db, key: &[u8; 32], event: &Event, wanted: &Wanted, now: Instant) -> Result<Parts> {
    let setting = settings::of_event(db, event)?;
    let is_missing = match wanted.kind {
        Kind::Pars => setting.accme_number.is_empty(),
        Kind::CeBroker => setting.ce_broker_provider.is_empty(),
        _ => setting.acpe_number.is_empty(),
    };
    if is_missing {
        return Err(Error::refused("reports.no_number", setting.lacks(wanted.kind).into_iter().next().unwrap_or_default()));
    }
    let is_wanted = |activity: &ActivityId| {
        wanted.only.as_ref().is_none_or(|code| setting.activities.get(activity).is_some_and(|one| one.code == *code))
    };
    let mut out = Out::new(wanted, event, now)?;
    let mut all = Vec::new();
    learners::each(db, key, &event.id, |learner| {
        for one in told(wanted.kind, &learner, &setting, wanted.everything).into_iter().filter(|one| is_wanted(&one.activity)) {
            out.add(wanted.kind, &learner, &one, &setting, event)?;
            all.push((learner.registration.clone(), one));
        }
        Ok(())
    })?;
    let file = match out {
        Out::Sheet(sheet) => sheet.finish()?,
        Out::Json(json) => json.finish()?,
    };
    Ok((file, all.len(), all))
}

/// Records that a file was made, by whom, of how many rows, and what it told of whom.
pub fn record(tx: &mut Tx<'_>, event: &Event, wanted: &Wanted, made: &Made) -> Result<()> {
    let export = Export {
        id: ReportExportId::new(),
        event_id: event.id.clone(),
        kind: wanted.kind,
        format: wanted.format,
        row_count: i32::try_from(made.rows).map_err(Error::internal)?,
        made_at: tx.now,
        actor: tx.actor.label(),
    };
    diesel::insert_into(report_exports::table).values(&export).execute(tx.db)?;
    for some in made.told.chunks(AT_ONCE) {
        let line = |(registration, told): &(RegistrationId, Told)| Line {
            id: ReportLineId::new(),
            export_id: export.id.clone(),
            kind: wanted.kind,
            registration_id: registration.clone(),
            activity_id: told.activity.clone(),
            target: told.target(),
            action: told.action,
            hundredths: i32::try_from(told.hundredths).unwrap_or(i32::MAX),
        };
        let lines: Vec<Line> = some.iter().map(line).collect();
        on_either!(&mut *tx.db, connection => diesel::insert_into(report_lines::table).values(&lines).execute(connection))?;
    }
    let facts =
        json!({ "report": wanted.kind, "format": wanted.format, "rows": made.rows, "everything": wanted.everything, "only": wanted.only });
    Entry::of("report.exported", "report", &export.id).event(&event.id).after(facts).record(tx)
}

/// The newest exports of an event.
pub fn newest(db: &mut Db, event: &EventId, limit: i64) -> Result<Vec<Export>> {
    let of_event = report_exports::table.filter(report_exports::event_id.eq(event)).order(report_exports::id.desc());
    Ok(of_event.limit(limit).select(Export::as_select()).load(db)?)
}
