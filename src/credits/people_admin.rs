//! People and their credit for education staff: search, filters, one person's chain, and what staff may do to it.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::admin::{Educator, Reader};
use super::api::missing;
use super::certificates::{self, rules::kept_until, views as papers};
use super::chain;
use super::claims::{self, Standing};
use super::people::{self, Row, Show, Stand};
use super::{evidence, reminders, views};
use crate::agenda;
use crate::app::App;
use crate::clock::Instant;
use crate::desk::person::registration_of;
use crate::error::{Checks, Error, FieldError, Result};
use crate::events::Event;
use crate::events::rules::{day_words, instant_words};
use crate::http::asker::{Allowed, Permit};
use crate::http::pages::{form_errors, see_other_after, see_other_saying};
use crate::http::{Page, PostedForm};
use crate::ids::ClaimId;
use crate::registration::rules::profession_words;
use crate::setup::forms_admin::to;
use crate::staff::Permission;

/// The filters as they stand in the address.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    show: String,
    #[serde(default)]
    page: String,
}

impl Asked {
    fn page(&self) -> usize {
        self.page.parse().ok().filter(|page| (1..=1_000_000).contains(page)).unwrap_or(1)
    }

    /// The address of another page or filter of the same search.
    fn address(&self, path: &str, show: &str, page: usize) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let page = if page > 1 { page.to_string() } else { String::new() };
        for (name, value) in [("q", self.q.as_str()), ("show", show), ("page", &page)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// People on one page.
const PAGE: usize = 50;

/// What a page shows, and how many each filter has.
#[derive(Default)]
struct Listed {
    rows: Vec<Row>,
    fitting: usize,
    all: usize,
    counts: [usize; Show::ALL.len()],
}

/// `GET /staff/events/{event}/credits/people?q=&show=&page=`
pub async fn index(app: web::Data<App>, allowed: Reader, asked: web::Query<Asked>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, q, now) = (event.clone(), asked.q.clone(), app.now());
    let (shown, first) = (Show::from_word(&asked.show), (asked.page() - 1) * PAGE);
    let listed = app
        .read(move |db| {
            let mut listed = Listed::default();
            people::each(db, &own, &q, now, |row| {
                listed.all += 1;
                for (count, show) in listed.counts.iter_mut().zip(Show::ALL) {
                    *count += usize::from(show.has(&row));
                }
                if shown.is_none_or(|show| show.has(&row)) {
                    if (first..first + PAGE).contains(&listed.fitting) {
                        listed.rows.push(row);
                    }
                    listed.fitting += 1;
                }
                Ok(())
            })?;
            Ok(listed)
        })
        .await?;
    let base = to(event, "credits/people");
    let row = |row: &Row| {
        let (kind, text) = row.stand.words();
        json!({
            "href": to(event, &format!("credits/people/{}", row.registration.code)), "name": row.registration.full_name(), "code": row.registration.code,
            "profession": profession_words(&row.registration.profession), "attended": row.attended, "evaluated": row.evaluated, "claimed": row.claimed,
            "chip": { "kind": kind, "text": text }, "late": row.is_late.then(|| late(row)),
        })
    };
    let filter = |word: &str, text: &str, count: usize| json!({ "href": asked.address(&base, word, 1), "text": text, "count": count, "current": word == shown.map_or("", Show::as_str) });
    let everybody = std::iter::once(filter("", "Everybody who attended", listed.all));
    let filters = everybody.chain(Show::ALL.iter().zip(listed.counts).map(|(show, count)| filter(show.as_str(), show.words(), count)));
    let last = first + listed.rows.len();
    let view = json!({
        "back": to(event, "credits"), "base": base, "q": asked.q, "show": shown.map_or("", Show::as_str), "filters": filters.collect::<Vec<_>>(),
        "people": listed.rows.iter().map(row).collect::<Vec<_>>(), "export": to(event, "credits/reports/people/exports"),
        "may_edit": allowed.identity.may(Permission::EditCredits, &event.id),
        "pages": {
            "text": if last > first { format!("{}–{last} of {}", first + 1, listed.fitting) } else { format!("0 of {}", listed.fitting) },
            "previous": (asked.page() > 1).then(|| asked.address(&base, &asked.show, asked.page() - 1)),
            "next": (last < listed.fitting).then(|| asked.address(&base, &asked.show, asked.page() + 1)),
        },
    });
    Page::new(&app, &allowed.asker, "credits/people").event(event).render(&view)
}

/// The chip of somebody past the deadline: with something open, or late and done.
fn late(row: &Row) -> Value {
    let (kind, text) = if row.stand == Stand::Done { ("note", "Claimed late") } else { ("no", "Past the deadline") };
    json!({ "kind": kind, "text": text })
}

/// `GET /staff/events/{event}/credits/people/{registration}`
pub async fn show(app: web::Data<App>, allowed: Reader, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    page(&app, &allowed, path.into_inner().1, &BTreeMap::new(), &[]).await
}

async fn page<P: Permit>(
    app: &App,
    allowed: &Allowed<P>,
    code: String,
    typed: &BTreeMap<String, String>,
    fields: &[FieldError],
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, now) = (event.clone(), app.now());
    let (registration, chain, claims, held) = app
        .read(move |db| {
            let registration = registration_of(db, &own, &code)?;
            let chain = chain::of_registration(db, &own, &registration, now)?;
            let claims = claims::of_registration(db, &registration.id)?;
            let held = certificates::of_registration(db, &registration.id)?;
            Ok((registration, chain, claims, held))
        })
        .await?;
    let base = to(event, &format!("credits/people/{}", registration.code));
    let certificates = papers::rows(event, &format!("{base}/certificates"), &held)?;
    let claim = |one: &Standing| {
        json!({
            "name": one.code.known().name, "amount": one.code.amount(one.claim.hundredths.into()), "when": instant_words(one.claim.decided_at, event.zone()),
            "action": format!("{base}/claims/{}/reversal", one.claim.id), "id": one.claim.id,
        })
    };
    let (errors, error_for) = form_errors(fields);
    let of = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let view = json!({
        "back": to(event, "credits/people"), "base": base, "name": registration.full_name(), "code": registration.code,
        "profession": profession_words(&registration.profession), "person": to(event, &format!("people/{}", registration.code)),
        "attendance": to(event, &format!("people/{}/attendance", registration.code)), "transcript": format!("{base}/transcript"),
        "licenses": allowed.identity.may(Permission::EditLicenses, &event.id).then(|| to(event, &format!("people/{}/licenses", registration.code))),
        "deadline": views::deadline(event, chain.last_day, now),
        "links": chain.links.iter().map(|link| link_view(event, link, now)).collect::<Vec<_>>(),
        "certificates": certificates, "certificate_name": registration.certificate_name, "credentials": registration.credentials,
        "kept_until": day_words(kept_until(event.ends_on)),
        "claims": claims.iter().map(claim).collect::<Vec<_>>(), "may_edit": allowed.identity.may(Permission::EditCredits, &event.id),
        "typed": { "session": of("session"), "minutes": of("minutes"), "reason": of("reason") }, "errors": errors, "error_for": error_for,
    });
    let status = if fields.is_empty() { 200 } else { 422 };
    Page::new(app, &allowed.asker, "credits/person").event(event).status(status).render(&view)
}

/// A line of the chain as staff read it.
fn link_view(event: &Event, link: &chain::Link, now: Instant) -> Value {
    let mut row = views::link(event, link, now, &missing(link, now));
    if let Some(share) = link.shares.first().filter(|_| link.is_over(now)) {
        row["words"] = json!(views::words_for_staff(link, share));
    }
    row
}

/// `POST /staff/events/{event}/credits/people/{registration}/attestations`: staff say that somebody attended, and why.
pub async fn attest(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<BTreeMap<String, String>>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let code = path.into_inner().1;
    let (own, of, sent) = (event.clone(), code.clone(), typed.clone());
    let done = app
        .write(allowed.actor(), move |tx| {
            let text = |name: &str| sent.get(name).map(String::as_str).unwrap_or_default();
            let registration = registration_of(tx.db, &own, &of)?;
            let mut checks = Checks::new();
            let session = agenda::find(tx.db, &own.id, text("session").trim())?;
            if session.is_none() {
                checks.wrong("session", "unknown", "Enter the code of a session of this event, such as B1.");
            }
            let minutes = checks.whole("minutes", text("minutes"), 1..=1440);
            checks.required("minutes", text("minutes"), "Enter the minutes attended.");
            checks.required("reason", text("reason"), "Say how you know.");
            checks.at_most("reason", text("reason"), 500);
            checks.finish()?;
            let (Some(session), Some(minutes)) = (session, minutes) else { return Err(Error::NotFound) };
            evidence::attest(tx, &own, &registration, &session, minutes.into(), Some(text("reason").trim()))
        })
        .await;
    let to = to(event, &format!("credits/people/{code}"));
    match done {
        Ok(()) => Ok(see_other_saying(&app, &to, "yes", "Kept, with your name and the reason.")),
        Err(Error::Invalid(fields)) => page(&app, &allowed, code, &typed, &fields).await,
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(&app, &to, "no", &message)),
        Err(other) => Err(other),
    }
}

/// Why a claim is taken back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reversal {
    reason: String,
}

/// `POST /staff/events/{event}/credits/people/{registration}/claims/{claim}/reversal`
pub async fn reverse(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String, String)>,
    PostedForm(Reversal { reason }): PostedForm<Reversal>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (_, code, claim) = path.into_inner();
    let (own, of) = (event.clone(), code.clone());
    let done = app
        .write(allowed.actor(), move |tx| {
            let registration = registration_of(tx.db, &own, &of)?;
            claims::reverse(tx, &own, &registration, &ClaimId::from(claim), &reason)
        })
        .await;
    let done = done.map(|()| "The credit is taken back; its sessions may be claimed again.");
    see_other_after(&app, &to(event, &format!("credits/people/{code}")), done)
}

/// `POST /staff/events/{event}/credits/people/{registration}/reminder`
pub async fn remind(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String)>,
    _form: PostedForm<Value>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let code = path.into_inner().1;
    let (own, of) = (event.clone(), code.clone());
    let is_new = app
        .write(allowed.actor(), move |tx| {
            let registration = registration_of(tx.db, &own, &of)?;
            reminders::remind_one(tx, &own, &registration)
        })
        .await?;
    let said = if is_new {
        ("yes", "A reminder goes out, if something is still open.")
    } else {
        ("wait", "This person was reminded today already.")
    };
    Ok(see_other_saying(&app, &to(event, &format!("credits/people/{code}")), said.0, said.1))
}
