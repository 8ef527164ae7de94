//! Registering, third screen: the explained price, the code that proves the e-mail, and placing the order.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::drafts::{self, BuyerText, Content, Draft};
use super::pages::{confirmation_href, count, steps};
use super::rules::profession_words;
use super::{Represents, hospital_choice};
use crate::app::{App, Tx};
use crate::clock::Instant;
use crate::db::Db;
use crate::enrollment::rules::has_free_seat;
use crate::error::{Error, FieldError, Result};
use crate::events::{self, Event, rules as days};
use crate::http::pages::form_errors;
use crate::http::{Asker, Page, PostedForm, see_other};
use crate::money::format_cents;
use crate::orders::drafted::{self, Sent, buyer, fields_of, place_draft, quoted, verdict};
use crate::orders::quote::{Quote, needs_approval};
use crate::orders::{choices, receipt};
use crate::people::rules::email_key;
use crate::people::sign_in::{Checked, Purpose, try_code};
use crate::pricing::rules::HospitalVerdict;

/// The third screen as it is posted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReviewForm {
    /// Which button: `place`, `verify`, `resend`, `apply`; none when a field was sent by the Enter key.
    r#do: String,
    /// The total that the page showed, in cents.
    total: String,
    email_code: String,
    discount_code: String,
    buyer_name: String,
    buyer_email: String,
    buyer_organization: String,
}

/// What the screen shows.
struct Screen {
    event: Event,
    secret: String,
    content: Content,
    /// The price, or why there is none.
    priced: std::result::Result<Quote, Error>,
    hospital: Option<String>,
    sessions: Vec<Value>,
    wrong: Vec<FieldError>,
    /// Kind and text of a message on top.
    said: Option<(&'static str, String)>,
    status: u16,
}

/// What came of a request.
enum Came {
    Show(Box<Screen>),
    GoTo(String),
}

/// `GET /events/{event}/register/{draft}/review`.
pub async fn show(app: web::Data<App>, asker: Asker, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (slug, secret) = path.into_inner();
    let now = app.now();
    let came = app.read(move |db| {
        let event = events::get_published(db, &slug)?;
        let draft = drafts::get(db, &event.id, &secret, now)?;
        look(db, event, secret, draft, now)
    });
    answer(&app, &asker, came.await?)
}

/// The screen of a draft, or where one that is not ready for it leads.
fn look(db: &mut Db, event: Event, secret: String, draft: Draft, now: Instant) -> Result<Came> {
    if draft.order_id.is_some() {
        return Ok(Came::GoTo(confirmation_href(&event, &secret)));
    }
    let content = draft.content()?;
    if content.registration_type.is_empty() {
        return Ok(Came::GoTo(format!("/events/{}/register/{secret}/sessions", event.slug)));
    }
    let (priced, wrong) = price(db, &event, &draft, &content, now)?;
    let ccn = content.hospital_ccn.as_deref().filter(|ccn| !ccn.is_empty());
    let hospital = ccn.map(|ccn| hospital_choice::by_ccn(db, ccn)).transpose()?.flatten();
    let sessions = choices::chosen(db, &event, &content)?.into_iter().map(|(session, seats)| {
        let is_free = !session.registration_required || has_free_seat(session.capacity, seats.taken);
        let chip = if is_free { json!({ "kind": "yes", "text": "Seat" }) } else { json!({ "kind": "wait", "text": "Full: you wait" }) };
        json!({ "title": session.title, "code": session.code, "when": days::span_words(session.starts_at, session.ends_at, event.zone()), "chip": chip })
    });
    Ok(Came::Show(Box::new(Screen {
        sessions: sessions.collect(),
        hospital: hospital.map(|hospital| format!("{}, {}, {}", hospital.name, hospital.city, hospital.state)),
        status: if wrong.is_empty() && priced.is_ok() { 200 } else { 422 },
        said: None,
        event,
        secret,
        content,
        priced,
        wrong,
    })))
}

/// The price of a draft; a discount code that does not fit is said, and the price is shown without it.
fn price(
    db: &mut Db,
    event: &Event,
    draft: &Draft,
    content: &Content,
    now: Instant,
) -> Result<(std::result::Result<Quote, Error>, Vec<FieldError>)> {
    match quoted(db, event, draft, content, now) {
        Ok(quote) => Ok((Ok(quote), Vec::new())),
        Err(Error::Invalid(wrong)) => {
            let wrong = fields_of(wrong, content);
            let without = Content { discount_code: String::new(), ..content.clone() };
            match quoted(db, event, draft, &without, now) {
                Err(Error::Internal(cause)) => Err(Error::Internal(cause)),
                priced => Ok((priced, wrong)),
            }
        }
        Err(Error::Refused { code, message }) => Ok((Err(Error::Refused { code, message }), Vec::new())),
        Err(other) => Err(other),
    }
}

/// `POST /events/{event}/register/{draft}/review`: keeps what was typed, tries the code, and places the order.
pub async fn create(
    app: web::Data<App>,
    asker: Asker,
    path: web::Path<(String, String)>,
    form: PostedForm<ReviewForm>,
) -> Result<HttpResponse> {
    count(&app, &asker)?;
    let (slug, secret) = path.into_inner();
    let form = form.0;
    if matches!(form.r#do.as_str(), "verify" | "resend") || !form.email_code.trim().is_empty() {
        app.limits.sign_ins.take_address(&asker.address)?;
    }
    let shown_cents = form.total.parse().unwrap_or(0);
    let is_order = form.r#do == "place";
    let kept = {
        let (slug, secret) = (slug.clone(), secret.clone());
        app.write(asker.actor(), move |tx| keep(tx, &slug, secret, &form)).await?
    };
    let mut screen = match kept {
        Came::Show(screen) if is_order && screen.wrong.is_empty() && screen.priced.is_ok() => screen,
        other => return answer(&app, &asker, other),
    };
    let sent = {
        let (event, secret) = (screen.event.clone(), secret.clone());
        app.write(asker.actor(), move |tx| place_draft(tx, &event, &secret, shown_cents)).await
    };
    match sent {
        Ok(Sent::Placed(_) | Sent::Already) => return Ok(see_other(&confirmation_href(&screen.event, &secret))),
        Ok(Sent::Dearer) => {
            screen.said = Some(("wait", "The price has changed since you saw it. Nothing was ordered: check the new price.".to_owned()));
            screen.status = 409;
        }
        Err(Error::Invalid(wrong)) => {
            screen.wrong = fields_of(wrong, &screen.content);
            screen.status = 422;
        }
        Err(Error::Refused { message, .. }) => {
            screen.said = Some(("no", format!("{message} Nothing was ordered, and what you typed is kept.")));
            screen.status = 409;
        }
        Err(other) => return Err(other),
    }
    answer(&app, &asker, Came::Show(screen))
}

/// Keeps what was typed and does what the pressed button asks for, short of placing the order.
fn keep(tx: &mut Tx<'_>, slug: &str, secret: String, form: &ReviewForm) -> Result<Came> {
    let event = events::get_published(tx.db, slug)?;
    let draft = drafts::hold(tx, &event.id, &secret)?;
    if draft.order_id.is_some() {
        return Ok(Came::GoTo(confirmation_href(&event, &secret)));
    }
    let before = draft.content()?;
    let content = Content {
        discount_code: form.discount_code.clone(),
        buyer: BuyerText { name: form.buyer_name.clone(), email: form.buyer_email.clone(), organization: form.buyer_organization.clone() },
        ..before
    };
    drafts::save(tx, &draft, &content)?;
    let (said, wrong) = answer_code(tx, &event, &draft, &content, form)?;
    let draft = drafts::get(tx.db, &event.id, &secret, tx.now)?;
    let now = tx.now;
    let mut came = look(tx.db, event, secret, draft, now)?;
    if let Came::Show(screen) = &mut came {
        if !wrong.is_empty() {
            screen.status = 422;
        }
        screen.wrong.extend(wrong);
        screen.said = said;
    }
    Ok(came)
}

type Told = (Option<(&'static str, String)>, Vec<FieldError>);

/// Mails another code, or tries the one that was typed.
fn answer_code(tx: &mut Tx<'_>, event: &Event, draft: &Draft, content: &Content, form: &ReviewForm) -> Result<Told> {
    let wrong = |detail: &str| vec![FieldError { field: "email_code".to_owned(), code: "wrong", detail: detail.to_owned() }];
    if form.r#do == "resend" && drafted::waits_for_code(tx.db, event, draft, content, tx.now)? {
        return match drafted::mail_code(tx, event, draft, content) {
            Ok(()) => Ok((Some(("yes", format!("We mailed a new code to {}.", content.details.email))), Vec::new())),
            Err(Error::TooMany { .. }) => {
                let said = "We mailed several codes there already. Wait 15 minutes, or go on without the code: our staff then check it.";
                Ok((None, wrong(said)))
            }
            Err(other) => Err(other),
        };
    }
    let Some(key) = email_key(&content.details.email).filter(|key| draft.verified_email_key.as_ref() != Some(key)) else {
        return Ok((None, Vec::new()));
    };
    if form.email_code.trim().is_empty() {
        let missing = if form.r#do == "verify" { wrong("Type the six digits of the code we mailed to you.") } else { Vec::new() };
        return Ok((None, missing));
    }
    match try_code(tx, Purpose::Email, &key, &form.email_code)? {
        Checked::Good(_) => {
            drafts::verified(tx, draft, &key)?;
            Ok((Some(("yes", "Your e-mail address is confirmed.".to_owned())), Vec::new()))
        }
        Checked::Wrong => Ok((None, wrong("This code is wrong or too old. Look for the newest letter, or let us mail a new code."))),
    }
}

fn answer(app: &App, asker: &Asker, came: Came) -> Result<HttpResponse> {
    let screen = match came {
        Came::GoTo(path) => return Ok(see_other(&path)),
        Came::Show(screen) => screen,
    };
    let mut page = Page::new(app, asker, "registration/review").event(&screen.event).status(screen.status);
    if let Some((kind, text)) = &screen.said {
        page = page.say(kind, text.clone());
    }
    page.render(&view(&screen))
}

fn view(screen: &Screen) -> Value {
    let Screen { event, secret, content, .. } = screen;
    let base = format!("/events/{}/register/{secret}", event.slug);
    let (errors, error_for) = form_errors(&screen.wrong);
    let buyer = buyer(content);
    json!({
        "steps": steps(event, Some(secret), 2), "errors": errors, "error_for": error_for,
        "action": format!("{base}/review"), "who_href": base, "sessions_href": format!("{base}/sessions"),
        "facts": facts(content, screen.hospital.as_deref()), "sessions": screen.sessions,
        "price": price_view(screen), "proof": proof_view(screen), "discount_code": content.discount_code,
        "buyer": { "name": buyer.name, "email": buyer.email, "organization": buyer.organization },
    })
}

/// Who registers, as labels and words.
fn facts(content: &Content, hospital: Option<&str>) -> Vec<Value> {
    let details = content.details.tidied();
    let come_as = match details.represents {
        Some(Represents::PatientFamily) => "A patient or family member",
        _ => "A professional",
    };
    let sponsors = if details.sponsors_opt_in { "May learn your name and organization" } else { "Learn nothing about you" };
    let rows = [
        ("Name on the badge", details.badge_name),
        ("Name on certificates", details.certificate_name),
        ("E-mail", details.email),
        ("Profession", profession_words(&details.profession).to_owned()),
        ("Credentials", details.credentials),
        ("Hospital", hospital.unwrap_or("None").to_owned()),
        ("Organization", details.organization),
        ("You come as", come_as.to_owned()),
        ("Dietary needs", details.dietary),
        ("What you need", details.accommodation),
        ("Sponsors", sponsors.to_owned()),
    ];
    rows.into_iter().filter(|(_, text)| !text.is_empty()).map(|(label, text)| json!({ "label": label, "text": text })).collect()
}

fn price_view(screen: &Screen) -> Value {
    let event = &screen.event;
    match &screen.priced {
        Err(refusal) => json!({ "refusal": refusal.to_string(), "quote": null }),
        Ok(quote) => {
            let total = quote.total_cents();
            let waits = matches!(verdict(quote), Some(HospitalVerdict::Doubtful { .. } | HospitalVerdict::VerifyFirst { .. }));
            let due = match () {
                () if waits => "The invoice waits until our staff have decided.".to_owned(),
                () => format!("Due within {} days. Your place is confirmed now.", event.invoice_due_days),
            };
            let note = format!("Prices in {}. They are frozen for this order once you register.", event.currency);
            json!({
                "refusal": null, "quote": receipt::of_quote(quote, Some(note)), "total_cents": total, "is_free": total == 0,
                "payments": [{ "value": "invoice", "text": "Invoice or purchase order", "hint": due, "side": format_cents(total, &event.currency), "checked": true }],
                "approval": quote.lines.iter().any(|line| needs_approval(&line.kind)),
            })
        }
    }
}

/// What is still to be proved about the hospital, and how.
fn proof_view(screen: &Screen) -> Value {
    let Ok(quote) = &screen.priced else { return json!({ "verify": false, "doubt": null }) };
    let email = screen.content.details.email.trim();
    match verdict(quote) {
        Some(HospitalVerdict::VerifyFirst { reason }) => json!({
            "verify": true, "doubt": null, "email": email, "reason": reason, "percent": screen.event.recognized_discount_percent,
            "mailed": screen.content.code_mailed_to.is_some() && screen.content.code_mailed_to == email_key(email),
        }),
        Some(HospitalVerdict::Doubtful { reason }) => json!({ "verify": false, "doubt": reason }),
        _ => json!({ "verify": false, "doubt": null }),
    }
}
