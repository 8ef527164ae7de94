//! Tells everyone registered that a badge pick-up place changed (EVT-1).

use diesel::prelude::*;
use serde_json::json;

use super::letters::letter;
use super::{Registration, Status};
use crate::app::Tx;
use crate::db::schema::registrations;
use crate::error::Result;
use crate::events::{self, BadgePlaceChanged, rules};
use crate::jobs::Job;
use crate::mail;

/// Runs the job of a changed badge place: one letter to each registration that is not canceled. A place that was
/// taken away meanwhile, or whose window is over, is no news.
pub fn tell_changed(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let news: BadgePlaceChanged = job.payload()?;
    let Some(place) = events::find_badge_place(tx.db, &news.badge_place)? else { return Ok(()) };
    if place.closes_at <= tx.now {
        return Ok(());
    }
    let event = events::get_by_id(tx.db, &place.event_id)?;
    let zone = event.zone();
    let registered: Vec<Registration> = registrations::table
        .filter(registrations::event_id.eq(&event.id))
        .filter(registrations::status.ne(Status::Canceled))
        .order(registrations::id.asc())
        .select(Registration::as_select())
        .load(tx.db)?;
    let why = format!("You get this letter because you are registered for {}.", event.name);
    let zone_words = rules::zone_words(zone);
    for registration in registered {
        let (draft, mut fields) = letter(tx, "badge_place_changed", &event, &registration, &why)?;
        for (name, value) in [
            ("new_place", json!(place.place)),
            ("new_when", json!(format!("{} {zone_words}", rules::span_words(place.opens_at, place.closes_at, zone)))),
            ("audience", json!(place.audience)),
            ("has_old", json!(true)),
            ("old_place", json!(news.old_place)),
            ("old_when", json!(format!("{} {zone_words}", news.old_when))),
        ] {
            fields.insert(name.to_owned(), value);
        }
        mail::queue(tx, draft, &fields)?;
    }
    Ok(())
}
