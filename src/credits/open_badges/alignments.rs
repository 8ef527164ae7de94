//! Which statements of the Patient Safety Structural Measure an activity is about; its Open Badges carry them (CEU-6).

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::json;

use crate::app::Tx;
use crate::audit::Entry;
use crate::credits::activities::Activity;
use crate::db::Db;
use crate::db::schema::{activity_alignments, credit_activities};
use crate::error::{Error, Result};
use crate::events;
use crate::ids::{ActivityId, EventId};
use crate::on_either;
use crate::pssm::rules as measure;

#[derive(Insertable)]
#[diesel(table_name = activity_alignments, check_for_backend(crate::db::Either))]
struct Alignment {
    activity_id: ActivityId,
    statement: String,
}

/// The domains and statements of an activity, in the measure's order.
pub fn of_activity(db: &mut Db, activity: &ActivityId) -> Result<Vec<String>> {
    Ok(activity_alignments::table
        .filter(activity_alignments::activity_id.eq(activity))
        .order(activity_alignments::statement.asc())
        .select(activity_alignments::statement)
        .load(db)?)
}

/// The domains and statements of each activity of an event that has any.
pub fn of_event(db: &mut Db, event: &EventId) -> Result<HashMap<ActivityId, Vec<String>>> {
    let rows: Vec<(ActivityId, String)> = activity_alignments::table
        .inner_join(credit_activities::table)
        .filter(credit_activities::event_id.eq(event))
        .order(activity_alignments::statement.asc())
        .select((activity_alignments::activity_id, activity_alignments::statement))
        .load(db)?;
    let mut of: HashMap<ActivityId, Vec<String>> = HashMap::new();
    for (activity, statement) in rows {
        of.entry(activity).or_default().push(statement);
    }
    Ok(of)
}

/// Says anew what an activity is about. Open Badges that were taken before keep what they say.
pub fn save(tx: &mut Tx<'_>, activity: &Activity, chosen: &[String]) -> Result<()> {
    if let Some(unknown) = chosen.iter().find(|code| measure::known(code) != Some(code.as_str())) {
        return Err(Error::invalid("statements", "unknown", format!("“{unknown}” is no statement of the measure.")));
    }
    events::hold(tx, &activity.event_id)?;
    let before = of_activity(tx.db, &activity.id)?;
    let mut chosen = chosen.to_vec();
    chosen.sort();
    chosen.dedup();
    if chosen == before {
        return Ok(());
    }
    diesel::delete(activity_alignments::table.filter(activity_alignments::activity_id.eq(&activity.id))).execute(tx.db)?;
    let row = |code: &String| Alignment { activity_id: activity.id.clone(), statement: code.clone() };
    let rows: Vec<Alignment> = chosen.iter().map(row).collect();
    if !rows.is_empty() {
        on_either!(&mut *tx.db, connection => diesel::insert_into(activity_alignments::table).values(&rows).execute(connection))?;
    }
    let entry = Entry::of("activity.aligned", "activity", &activity.id).event(&activity.event_id);
    entry.before(json!({ "statements": before })).after(json!({ "statements": chosen })).record(tx)
}
