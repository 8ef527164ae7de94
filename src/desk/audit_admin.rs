//! The history of an event: who changed what, newest first, by actor, action and day (ACC-4).

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::history::{self, Filter, Line};
use super::queries;
use super::rules::{Change, action_words};
use crate::app::App;
use crate::clock::Instant;
use crate::error::Result;
use crate::events::Event;
use crate::events::rules::{day_words, end_of_day};
use crate::http::asker::{Allowed, permit};
use crate::http::pages::Page;
use crate::ids::AuditEntryId;
use crate::staff::Permission;

/// Entries on one page.
const PAGE: i64 = 100;

/// The filters as they stand in the address; `who` is a kind of actor, or `staff:ID` for one of the staff.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    who: Option<String>,
    action: Option<String>,
    from: Option<String>,
    to: Option<String>,
    before: Option<String>,
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

impl Asked {
    fn filter(&self, event: &Event) -> Filter {
        let zone = event.zone();
        let day = |text: &Option<String>| given(text).and_then(|text| text.parse::<NaiveDate>().ok());
        let (kind, actor) = given(&self.who).map_or((None, None), |who| {
            let (kind, actor) = history::split_label(who);
            (Some(kind.to_owned()), actor.map(str::to_owned))
        });
        Filter {
            actor_kind: kind,
            actor,
            action: given(&self.action).map(str::to_owned),
            from: day(&self.from).map(|day| Instant::start_of_day(day, zone)),
            until: day(&self.to).map(|day| end_of_day(day, zone)),
            before: given(&self.before).map(|id| AuditEntryId::from(id.to_owned())),
        }
    }

    fn older_than(&self, base: &str, id: &AuditEntryId) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("who", &self.who), ("action", &self.action), ("from", &self.from), ("to", &self.to)] {
            if let Some(value) = given(value) {
                query.append_pair(name, value);
            }
        }
        query.append_pair("before", id.as_str());
        format!("{base}?{}", query.finish())
    }
}

/// `GET /staff/events/{event}/audit`
pub async fn index(app: web::Data<App>, allowed: Allowed<permit::SeeAudit>, asked: web::Query<Asked>) -> Result<HttpResponse> {
    let (event, asked) = (allowed.event()?.clone(), asked.into_inner());
    let may_see_accommodation = allowed.identity.may(Permission::SeeAccommodation, &event.id);
    let (filter, of_event) = (asked.filter(&event), event.clone());
    let (rows, actions, members) = app
        .read(move |db| {
            let entries = history::of_event(db, &of_event.id, &filter, PAGE)?;
            let lines = history::lines(db, &entries, may_see_accommodation)?;
            let codes = queries::codes_of(db, lines.iter().filter_map(|line| line.registration.as_ref()))?;
            let rows: Vec<(Line, Option<String>)> = lines
                .into_iter()
                .map(|line| {
                    let about = line.registration.as_ref().and_then(|id| codes.get(id)).cloned();
                    (line, about)
                })
                .collect();
            Ok((rows, history::actions_of(db, &of_event.id)?, history::staff_of(db, &of_event.id)?))
        })
        .await?;
    let base = format!("/staff/events/{}/audit", event.slug);
    let older = rows.last().filter(|_| rows.len() as i64 == PAGE).map(|(line, _)| asked.older_than(&base, &line.id));
    let view = json!({
        "base": base, "people": format!("/staff/events/{}/people", event.slug),
        "from": asked.from, "to": asked.to, "newer": given(&asked.before).map(|_| base.clone()), "older": older,
        "entries": rows.iter().map(|(line, about)| entry_view(&event, line, about.as_deref())).collect::<Vec<_>>(),
        "actors": actor_options(&asked, members),
        "actions": options(given(&asked.action), "Every action", actions.into_iter().map(|action| (action.clone(), action_words(&action)))),
    });
    Page::new(&app, &allowed.asker, "desk/audit").event(&event).render(&view)
}

fn actor_options(asked: &Asked, members: Vec<(String, String)>) -> Vec<Value> {
    let kinds = [
        ("staff", "Staff"),
        ("attendee", "Attendees"),
        ("device", "Paired phones"),
        ("token", "Programs and devices with a token"),
        ("public", "Before signing in"),
        ("service", "The service itself"),
    ];
    let kinds = kinds.into_iter().map(|(kind, text)| (kind.to_owned(), text.to_owned()));
    let members = members.into_iter().map(|(id, name)| (format!("staff:{id}"), name));
    options(given(&asked.who), "Everybody", kinds.chain(members))
}

fn options(chosen: Option<&str>, all: &str, rows: impl Iterator<Item = (String, String)>) -> Vec<Value> {
    let chosen = chosen.unwrap_or_default();
    let every = std::iter::once((String::new(), all.to_owned()));
    every.chain(rows).map(|(value, text)| json!({ "selected": value == chosen, "value": value, "text": text })).collect()
}

/// An entry as the history lists show it.
pub(super) fn entry_view(event: &Event, line: &Line, about: Option<&str>) -> Value {
    let local = line.at.in_zone(event.zone());
    json!({
        "when": format!("{}, {}", day_words(local.date_naive()), local.format("%-I:%M:%S %p")),
        "what": line.what, "who": line.who, "reason": line.reason, "about": about,
        "changes": line.changes.iter().map(Change::words).collect::<Vec<_>>(),
    })
}
