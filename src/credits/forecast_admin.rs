//! The forecast: people and hours about to be lost, drawn by day, and one click to the reminder (CEU-5).

use actix_web::{HttpResponse, web};
use chrono::{Duration, NaiveDate};
use serde_json::{Value, json};

use super::admin::{Educator, Reader};
use super::forecast::{self, Forecast};
use super::reminders;
use super::rules::hundredths_words;
use crate::app::App;
use crate::error::Result;
use crate::events::Event;
use crate::events::deadline::Deadline;
use crate::events::rules::day_words;
use crate::http::pages::see_other_saying;
use crate::http::{Page, PostedForm};
use crate::setup::forms_admin::to;
use crate::staff::Permission;

/// The most days that are drawn.
const MOST_DAYS: i64 = 60;
const HEIGHT: i64 = 200;
const WIDTH: i64 = 1200;

/// `GET /staff/events/{event}/credits/forecast`
pub async fn show(app: web::Data<App>, allowed: Reader) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, now) = (event.clone(), app.now());
    let (told, sent) = app.read(move |db| Ok((forecast::forecast(db, &own, now)?, reminders::sent(db, &own.id)?))).await?;
    let today = now.date_in(event.zone());
    let bars = bars(event, &told, today);
    let sessions: Vec<Value> = told
        .by_session
        .iter()
        .map(|(session, people, hundredths)| json!({ "code": session.code, "title": session.title, "people": people, "hours": hundredths_words(*hundredths) }))
        .collect();
    let occasion = |word: &str| match word.parse::<i64>() {
        Ok(days) => format!("{days} days before"),
        Err(_) => word.parse::<NaiveDate>().map_or_else(|_| word.to_owned(), |day| format!("By hand, {}", day_words(day))),
    };
    let view = json!({
        "back": to(event, "credits"), "deadline": event.claims_close_on.map(|day| Deadline::of_day(day, event.zone(), now)),
        "people": told.people, "attended": told.attended, "hours": hundredths_words(told.open), "lost": lost(event, &told, today).map(hundredths_words),
        "bars": bars, "sessions": sessions, "action": to(event, "credits/forecast/reminders"),
        "may_edit": allowed.identity.may(Permission::EditCredits, &event.id) && told.people > 0,
        "sent": sent.iter().map(|(word, count)| json!({ "occasion": occasion(word), "count": count })).collect::<Vec<_>>(),
        "planned": event.claims_close_on.map(|day| reminders::days_before(day).into_iter().map(day_words).collect::<Vec<_>>().join(", ")),
    });
    Page::new(&app, &allowed.asker, "credits/forecast").event(event).render(&view)
}

/// What will be open when claims close, when as much is claimed each day as in the last seven.
fn lost(event: &Event, told: &Forecast, today: NaiveDate) -> Option<i64> {
    let left = (event.claims_close_on? - today).num_days() + 1;
    if left <= 0 {
        return None;
    }
    let lately: i64 = told.claimed_on.range(today - Duration::days(6)..=today).map(|(_, hundredths)| hundredths).sum();
    Some((told.open - lately * left / 7).max(0))
}

/// What was still open at the end of each day, from the event's last day until today.
fn bars(event: &Event, told: &Forecast, today: NaiveDate) -> Vec<Value> {
    let first = event.ends_on.max(today - Duration::days(MOST_DAYS - 1));
    let last = event.claims_close_on.map_or(today, |day| day.min(today));
    let days: Vec<NaiveDate> = first.iter_days().take_while(|day| *day <= last).collect();
    let open_at =
        |day: NaiveDate| told.open + told.claimed_on.range(day.succ_opt().unwrap_or(day)..).map(|(_, hundredths)| hundredths).sum::<i64>();
    let most = days.iter().map(|day| open_at(*day)).max().unwrap_or_default().max(1);
    let step = WIDTH / i64::try_from(days.len()).unwrap_or(1).max(1);
    // A date under every bar would be a blot: about ten of them are told.
    let every = days.len().div_ceil(10).max(1);
    days.iter()
        .enumerate()
        .map(|(index, day)| {
            let (open, x) = (open_at(*day), i64::try_from(index).unwrap_or_default() * step);
            let height = open * HEIGHT / most;
            json!({
                "day": day_words(*day), "hours": hundredths_words(open), "claimed": hundredths_words(told.claimed_on.get(day).copied().unwrap_or_default()),
                "x": x + 2, "width": (step - 4).max(1), "y": 40 + HEIGHT - height, "height": height, "middle": x + step / 2, "above": 34 + HEIGHT - height,
                "label": index.is_multiple_of(every).then(|| day.format("%-d %b").to_string()),
                "count": index.is_multiple_of(every).then(|| (open / 100).to_string()),
            })
        })
        .collect()
}

/// `POST /staff/events/{event}/credits/forecast/reminders`
pub async fn remind(app: web::Data<App>, allowed: Educator, _form: PostedForm<Value>) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let own = event.clone();
    let count = app.write(allowed.actor(), move |tx| reminders::remind_all(tx, &own)).await?;
    let said = match count {
        0 => "Everybody was reminded today already.".to_owned(),
        1 => "One person is looked at and reminded, if something is still open.".to_owned(),
        count => format!("{count} people are looked at and reminded, if something is still open."),
    };
    Ok(see_other_saying(&app, &to(&event, "credits/forecast"), if count == 0 { "wait" } else { "yes" }, &said))
}
