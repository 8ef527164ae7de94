//! Staff correct what stands in a registration: names, badge line, address, needs.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::correction::correct;
use super::person::registration_of;
use super::person_admin::base;
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::events::Event;
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::{Page, form_errors, see_other_saying};
use crate::people;
use crate::registration::rules::{Details, PROFESSIONS};
use crate::registration::{Registration, Represents};
use crate::staff::Permission;

type Editor = Allowed<permit::EditRegistrations>;

/// What the form sends; what it leaves out stays as it is.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Correction {
    email: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    badge_name: Option<String>,
    certificate_name: Option<String>,
    credentials: Option<String>,
    profession: Option<String>,
    organization: Option<String>,
    dietary: Option<String>,
    accommodation: Option<String>,
    represents: Option<String>,
    /// A box that is not ticked is not sent.
    sponsors_opt_in: Option<String>,
    reason: String,
}

impl Correction {
    fn details(self, old: Details, may_see_accommodation: bool) -> Details {
        Details {
            email: self.email.unwrap_or(old.email),
            given_name: self.given_name.unwrap_or(old.given_name),
            family_name: self.family_name.unwrap_or(old.family_name),
            badge_name: self.badge_name.unwrap_or(old.badge_name),
            certificate_name: self.certificate_name.unwrap_or(old.certificate_name),
            credentials: self.credentials.unwrap_or(old.credentials),
            profession: self.profession.unwrap_or(old.profession),
            organization: self.organization.unwrap_or(old.organization),
            dietary: self.dietary.unwrap_or(old.dietary),
            accommodation: self.accommodation.filter(|_| may_see_accommodation).unwrap_or(old.accommodation),
            represents: self.represents.as_deref().and_then(Represents::from_word).or(old.represents),
            sponsors_opt_in: self.sponsors_opt_in.is_some(),
        }
    }
}

/// The registration of this event with this code, and what stands in it.
async fn find(app: &App, event: &Event, code: String) -> Result<(Registration, Details)> {
    let event = event.clone();
    app.read(move |db| {
        let registration = registration_of(db, &event, &code)?;
        let details = registration.details(&people::get(db, &registration.person_id)?.email);
        Ok((registration, details))
    })
    .await
}

/// `GET /staff/events/{event}/people/{registration}/correction`
pub async fn edit(app: web::Data<App>, editor: Editor, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (_, code) = path.into_inner();
    let event = editor.event()?.clone();
    let (registration, details) = find(&app, &event, code).await?;
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
    let (registration, old) = find(&app, &event, code.clone()).await?;
    let reason = form.0.reason.clone();
    let details = form.0.details(old, may_see);
    let (held, typed, why) = (registration.clone(), details.clone(), reason.clone());
    let own = event.clone();
    let done = app.write(editor.actor(), move |tx| correct(tx, &own, &held, &typed, &why));
    match done.await {
        Ok(_) => Ok(see_other_saying(&app, &base(&event, &code), "yes", "Saved. A badge that is printed already shows the old text.")),
        Err(Error::Invalid(fields)) => {
            page(&app, &editor, &event, &registration, &Typed { details: &details, reason: &reason, fields: &fields })
        }
        Err(error) => Err(error),
    }
}
