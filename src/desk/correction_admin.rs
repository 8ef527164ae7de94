//! Staff correct what stands in a registration: names, badge line, address, needs.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::person::registration_of;
use super::person_admin::base;
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::events::Event;
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::{Page, form_errors, see_other_saying};
use crate::people;
use crate::registration::correction::correct;
use crate::registration::rules::{Details, PROFESSIONS};
use crate::registration::{Registration, Represents};
use crate::staff::Permission;

type Editor = Allowed<permit::EditRegistrations>;

/// What the form sends; what it leaves out stays as it is.
#[derive(Clone, Deserialize)]
pub struct Correction {
    email: String,
    given_name: String,
    family_name: String,
    badge_name: String,
    certificate_name: String,
    credentials: String,
    profession: String,
    organization: String,
    dietary: String,
    accommodation: Option<String>,
    represents: String,
    sponsors_opt_in: Option<String>,
    #[serde(default)]
    reason: String,
}

impl Correction {
    fn details(&self, old: &Registration, may_see_accommodation: bool) -> Details {
        let accommodation = self.accommodation.clone().filter(|_| may_see_accommodation);
        Details {
            email: self.email.clone(),
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            badge_name: self.badge_name.clone(),
            certificate_name: self.certificate_name.clone(),
            credentials: self.credentials.clone(),
            profession: self.profession.clone(),
            organization: self.organization.clone(),
            dietary: self.dietary.clone(),
            accommodation: accommodation.unwrap_or_else(|| old.accommodation.clone()),
            represents: Represents::from_word(&self.represents),
            sponsors_opt_in: self.sponsors_opt_in.is_some(),
        }
    }
}

/// `GET /staff/events/{event}/people/{registration}/correction`
pub async fn edit(app: web::Data<App>, editor: Editor, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (_, code) = path.into_inner();
    let event = editor.event()?.clone();
    let of_event = event.clone();
    let (registration, person) = app
        .read(move |db| {
            let registration = registration_of(db, &of_event, &code)?;
            let person = people::get(db, &registration.person_id)?;
            Ok((registration, person))
        })
        .await?;
    let details = registration.details(&person.email);
    page(&app, &editor, &event, &registration, &Typed { details: &details, reason: "", fields: &[] })
}

/// What stands in the form, and what is wrong with it.
struct Typed<'a> {
    details: &'a Details,
    reason: &'a str,
    fields: &'a [FieldError],
}

fn page(app: &App, editor: &Editor, event: &Event, registration: &Registration, typed: &Typed<'_>) -> Result<HttpResponse> {
    let (errors, error_for) = form_errors(typed.fields);
    let status = if typed.fields.is_empty() { 200 } else { 422 };
    let may_see = editor.identity.may(Permission::SeeAccommodation, &event.id);
    let none = std::iter::once(("", "Not said"));
    let professions: Vec<Value> = none
        .chain(PROFESSIONS.iter().copied())
        .map(|(word, words)| json!({ "value": word, "text": words, "selected": word == typed.details.profession }))
        .collect();
    let represents: Vec<Value> = [(Represents::Professional, "A professional"), (Represents::PatientFamily, "Patients and families")]
        .into_iter()
        .map(|(word, words)| json!({ "value": word, "text": words, "selected": typed.details.represents == Some(word) }))
        .collect();
    let mut details = typed.details.clone();
    if !may_see {
        details.accommodation.clear();
    }
    let view = json!({
        "base": base(event, &registration.code), "name": registration.full_name(), "details": details, "reason": typed.reason,
        "professions": professions, "represents": represents, "may_see_accommodation": may_see,
        "errors": errors, "error_for": error_for,
    });
    Page::new(app, &editor.asker, "desk/correction").event(event).status(status).render(&view)
}

/// `POST /staff/events/{event}/people/{registration}/correction`
pub async fn update(
    app: web::Data<App>,
    editor: Editor,
    path: web::Path<(String, String)>,
    form: PostedForm<Correction>,
) -> Result<HttpResponse> {
    let (_, code) = path.into_inner();
    let event = editor.event()?.clone();
    let may_see = editor.identity.may(Permission::SeeAccommodation, &event.id);
    let (of_event, wanted) = (event.clone(), code.clone());
    let registration = app.read(move |db| registration_of(db, &of_event, &wanted)).await?;
    let (details, reason) = (form.0.details(&registration, may_see), form.0.reason);
    let (old, typed, why) = (registration.clone(), details.clone(), reason.clone());
    match app.write(editor.actor(), move |tx| correct(tx, &old, &typed, &why)).await {
        Ok(_) => Ok(see_other_saying(&app, &base(&event, &code), "yes", "Saved. A badge that is printed already shows the old text.")),
        Err(Error::Invalid(fields)) => {
            page(&app, &editor, &event, &registration, &Typed { details: &details, reason: &reason, fields: &fields })
        }
        Err(error) => Err(error),
    }
}
