//! What staff do to a registration with a word of explanation: cancel it, take its conversion back, replace its badge,
//! give a sign-in code, record a payment.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::person::registration_of;
use super::person_admin::base;
use crate::app::App;
use crate::badges;
use crate::error::{Error, FieldError, Result};
use crate::events::Event;
use crate::http::asker::{Allowed, Asker, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::{Page, form_errors, see_other_saying};
use crate::ids::{BadgeId, PaymentId};
use crate::money::{format_cents, parse_cents, plain_cents};
use crate::orders::{self, conversion};
use crate::people::{self, sign_in};
use crate::registration::Registration;

type Path = web::Path<(String, String)>;

/// What a form with one line of explanation sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Explained {
    reason: String,
    checked: String,
    /// The badge that the page showed, where it is about a badge.
    badge: String,
}

/// What the form of a payment sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PaymentForm {
    /// Made with the page: the payment's own id, so that a form sent twice is one payment.
    #[serde(default)]
    id: String,
    amount: String,
    reference: String,
}

/// A page that asks for one line before something is done.
struct Ask {
    /// The last part of its address.
    path: &'static str,
    title: &'static str,
    lead: &'static str,
    field: &'static str,
    label: &'static str,
    hint: &'static str,
    button: &'static str,
    danger: bool,
}

const CANCELLATION: Ask = Ask {
    path: "cancellation",
    title: "Cancel this registration",
    lead: "Every seat is given up and goes to those who wait, and nothing more is owed for this person. The badge no longer opens doors. This cannot be undone.",
    field: "reason",
    label: "Why it is canceled",
    hint: "Kept in the history, for example “asked for by phone”.",
    button: "Cancel this registration",
    danger: true,
};

const TAKING_BACK: Ask = Ask {
    path: "conversion/removal",
    title: "Take the conversion back",
    lead: "The registration is again the complimentary one that it was, with its place and what was attended. The order of the conversion is credited, so nothing is owed for it; seats in sessions that only it covered are given up. The person is told, and may be taken on again.",
    field: "reason",
    label: "Why it is taken back",
    hint: "Kept in the history, for example “ordered by mistake”.",
    button: "Take the conversion back",
    danger: true,
};

const BADGE: Ask = Ask {
    path: "badge",
    title: "Replace the badge",
    lead: "The old badge stops working at every door, its scans stay. The new one is printed at the desk and stands in the portal.",
    field: "reason",
    label: "Why it is replaced",
    hint: "For example “lost”.",
    button: "Revoke the old badge and make a new one",
    danger: false,
};

const SIGN_IN_CODE: Ask = Ask {
    path: "sign-in-code",
    title: "Give a sign-in code",
    lead: "For somebody whose mail does not arrive. Check who it is first: whoever has the code sees and changes this registration.",
    field: "checked",
    label: "How you checked who it is",
    hint: "For example “photo ID”. Kept in the history with your name.",
    button: "Show the code",
    danger: false,
};

async fn find(app: &App, event: &Event, code: String) -> Result<Registration> {
    let event = event.clone();
    app.read(move |db| registration_of(db, &event, &code)).await
}

/// Where a question is asked: by whom, about which registration.
struct Desk<'a> {
    app: &'a App,
    asker: &'a Asker,
    event: &'a Event,
    registration: &'a Registration,
    /// The badge that the page shows, where it is about a badge.
    badge: Option<BadgeId>,
}

impl Desk<'_> {
    fn base(&self) -> String {
        base(self.event, &self.registration.code)
    }

    fn ask(&self, ask: &Ask, typed: &str, fields: &[FieldError]) -> Result<HttpResponse> {
        let (errors, error_for) = form_errors(fields);
        let view = json!({
            "base": self.base(), "name": self.registration.full_name(), "path": ask.path, "title": ask.title, "lead": ask.lead,
            "field": ask.field, "label": ask.label, "hint": ask.hint, "button": ask.button, "danger": ask.danger, "typed": typed,
            "badge": self.badge, "errors": errors, "error": error_for.get(ask.field).cloned().unwrap_or(Value::Null),
        });
        let status = if fields.is_empty() { 200 } else { 422 };
        Page::new(self.app, self.asker, "desk/ask").event(self.event).status(status).render(&view)
    }

    fn answer(&self, ask: &Ask, typed: &str, done: Result<()>, said: &str) -> Result<HttpResponse> {
        match done {
            Ok(()) => Ok(see_other_saying(self.app, &self.base(), "yes", said)),
            Err(Error::Invalid(fields)) => self.ask(ask, typed, &fields),
            Err(Error::Refused { message, .. }) => Ok(see_other_saying(self.app, &self.base(), "no", &message)),
            Err(error) => Err(error),
        }
    }
}

/// `GET …/cancellation`
pub async fn ask_cancellation(app: web::Data<App>, allowed: Allowed<permit::EditRegistrations>, path: Path) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let registration = find(&app, event, path.into_inner().1).await?;
    Desk { app: &app, asker: &allowed.asker, event, registration: &registration, badge: None }.ask(&CANCELLATION, "", &[])
}

/// `POST …/cancellation`
pub async fn cancel(
    app: web::Data<App>,
    allowed: Allowed<permit::EditRegistrations>,
    path: Path,
    form: PostedForm<Explained>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let registration = find(&app, event, path.into_inner().1).await?;
    let (held, reason) = (registration.clone(), form.0.reason);
    let typed = reason.clone();
    let done = app.write(allowed.actor(), move |tx| orders::cancel_registration(tx, &held, &reason));
    let said = "The registration is canceled; its seats went to those who waited.";
    Desk { app: &app, asker: &allowed.asker, event, registration: &registration, badge: None }.answer(
        &CANCELLATION,
        &typed,
        done.await,
        said,
    )
}

/// `GET …/conversion/removal`; not found where there is no conversion.
pub async fn ask_taking_back(app: web::Data<App>, allowed: Allowed<permit::EditRegistrations>, path: Path) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let registration = find(&app, event, path.into_inner().1).await?;
    let id = registration.id.clone();
    app.read(move |db| conversion::find(db, &id)?.ok_or(Error::NotFound)).await?;
    Desk { app: &app, asker: &allowed.asker, event, registration: &registration, badge: None }.ask(&TAKING_BACK, "", &[])
}

/// `POST …/conversion/removal`
pub async fn take_back(
    app: web::Data<App>,
    allowed: Allowed<permit::EditRegistrations>,
    path: Path,
    form: PostedForm<Explained>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let registration = find(&app, event, path.into_inner().1).await?;
    let (own, id, reason) = (event.clone(), registration.id.clone(), form.0.reason);
    let typed = reason.clone();
    let done = app.write(allowed.actor(), move |tx| conversion::take_back(tx, &own, &id, &reason)).await;
    let said = "The conversion is taken back; nothing is owed for it, and the person is told.";
    let desk = Desk { app: &app, asker: &allowed.asker, event, registration: &registration, badge: None };
    desk.answer(&TAKING_BACK, &typed, done, said)
}

/// `GET …/badge`
pub async fn ask_badge(app: web::Data<App>, allowed: Allowed<permit::ScanBadges>, path: Path) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let registration = find(&app, event, path.into_inner().1).await?;
    let id = registration.id.clone();
    let badge = app.read(move |db| badges::of_registration(db, &id)).await?.map(|badge| badge.id);
    Desk { app: &app, asker: &allowed.asker, event, registration: &registration, badge }.ask(&BADGE, "", &[])
}

/// `POST …/badge`: replaces the badge that the page showed; sent twice, the first replacement stands.
pub async fn replace_badge(
    app: web::Data<App>,
    allowed: Allowed<permit::ScanBadges>,
    path: Path,
    form: PostedForm<Explained>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let registration = find(&app, event, path.into_inner().1).await?;
    let (held, reason, shown) = (registration.clone(), form.0.reason, BadgeId::from(form.0.badge));
    let (typed, badge) = (reason.clone(), Some(shown.clone()));
    let done = app.write(allowed.actor(), move |tx| {
        crate::registration::hold(tx, &held.id)?;
        if crate::registration::get_by_id(tx.db, &held.id)?.status == crate::registration::Status::Canceled {
            return Err(Error::refused("badges.canceled", "This registration is canceled, so it has no badge."));
        }
        badges::replace_shown(tx, &held.id, &shown, &reason)
    });
    let done = done.await;
    let said = match &done {
        Ok(replaced) if replaced.was_before => "This badge was replaced before, and its replacement stands. Nothing was changed.",
        _ => "The old badge no longer works. Print the new one.",
    };
    let desk = Desk { app: &app, asker: &allowed.asker, event, registration: &registration, badge };
    desk.answer(&BADGE, &typed, done.map(drop), said)
}

/// `GET …/sign-in-code`
pub async fn ask_sign_in_code(app: web::Data<App>, allowed: Allowed<permit::GiveSignInCodes>, path: Path) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let registration = find(&app, event, path.into_inner().1).await?;
    Desk { app: &app, asker: &allowed.asker, event, registration: &registration, badge: None }.ask(&SIGN_IN_CODE, "", &[])
}

/// `POST …/sign-in-code`: shows the code once; it works for 15 minutes.
pub async fn give_sign_in_code(
    app: web::Data<App>,
    allowed: Allowed<permit::GiveSignInCodes>,
    path: Path,
    form: PostedForm<Explained>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let registration = find(&app, event, path.into_inner().1).await?;
    let (person_id, checked) = (registration.person_id.clone(), form.0.checked);
    let typed = checked.clone();
    let given = app.write(allowed.actor(), move |tx| {
        let person = people::get(tx.db, &person_id)?;
        let code = sign_in::give_code(tx, &person, &checked)?;
        Ok((person, code))
    });
    match given.await {
        Ok((person, code)) => {
            let view = json!({
                "base": base(event, &registration.code), "name": registration.full_name(), "code": code, "email": person.email,
                "family_name": if person.family_name.is_empty() { person.given_name } else { person.family_name },
                "minutes": sign_in::CODE_LASTS.num_minutes(),
            });
            Page::new(&app, &allowed.asker, "desk/code_given").event(event).render(&view)
        }
        Err(error) => Desk { app: &app, asker: &allowed.asker, event, registration: &registration, badge: None }.answer(
            &SIGN_IN_CODE,
            &typed,
            Err(error),
            "",
        ),
    }
}

/// `GET …/payments`
pub async fn ask_payment(app: web::Data<App>, allowed: Allowed<permit::RecordPayments>, path: Path) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let registration = find(&app, event, path.into_inner().1).await?;
    payment_page(&app, &allowed, event, &registration, None, &[]).await
}

async fn payment_page(
    app: &App,
    allowed: &Allowed<permit::RecordPayments>,
    event: &Event,
    registration: &Registration,
    typed: Option<&PaymentForm>,
    fields: &[FieldError],
) -> Result<HttpResponse> {
    let id = registration.order_id.clone();
    let (order, balance) = app.read(move |db| Ok((orders::get(db, &id)?, orders::balance_cents(db, &id)?))).await?;
    let (errors, error_for) = form_errors(fields);
    let view = json!({
        "base": base(event, &registration.code), "name": registration.full_name(), "order": order.code,
        "balance": format_cents(balance, &order.currency), "currency": order.currency,
        "amount": typed.map_or_else(|| if balance > 0 { plain_cents(balance) } else { String::new() }, |typed| typed.amount.clone()),
        "id": typed.map_or_else(|| PaymentId::new().to_string(), |typed| typed.id.clone()),
        "reference": typed.map(|typed| typed.reference.clone()), "errors": errors, "error_for": error_for,
    });
    let status = if fields.is_empty() { 200 } else { 422 };
    Page::new(app, &allowed.asker, "desk/payment").event(event).status(status).render(&view)
}

/// `POST …/payments`
pub async fn record_payment(
    app: web::Data<App>,
    allowed: Allowed<permit::RecordPayments>,
    path: Path,
    form: PostedForm<PaymentForm>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let registration = find(&app, event, path.into_inner().1).await?;
    // What is no amount is refused by the verb with its sentence, like a zero.
    let cents = parse_cents(&form.0.amount).unwrap_or_default();
    let (order, reference) = (registration.order_id.clone(), form.0.reference.clone());
    let id = uuid::Uuid::parse_str(&form.0.id).map_or_else(|_| PaymentId::new(), |id| PaymentId::from(id.to_string()));
    match app.write(allowed.actor(), move |tx| orders::record_payment(tx, id, &order, cents, &reference)).await {
        Ok(()) => Ok(see_other_saying(&app, &format!("{}#money", base(event, &registration.code)), "yes", "The payment is recorded.")),
        Err(Error::Invalid(fields)) => payment_page(&app, &allowed, event, &registration, Some(&form.0), &fields).await,
        Err(error) => Err(error),
    }
}
