//! My credit: the chain of evidence, and the claim in one pass (CEU-2, CEU-4, CEU-5).

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::missing;
use super::certificates::{self, views as papers};
use super::chain::{self, Chain, Link, Total};
use super::claims::{self, Awarded, Wanted};
use super::deadlines::{self, LateDecision, LateRequest};
use super::rules::{Code, hundredths_words, offered, parse_hundredths};
use super::{evidence, open_badges, views};
use crate::agenda;
use crate::app::{App, Tx};
use crate::error::{Checks, Error, FieldError, Result, by_field};
use crate::evaluations::forms::Question;
use crate::evaluations::rules::{Answers, Scope, Standing};
use crate::evaluations::{self, Subject, forms, views as asked};
use crate::events::Event;
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::{Mine, Page, PostedForm};
use crate::registration::Registration;
use crate::reports::{details, identities, identity_pages};

/// Everything that was posted by a form.
type Typed = BTreeMap<String, String>;

fn base(mine: &Mine) -> String {
    format!("/my/{}", mine.registration.code)
}

/// `GET /my/{registration}/credits`
pub async fn index(app: web::Data<App>, mine: Mine) -> Result<HttpResponse> {
    page(&app, &mine, "", &[]).await
}

async fn page(app: &App, mine: &Mine, words: &str, fields: &[FieldError]) -> Result<HttpResponse> {
    let now = app.now();
    let (event, registration) = (mine.event.clone(), mine.registration.clone());
    let (chain, request, statement, held, lacks) = app
        .read(move |db| {
            let chain = chain::of_registration(db, &event, &registration, now)?;
            let held = certificates::of_registration(db, &registration.id)?;
            Ok((
                chain,
                deadlines::request_of(db, &registration.id)?,
                views::accreditation(db, &event)?,
                held,
                open_badges::lacks(db, &event.id, false)?,
            ))
        })
        .await?;
    let event = &mine.event;
    let certificates = papers::rows(event, &format!("{}/certificates", base(mine)), &held)?;
    let is_open = chain.is_open(event, now);
    let (errors, error_for) = form_errors(fields);
    let link = |link: &Link| views::link(event, link, now, &missing(link, now));
    let view = json!({
        "base": base(mine), "code": mine.registration.code, "is_open": is_open, "statement": statement,
        "deadline": views::deadline(event, chain.last_day, now), "zone": crate::events::rules::zone_words(event.zone()),
        "links": chain.links.iter().map(link).collect::<Vec<_>>(), "totals": totals(mine, &chain, chain.is_open_for_some(event, now)),
        "overall": chain.overall.is_some_and(|standing| standing != Standing::Submitted), "asks_overall": chain.overall.is_some(),
        "several": certificates.len() > 1, "certificates": certificates, "claimed": chain.totals.iter().any(|total| total.claimed > 0),
        "gives_open_badges": lacks.is_none(),
        "request": request.map(|(request, decision)| request_view(event, &request, decision.as_ref())),
        "typed": { "words": words }, "errors": errors, "error_for": error_for,
    });
    let status = if fields.is_empty() { 200 } else { 422 };
    Page::new(app, &mine.asker, "credits/chain").event(event).status(status).render(&view)
}

fn totals(mine: &Mine, chain: &Chain, is_open: bool) -> Vec<Value> {
    let row = |code: &Code| {
        let own: Vec<&Total> = chain.totals.iter().filter(|total| total.code == *code).collect();
        let sum = |of: fn(&Total) -> i64| own.iter().map(|total| of(total)).sum::<i64>();
        let (maximum, earned, claimed) = (sum(|total| total.maximum), sum(|total| total.earned), sum(|total| total.claimed));
        json!({
            "name": code.known().name, "maximum": hundredths_words(maximum), "earned": code.amount(earned), "claimed": hundredths_words(claimed),
            "rule": own.first().map(|total| total.rule.clone()),
            "href": (is_open && claimed < earned).then(|| format!("{}/credits/{code}", base(mine))),
        })
    };
    chain.codes().iter().map(row).collect()
}

fn request_view(event: &Event, request: &LateRequest, decision: Option<&LateDecision>) -> Value {
    json!({
        "when": crate::events::rules::instant_words(request.asked_at, event.zone()), "words": request.words,
        "decided": decision.is_some(), "approved": decision.is_some_and(|decision| decision.approved),
        "reply": decision.map(|decision| decision.reply.clone()),
    })
}

/// What the form for a late claim sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Late {
    words: String,
}

/// `POST /my/{registration}/credits/late-request`
pub async fn ask_late(app: web::Data<App>, mine: Mine, PostedForm(Late { words }): PostedForm<Late>) -> Result<HttpResponse> {
    let (event, registration, said) = (mine.event.clone(), mine.registration.clone(), words.clone());
    let to = format!("{}/credits", base(&mine));
    match app.write(mine.actor(), move |tx| deadlines::ask(tx, &event, &registration, &said)).await {
        Ok(()) => Ok(see_other_saying(&app, &to, "yes", "You asked. We write to you as soon as it is decided.")),
        Err(Error::Invalid(fields)) => page(&app, &mine, &words, &fields).await,
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(&app, &to, "no", &message)),
        Err(other) => Err(other),
    }
}

/// What the claim's page needs.
struct Sheet {
    code: Code,
    chain: Chain,
    questions: Vec<Question>,
    done: evaluations::Done,
    statement: String,
}

impl Sheet {
    fn read(db: &mut crate::db::Db, event: &Event, registration: &Registration, code: Code, now: crate::clock::Instant) -> Result<Self> {
        Ok(Self {
            code,
            chain: chain::of_registration(db, event, registration, now)?,
            questions: forms::current(db, &event.id, Scope::Session)?.map(|(_, questions)| questions).unwrap_or_default(),
            done: evaluations::done(db, &registration.id)?,
            statement: views::designation(db, event, code)?,
        })
    }

    /// The sessions that might be claimed with this form, with their share.
    fn rows(&self, now: crate::clock::Instant) -> Vec<(&Link, &chain::Share)> {
        let open = self.chain.links.iter().filter(|link| link.is_over(now) && !link.is_presenter);
        let with_share = open.filter_map(|link| Some((link, link.shares.iter().find(|share| share.code == self.code)?)));
        with_share.filter(|(_, share)| share.claimed.is_none()).collect()
    }
}

/// `GET /my/{registration}/credits/{credit_type}`
pub async fn new(app: web::Data<App>, mine: Mine, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let code = Code::from_word(&path.1).ok_or(Error::NotFound)?;
    claim_page(&app, &mine, code, None, &[]).await
}

async fn claim_page(app: &App, mine: &Mine, code: Code, typed: Option<&Typed>, fields: &[FieldError]) -> Result<HttpResponse> {
    let now = app.now();
    let (event, registration) = (mine.event.clone(), mine.registration.clone());
    let key = identities::key_of(&app.site);
    let (sheet, asks_identity) = app
        .read(move |db| {
            let asks = code == Code::Acpe && details::asks_identity(db, &key, &registration.person_id)?;
            Ok((Sheet::read(db, &event, &registration, code, now)?, asks))
        })
        .await?;
    if !sheet.chain.codes().contains(&code) {
        return Err(Error::NotFound);
    }
    let event = &mine.event;
    let wrong = by_field(fields);
    let earned: i64 = sheet.chain.totals.iter().filter(|total| total.code == code).map(|total| total.earned - total.claimed).sum();
    let mut left = earned;
    let row = |(link, share): (&Link, &chain::Share)| {
        // Where nobody scanned, the total does not know the session yet.
        let offer = if link.has_evidence() { offered(share.most, &mut left) } else { share.of * 100 / 60 };
        row_view(&sheet, event, link, share, offer, typed, &wrong)
    };
    let rows: Vec<Value> = sheet.rows(now).into_iter().map(row).collect();
    let (errors, error_for) = form_errors(fields);
    let view = json!({
        "base": base(mine), "action": format!("{}/credits/{code}", base(mine)), "name": code.known().name, "rows": rows,
        "is_open": sheet.chain.is_open(event, now), "deadline": views::deadline(event, sheet.chain.last_day, now),
        "asked": asks_identity.then(|| identity_pages::fields(typed, &wrong)),
        "earned": code.amount(earned.max(0)), "unit": code.known().units.1, "statement": sheet.statement,
        "confirmed": typed.is_some_and(|typed| typed.get("confirm").is_some_and(|yes| yes == "yes")),
        "errors": errors, "error_for": error_for,
    });
    let status = if fields.is_empty() { 200 } else { 422 };
    Page::new(app, &mine.asker, "credits/claim").event(event).status(status).render(&view)
}

fn row_view(
    sheet: &Sheet,
    event: &Event,
    link: &Link,
    share: &chain::Share,
    offer: i64,
    typed: Option<&Typed>,
    wrong: &BTreeMap<String, String>,
) -> Value {
    let code = &link.session.code;
    let subject = Subject::of(&link.session);
    let is_evaluated = link.evaluation.is_none_or(|standing| standing == Standing::Submitted);
    let kept = sheet.done.draft(&subject).cloned().unwrap_or_default();
    let answers: Answers = typed.map_or(kept, |typed| asked::posted(typed, code));
    let field = |name: &str| format!("{name}-{code}");
    let of = |name: &str| typed.and_then(|typed| typed.get(&field(name)).cloned());
    let has_evidence = link.has_evidence();
    // What nobody scanned is claimed only by who ticks it.
    let chosen = typed.map_or(has_evidence && share.most > 0, |_| of("claim").is_some_and(|yes| yes == "yes"));
    let length = link.session.ends_at.since(link.session.starts_at).num_minutes();
    json!({
        "code": code, "title": link.session.title, "line": views::words(link, share), "bar": views::bar(link, share),
        "claim_id": field("claim"), "credits_id": field("credits"), "minutes_id": field("minutes"), "chosen": chosen,
        "credits": of("credits").unwrap_or_else(|| hundredths_words(offer)),
        "most": hundredths_words(share.most), "asks_minutes": !has_evidence, "length": length,
        "minutes": of("minutes").unwrap_or_else(|| length.to_string()), "is_evaluated": is_evaluated,
        "questions": if is_evaluated { Vec::new() } else { asked::questions(&sheet.questions, code, &answers, wrong) },
        "claim_error": wrong.get(&field("claim")), "credits_error": wrong.get(&field("credits")), "minutes_error": wrong.get(&field("minutes")),
        "when": crate::events::rules::span_words(link.session.starts_at, link.session.ends_at, event.zone()),
    })
}

/// `POST /my/{registration}/credits/{credit_type}`: attests, evaluates and claims, all of it or nothing.
pub async fn create(
    app: web::Data<App>,
    mine: Mine,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<Typed>,
) -> Result<HttpResponse> {
    let code = Code::from_word(&path.1).ok_or(Error::NotFound)?;
    let (event, registration, sent) = (mine.event.clone(), mine.registration.clone(), typed.clone());
    let done = app
        .write(mine.actor(), move |tx| {
            let identified = identity_pages::take(tx, &registration, code, &sent);
            identity_pages::both(identified, take(tx, &event, &registration, code, &sent))
        })
        .await;
    match done {
        Ok(awarded) => {
            let said = format!("You claimed {} of {}.", code.amount(awarded.hundredths()), code.known().name);
            if awarded.certificates.made() == 0 {
                return Ok(see_other_saying(&app, &format!("{}/credits", base(&mine)), "yes", &said));
            }
            let said = format!("{said} Your certificate is ready.");
            Ok(see_other_saying(&app, &format!("{}/credits#certificates", base(&mine)), "yes", &said))
        }
        Err(Error::Invalid(fields)) => claim_page(&app, &mine, code, Some(&typed), &fields).await,
        Err(Error::Refused { code: reason, message }) => {
            let field = FieldError { field: "confirm".to_owned(), code: reason, detail: message };
            claim_page(&app, &mine, code, Some(&typed), &[field]).await
        }
        Err(other) => Err(other),
    }
}

fn take(tx: &mut Tx<'_>, event: &Event, registration: &Registration, code: Code, typed: &Typed) -> Result<Awarded> {
    claims::check_open(tx.db, event, &registration.id, &[], tx.now).or_else(|closed| {
        // An extension for a session opens that session.
        let named: Vec<String> = typed.keys().filter_map(|name| name.strip_prefix("claim-")).map(str::to_owned).collect();
        let wanted: Vec<Wanted> = named.into_iter().map(|session| Wanted { session, hundredths: 0 }).collect();
        if wanted.is_empty() { Err(closed) } else { claims::check_deadline(tx, event, registration, &wanted).map(drop) }
    })?;
    let sheet = Sheet::read(tx.db, event, registration, code, tx.now)?;
    let mut checks = Checks::new();
    let (mut wanted, mut fields) = (Vec::new(), Vec::new());
    for (link, _) in sheet.rows(tx.now) {
        let name = &link.session.code;
        let of = |part: &str| typed.get(&format!("{part}-{name}")).map(String::as_str).unwrap_or_default();
        if of("claim") != "yes" {
            continue;
        }
        if !link.has_evidence() {
            let minutes = checks.whole(&format!("minutes-{name}"), of("minutes"), 1..=1440);
            let session = agenda::get(tx.db, &event.id, name)?;
            match minutes.map(|minutes| evidence::attest(tx, event, registration, &session, minutes.into(), None)) {
                Some(Err(Error::Invalid(wrong))) => {
                    fields.extend(wrong.into_iter().map(|one| FieldError { field: format!("minutes-{name}"), ..one }))
                }
                Some(other) => other?,
                None => checks.wrong(
                    &format!("minutes-{name}"),
                    "required",
                    format!("Enter how many minutes of “{}” you attended.", session.title),
                ),
            }
        }
        if link.evaluation.is_some_and(|standing| standing != Standing::Submitted) {
            let subject = Subject::of(&link.session);
            match evaluations::submit(tx, event, registration, &subject, &asked::posted(typed, name), &asked::prefix(name)) {
                Err(Error::Invalid(wrong)) => fields.extend(wrong),
                other => other?,
            }
        }
        match parse_hundredths(of("credits")) {
            Some(hundredths) => wanted.push(Wanted { session: name.clone(), hundredths }),
            None => checks.wrong(&format!("credits-{name}"), "number", "Write it as 0.75."),
        }
    }
    if wanted.is_empty() && fields.is_empty() && checks.is_clean() {
        checks.wrong("confirm", "required", "Tick the sessions whose credit you claim.");
    }
    if typed.get("confirm").is_none_or(|yes| yes != "yes") {
        checks.wrong("confirm", "required", "Confirm that you took part as you say.");
    }
    if let Err(Error::Invalid(wrong)) = checks.finish() {
        fields.extend(wrong);
    }
    if !fields.is_empty() {
        return Err(Error::Invalid(fields));
    }
    claims::claim(tx, event, registration, code.as_str(), &wanted)
}
