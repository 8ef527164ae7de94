//! The one page of a person at an event: registration, money, sessions, scans, letters, history, and what staff may do.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::admin::status_words;
use super::audit_admin::entry_view;
use super::person::{self, File, Scan};
use super::rules::outcome_words;
use crate::app::App;
use crate::clock::Instant;
use crate::enrollment::queries::{AgendaItem, Standing};
use crate::error::Result;
use crate::events::Event;
use crate::events::rules::{day_words, instant_words, span_words};
use crate::http::asker::{Allowed, permit};
use crate::http::pages::Page;
use crate::mail::{Letter, State};
use crate::money::format_cents;
use crate::orders::claims::ClaimStatus;
use crate::orders::{MoneyKind, OrderLine, paid_cents};
use crate::pricing::rules::Weighed;
use crate::registration::{Represents, Status, rules::profession_words};
use crate::staff::{Identity, Permission};

/// `GET /staff/events/{event}/people/{registration}`
pub async fn show(app: web::Data<App>, allowed: Allowed<permit::SeePeople>, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (_, code) = path.into_inner();
    let event = allowed.event()?.clone();
    let may_see_accommodation = allowed.identity.may(Permission::SeeAccommodation, &event.id);
    let of_event = event.clone();
    let file = app
        .read(move |db| {
            let registration = person::registration_of(db, &of_event, &code)?;
            person::file(db, registration, may_see_accommodation)
        })
        .await?;
    let view = json!({
        "base": base(&event, &file.registration.code), "list": format!("/staff/events/{}/people", event.slug),
        "code": file.registration.code, "name": file.registration.full_name(), "type": file.kind.name,
        "chips": chips(&file), "facts": facts(&event, &file, may_see_accommodation),
        "canceled": file.cancellation.as_ref().map(|row| json!({
            "when": instant_words(row.at, event.zone()), "who": file.names.of_label(&row.actor), "reason": row.reason,
        })),
        "pending": file.registration.status == Status::Pending,
        "claim": claim(&event, &file),
        "may": may(&allowed.identity, &event, &file),
        "badge": file.badge.as_ref().map(|badge| json!({
            "id": badge.id,
            "since": instant_words(badge.created_at, event.zone()),
            "printed": file.printed.map(|at| instant_words(at, event.zone())),
        })),
        "quote": quote(&file), "money": money(&event, &file), "order": order(&event, &file),
        "sessions": file.agenda.iter().map(|item| session(&event, item)).collect::<Vec<_>>(),
        "scans": file.scans.iter().map(|scan| scan_view(&event, &file, scan)).collect::<Vec<_>>(),
        "letters": file.letters.iter().map(|letter| letter_view(&event, letter)).collect::<Vec<_>>(),
        "history": file.history.iter().map(|line| entry_view(&event, line, None)).collect::<Vec<_>>(),
    });
    Page::new(&app, &allowed.asker, "desk/person").event(&event).render(&view)
}

/// The address of a person's page.
pub fn base(event: &Event, code: &str) -> String {
    format!("/staff/events/{}/people/{code}", event.slug)
}

fn chips(file: &File) -> Vec<Value> {
    let (kind, text) = status_words(file.registration.status);
    let mut chips = vec![json!({ "kind": kind, "text": text })];
    if file.claim.as_ref().is_some_and(|claim| claim.status == ClaimStatus::Pending) {
        chips.push(json!({ "kind": "wait", "text": "Hospital to check" }));
    }
    if file.balance_cents > 0 && file.registration.status != Status::Canceled {
        chips.push(json!({ "kind": "wait", "text": format!("{} to pay", format_cents(file.balance_cents, &file.order.currency)) }));
    }
    chips
}

/// What of it this member of staff may do here; the addresses check it again.
fn may(identity: &Identity, event: &Event, file: &File) -> Value {
    let live = file.registration.status != Status::Canceled;
    let may = |permission| identity.may(permission, &event.id);
    json!({
        "edit": may(Permission::EditRegistrations),
        "choose": may(Permission::EditRegistrations) && file.registration.status == Status::Confirmed,
        "cancel": may(Permission::EditRegistrations) && live,
        "take_back": may(Permission::EditRegistrations) && file.may_be_taken_back(),
        "pay": may(Permission::RecordPayments) && file.order_has_price(),
        "licenses": may(Permission::EditLicenses),
        "give_code": may(Permission::GiveSignInCodes),
        "replace_badge": may(Permission::ScanBadges) && file.badge.is_some() && live,
        "print_badge": may(Permission::PrintBadges) && file.badge.is_some() && file.registration.status == Status::Confirmed,
        "decide": may(Permission::DecideDiscounts),
    })
}

impl File {
    /// What was taken on may be taken back until money came in for it.
    fn may_be_taken_back(&self) -> bool {
        self.conversion.is_some() && self.registration.status == Status::Confirmed && paid_cents(&self.money) <= 0
    }

    fn order_has_price(&self) -> bool {
        self.balance_cents != 0 || !self.money.is_empty() || self.lines.iter().any(|line| line.net_cents > 0)
    }
}

fn facts(event: &Event, file: &File, may_see_accommodation: bool) -> Vec<Value> {
    let registration = &file.registration;
    let hospital = file.hospital.as_ref().map(|hospital| {
        let ccn = hospital.ccn.as_ref().map(|ccn| format!(" · CCN {ccn}")).unwrap_or_default();
        format!("{}, {}, {}{ccn}", hospital.name, hospital.city, hospital.state)
    });
    let represents = match registration.represents {
        Represents::Professional => "A professional",
        Represents::PatientFamily => "Patients and families",
    };
    let mut rows = vec![
        ("E-mail", file.person.email.clone()),
        ("Name on the badge", registration.badge_name.clone()),
        ("Name on certificates", registration.certificate_name.clone()),
        ("Credentials", registration.credentials.clone()),
        ("Profession", profession_words(&registration.profession).to_owned()),
        ("Organization", registration.organization.clone()),
        ("Hospital", hospital.unwrap_or_default()),
        ("Attends for", represents.to_owned()),
        ("Dietary needs", registration.dietary.clone()),
    ];
    if may_see_accommodation {
        rows.push(("Accommodation", registration.accommodation.clone()));
    }
    rows.push(("Sponsors may know", if registration.sponsors_opt_in { "Yes" } else { "No" }.to_owned()));
    rows.push(("Registered", instant_words(registration.created_at, event.zone())));
    rows.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| json!({ "name": name, "text": text })).collect()
}

fn claim(event: &Event, file: &File) -> Option<Value> {
    let claim = file.claim.as_ref().filter(|claim| claim.status == ClaimStatus::Pending)?;
    let hospital = file.hospital.as_ref().map_or("the hospital", |hospital| hospital.name.as_str());
    Some(json!({
        "title": format!("Does this person work at {hospital}?"),
        "doubt": claim.doubt, "href": format!("/staff/events/{}/discount-claims", event.slug),
    }))
}

fn quote(file: &File) -> Value {
    let currency = &file.order.currency;
    let line = |line: &OrderLine| {
        let weighed: Vec<Weighed> = serde_json::from_str(&line.candidates).unwrap_or_default();
        let (applied, not_applied): (Vec<&Weighed>, Vec<&Weighed>) = weighed.iter().partition(|candidate| candidate.applied);
        let name = |candidate: &Weighed| format!("{}, {} %", candidate.kind.words(), candidate.percent);
        json!({
            "item": line.description, "list": format_cents(line.list_cents, currency),
            "applied": applied.into_iter().map(|candidate| json!({
                "name": name(candidate), "amount": format_cents(candidate.amount_cents, currency), "reason": candidate.reason,
            })).collect::<Vec<_>>(),
            "not_applied": not_applied.into_iter().map(|candidate| json!({
                "name": name(candidate).to_lowercase(), "reason": candidate.reason,
            })).collect::<Vec<_>>(),
        })
    };
    let total: i64 = file.lines.iter().map(|line| line.net_cents).sum();
    json!({
        "lines": file.lines.iter().map(line).collect::<Vec<_>>(), "total": format_cents(total, currency),
        "note": "Frozen when the order was placed.",
    })
}

fn order(event: &Event, file: &File) -> Value {
    let order = &file.order;
    let others = file.in_order.saturating_sub(1);
    json!({
        "code": order.code, "buyer": order.buyer_name, "buyer_email": order.buyer_email, "buyer_organization": order.buyer_organization,
        "placed": instant_words(order.placed_at, event.zone()), "due": order.due_on.map(day_words),
        "others": if others > 0 { Some(format!("The order has {others} more registered in it; the balance is of the whole order.")) } else { None },
        "balance": format_cents(file.balance_cents, &order.currency), "owes": file.balance_cents > 0,
    })
}

fn money(event: &Event, file: &File) -> Vec<Value> {
    let words = |kind| match kind {
        MoneyKind::Payment => "Payment",
        MoneyKind::Credit => "Credit",
        MoneyKind::Refund => "Refund",
    };
    let row = |row: &crate::orders::MoneyRow| {
        json!({
            "when": instant_words(row.at, event.zone()), "what": words(row.kind), "reference": row.reference,
            "amount": format_cents(row.amount_cents, &file.order.currency), "who": file.names.of_label(&row.actor),
        })
    };
    file.money.iter().map(row).collect()
}

fn session(event: &Event, item: &AgendaItem) -> Value {
    let kind = match item.standing {
        Standing::Enrolled => "yes",
        Standing::Waiting(_) => "wait",
        Standing::Included => "note",
    };
    json!({
        "code": item.session.code, "title": item.session.title, "room": item.room,
        "when": span_words(item.session.starts_at, item.session.ends_at, event.zone()),
        "chip": { "kind": kind, "text": item.standing.words() },
    })
}

fn scan_view(event: &Event, file: &File, scan: &Scan) -> Value {
    let (kind, text) = outcome_words(&scan.outcome);
    json!({
        "when": seconds_words(event, scan.scanned_at), "code": scan.checkpoint_code, "name": scan.checkpoint_name,
        "direction": scan.direction, "chip": { "kind": kind, "text": text }, "offline": scan.offline,
        "reason": scan.override_reason, "who": file.names.of_label(&scan.actor),
    })
}

fn seconds_words(event: &Event, at: Instant) -> String {
    let local = at.in_zone(event.zone());
    format!("{}, {}", day_words(local.date_naive()), local.format("%-I:%M:%S %p"))
}

fn letter_view(event: &Event, letter: &Letter) -> Value {
    let (kind, text) = match letter.state {
        State::Queued => ("wait", "Waits to be sent"),
        State::Sending => ("note", "Being sent"),
        State::Sent => ("yes", "Sent"),
        State::Failed => ("no", "Failed"),
        State::Suppressed => ("no", "Held back"),
    };
    json!({
        "id": letter.id, "when": instant_words(letter.sent_at.unwrap_or(letter.created_at), event.zone()),
        "subject": letter.subject, "to": letter.to_email, "chip": { "kind": kind, "text": text },
        "problem": letter.last_error, "readable": !letter.confidential,
        "again": !letter.confidential && letter.state != State::Sending,
    })
}
