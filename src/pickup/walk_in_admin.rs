//! One screen that registers somebody who stands at the desk, in under a minute.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::desk_admin::{Clerk, base, desk_of};
use super::walk_ins::{self, Offer, WalkIn};
use crate::app::App;
use crate::checkin::Door;
use crate::checkin::known_doors::KnownDoors;
use crate::error::{Error, FieldError, Result};
use crate::http::Page;
use crate::http::forms::PostedForm;
use crate::http::pages::{form_errors, see_other_saying};
use crate::money::format_cents;
use crate::orders::Payment;
use crate::registration::Represents;
use crate::registration::rules::{Details, PROFESSIONS};

/// The screen as it is posted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WalkInForm {
    given_name: String,
    family_name: String,
    email: String,
    credentials: String,
    organization: String,
    profession: String,
    registration_type: String,
    payment: String,
    code: String,
}

impl WalkInForm {
    fn walk_in(&self) -> WalkIn {
        WalkIn {
            details: Details {
                email: self.email.clone(),
                given_name: self.given_name.clone(),
                family_name: self.family_name.clone(),
                credentials: self.credentials.clone(),
                organization: self.organization.clone(),
                profession: self.profession.clone(),
                represents: Some(Represents::Professional),
                ..Details::default()
            },
            registration_type: self.registration_type.clone(),
            code: self.code.clone(),
            payment: Payment::from_word(&self.payment).unwrap_or(Payment::Invoice),
        }
    }
}

/// `GET /staff/events/{event}/checkpoints/{checkpoint}/desk/walk-in`
pub async fn new(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    allowed: Clerk,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let door = desk_of(&app, &doors, &allowed, &path.1).await?;
    render(&app, &allowed, &door, &WalkInForm::default(), &[], None).await
}

/// `POST /staff/events/{event}/checkpoints/{checkpoint}/desk/walk-in`
pub async fn create(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    allowed: Clerk,
    path: web::Path<(String, String)>,
    form: PostedForm<WalkInForm>,
) -> Result<HttpResponse> {
    let door = desk_of(&app, &doors, &allowed, &path.1).await?;
    let form = form.0;
    let (event, walk_in) = (door.event.clone(), form.walk_in());
    match app.write(allowed.actor(), move |tx| walk_ins::register(tx, &event, &walk_in)).await {
        Ok(placed) => {
            let total = format_cents(placed.total_cents, &placed.order.currency);
            let said = match placed.total_cents {
                0 => "Registered, nothing to pay.".to_owned(),
                _ => format!("Registered, {total} to pay; the invoice is in the letter."),
            };
            let code = placed.registered.first().map(|one| one.registration.code.clone()).unwrap_or_default();
            Ok(see_other_saying(&app, &format!("{}/people/{code}", base(&door)), "yes", &said))
        }
        Err(Error::Invalid(wrong)) => render(&app, &allowed, &door, &form, &own_fields(wrong), None).await,
        Err(Error::Refused { code, message }) => render(&app, &allowed, &door, &form, &[], Some((code, message))).await,
        Err(error) => Err(error),
    }
}

/// Wrong fields of an order, as the screen names them.
fn own_fields(wrong: Vec<FieldError>) -> Vec<FieldError> {
    let name = |field: &str| match field.rsplit('.').next().unwrap_or_default() {
        "staff_code" => "code".to_owned(),
        last if last.starts_with("codes[") => "code".to_owned(),
        "name" => "given_name".to_owned(),
        last => last.to_owned(),
    };
    let mut own: Vec<FieldError> = wrong.into_iter().map(|error| FieldError { field: name(&error.field), ..error }).collect();
    // Who pays is who comes, so the same thing may be wrong twice.
    let mut seen = Vec::new();
    own.retain(|error| {
        !seen.contains(&error.field) && {
            seen.push(error.field.clone());
            true
        }
    });
    own
}

async fn render(
    app: &App,
    allowed: &Clerk,
    door: &Door,
    form: &WalkInForm,
    wrong: &[FieldError],
    refused: Option<(&'static str, String)>,
) -> Result<HttpResponse> {
    let (event, now) = (door.event.clone(), app.now());
    let of_event = event.clone();
    let offers = app.read(move |db| walk_ins::offers(db, &of_event, now)).await?;
    let (errors, error_for) = form_errors(wrong);
    let base = base(door);
    // Somebody who is registered already is found instead.
    let known = refused.as_ref().filter(|(code, _)| *code == "orders.already_registered");
    let find = known.map(|_| {
        let name = format!("{} {}", form.given_name.trim(), form.family_name.trim());
        format!("{base}?{}", url::form_urlencoded::Serializer::new(String::new()).append_pair("q", name.trim()).finish())
    });
    let options = |chosen: &str, all: Vec<(&str, String)>| -> Vec<Value> {
        all.into_iter().map(|(value, text)| json!({ "value": value, "selected": value == chosen, "text": text })).collect()
    };
    let kinds = offers.iter().map(|offer| (offer.code.as_str(), offer_words(offer, &event.currency))).collect();
    let professions =
        std::iter::once(("", "Not asked".to_owned())).chain(PROFESSIONS.iter().map(|(word, words)| (*word, (*words).to_owned())));
    let payments = vec![("invoice", "Invoice, by mail".to_owned()), ("none", "Nothing to pay".to_owned())];
    let view = json!({
        "base": base, "desk": door.checkpoint.name, "typed": {
            "given_name": form.given_name, "family_name": form.family_name, "email": form.email, "credentials": form.credentials,
            "organization": form.organization, "code": form.code,
        },
        "types": options(&form.registration_type, kinds), "professions": options(&form.profession, professions.collect()),
        "payments": options(&form.payment, payments), "on_sale": !offers.is_empty(),
        "errors": errors, "error_for": error_for, "refused": refused.map(|(_, message)| message), "find": find,
    });
    let status = if wrong.is_empty() && view["refused"].is_null() { 200 } else { 422 };
    Page::new(app, &allowed.asker, "pickup/walk_in").event(&event).status(status).render(&view)
}

/// `General conference, $1,299.00`.
fn offer_words(offer: &Offer, currency: &str) -> String {
    let price = if offer.price_cents == 0 { "free of charge".to_owned() } else { format_cents(offer.price_cents, currency) };
    format!("{}, {price}{}", offer.name, if offer.needs_code { ", with a code" } else { "" })
}
