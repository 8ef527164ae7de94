//! Staff forms of a hospital's terms of recognition and of its codes for many uses.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::admin::{error_list, number};
use super::{Hospital, HospitalCode, NewCode, Recognition, codes, rules, terms};
use crate::app::App;
use crate::error::{Checks, Error, FieldError, Result, by_field};
use crate::events::{self, Event};
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::{Page, see_other_saying};
use crate::ids::{HospitalCodeId, HospitalId, RecognitionId};

type Editor = Allowed<permit::EditHospitals>;

/// What the form of a term posts; days as browsers write them.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct TermForm {
    term_starts_on: String,
    term_ends_on: String,
    approved_on: String,
    paid_on: String,
    conditional: String,
    revoked_on: String,
}

impl TermForm {
    fn of(term: &Recognition) -> Self {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            term_starts_on: term.term_starts_on.to_string(),
            term_ends_on: term.term_ends_on.to_string(),
            approved_on: day(term.approved_on),
            paid_on: day(term.paid_on),
            conditional: if term.conditional { "yes".to_owned() } else { String::new() },
            revoked_on: day(term.revoked_on),
        }
    }

    fn term(&self, id: RecognitionId, hospital_id: HospitalId) -> Result<Recognition> {
        let mut checks = Checks::new();
        let mut day = |field: &str, text: &str| read_day(&mut checks, field, text);
        let starts_on = day("term_starts_on", &self.term_starts_on);
        let ends_on = day("term_ends_on", &self.term_ends_on);
        let (approved_on, paid_on) = (day("approved_on", &self.approved_on), day("paid_on", &self.paid_on));
        let revoked_on = day("revoked_on", &self.revoked_on);
        checks.required("term_starts_on", &self.term_starts_on, "Enter the first day of the term.");
        checks.finish()?;
        let term_starts_on = starts_on.unwrap_or_default();
        let term_ends_on = ends_on
            .or_else(|| rules::term_ends_on(term_starts_on))
            .ok_or_else(|| Error::invalid("term_ends_on", "out_of_range", "The end of the term is out of range."))?;
        let conditional = self.conditional == "yes";
        Ok(Recognition { id, hospital_id, term_starts_on, term_ends_on, conditional, approved_on, paid_on, revoked_on })
    }
}

fn read_day(checks: &mut Checks, field: &str, text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").or_else(|_| NaiveDate::parse_from_str(text, "%m/%d/%Y"));
    if day.is_err() {
        checks.wrong(field, "malformed", "Enter a date such as 2026-04-01.");
    }
    day.ok()
}

async fn hospital(app: &App, id: &HospitalId) -> Result<Hospital> {
    let id = id.clone();
    app.read(move |db| super::get(db, &id)).await
}

/// The form of a new term, with the days of the cycle that closes next.
pub async fn new_term(app: web::Data<App>, allowed: Editor, path: web::Path<String>) -> Result<HttpResponse> {
    let hospital = hospital(&app, &HospitalId::from(path.into_inner())).await?;
    let starts_on = rules::term_of_cycle(rules::today(app.now())).map(|(starts_on, _)| starts_on.to_string());
    let form = TermForm { term_starts_on: starts_on.unwrap_or_default(), ..TermForm::default() };
    term_page(&app, &allowed, &hospital, None, &form, &[], None)
}

pub async fn create_term(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<String>,
    PostedForm(form): PostedForm<TermForm>,
) -> Result<HttpResponse> {
    let hospital = hospital(&app, &HospitalId::from(path.into_inner())).await?;
    save_term(&app, &allowed, hospital, None, form).await
}

/// The form of a known term.
pub async fn edit_term(app: web::Data<App>, allowed: Editor, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (hospital_id, id) = path.into_inner();
    let hospital = hospital(&app, &HospitalId::from(hospital_id)).await?;
    let (of, id) = (hospital.id.clone(), RecognitionId::from(id));
    let term = app.read(move |db| terms::get_recognition(db, &of, &id)).await?;
    term_page(&app, &allowed, &hospital, Some(&term.id), &TermForm::of(&term), &[], None)
}

pub async fn update_term(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<(String, String)>,
    PostedForm(form): PostedForm<TermForm>,
) -> Result<HttpResponse> {
    let (hospital_id, id) = path.into_inner();
    let hospital = hospital(&app, &HospitalId::from(hospital_id)).await?;
    let (of, id) = (hospital.id.clone(), RecognitionId::from(id));
    let term = app.read(move |db| terms::get_recognition(db, &of, &id)).await?;
    save_term(&app, &allowed, hospital, Some(term.id), form).await
}

async fn save_term(app: &App, allowed: &Editor, hospital: Hospital, known: Option<RecognitionId>, form: TermForm) -> Result<HttpResponse> {
    let id = known.clone().unwrap_or_default();
    let saved = match form.term(id, hospital.id.clone()) {
        Ok(term) => app.write(allowed.actor(), move |tx| terms::save_recognition(tx, &term)).await,
        Err(wrong) => Err(wrong),
    };
    match saved {
        Ok(()) => Ok(see_other_saying(app, &format!("/staff/hospitals/{}", hospital.id), "yes", "The term was saved.")),
        Err(Error::Invalid(fields)) => term_page(app, allowed, &hospital, known.as_ref(), &form, &fields, None),
        Err(Error::Refused { message, .. }) => term_page(app, allowed, &hospital, known.as_ref(), &form, &[], Some(message)),
        Err(other) => Err(other),
    }
}

fn term_page(
    app: &App,
    allowed: &Editor,
    hospital: &Hospital,
    known: Option<&RecognitionId>,
    form: &TermForm,
    fields: &[FieldError],
    refused: Option<String>,
) -> Result<HttpResponse> {
    let base = format!("/staff/hospitals/{}", hospital.id);
    let view = json!({
        "title": if known.is_some() { "Change a term" } else { "Add a term of recognition" },
        "action": known.map_or_else(|| format!("{base}/recognitions"), |id| format!("{base}/recognitions/{id}")),
        "base": base, "hospital": hospital.name, "is_known": known.is_some(), "form": form, "conditional": form.conditional == "yes",
        "errors": error_list(fields), "error_for": by_field(fields),
    });
    let page = Page::new(app, &allowed.asker, "hospitals/term");
    match refused {
        Some(message) => page.status(409).say("no", message).render(&view),
        None => page.status(if fields.is_empty() { 200 } else { 422 }).render(&view),
    }
}

/// What the form of a code posts.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct CodeForm {
    code: String,
    event: String,
    cap: String,
    expires_on: String,
}

impl CodeForm {
    /// Cap and last day; anything blank or unreadable is said by field.
    fn limits(&self) -> Result<(i32, NaiveDate)> {
        let mut checks = Checks::new();
        checks.required("cap", &self.cap, "Enter how many people may use the code.");
        checks.required("expires_on", &self.expires_on, "Enter the last day on which the code works.");
        let expires_on = read_day(&mut checks, "expires_on", &self.expires_on);
        let cap = number("cap", &self.cap);
        if cap.is_err() {
            checks.wrong("cap", "malformed", "Enter a number.");
        }
        checks.finish()?;
        Ok((cap?.unwrap_or_default(), expires_on.unwrap_or_default()))
    }
}

/// The form of a new code.
pub async fn new_code(app: web::Data<App>, allowed: Editor, path: web::Path<String>) -> Result<HttpResponse> {
    let hospital = hospital(&app, &HospitalId::from(path.into_inner())).await?;
    code_page(&app, &allowed, &hospital, None, &CodeForm::default(), &[]).await
}

pub async fn create_code(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<String>,
    PostedForm(form): PostedForm<CodeForm>,
) -> Result<HttpResponse> {
    let hospital = hospital(&app, &HospitalId::from(path.into_inner())).await?;
    let (of, wanted) = (hospital.id.clone(), form.clone());
    let added = match form.limits() {
        Ok((cap, expires_on)) => {
            app.write(allowed.actor(), move |tx| {
                let event = match wanted.event.as_str() {
                    "" => None,
                    slug => Some(events::get(tx.db, slug)?.id),
                };
                codes::add_code(tx, &of, &NewCode { event, code: wanted.code, cap, expires_on })
            })
            .await
        }
        Err(wrong) => Err(wrong),
    };
    match added {
        Ok(code) => {
            let text = format!("The code {} was added. Give it to the hospital’s coordinator.", code.code);
            Ok(see_other_saying(&app, &format!("/staff/hospitals/{}", hospital.id), "yes", &text))
        }
        Err(Error::Invalid(fields)) => code_page(&app, &allowed, &hospital, None, &form, &fields).await,
        Err(other) => Err(other),
    }
}

async fn known_code(app: &App, hospital: &Hospital, id: String) -> Result<HospitalCode> {
    let (of, id) = (hospital.id.clone(), HospitalCodeId::from(id));
    app.read(move |db| codes::get_code(db, &of, &id)).await
}

/// The form of a known code: how many may use it, and until when.
pub async fn edit_code(app: web::Data<App>, allowed: Editor, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (hospital_id, id) = path.into_inner();
    let hospital = hospital(&app, &HospitalId::from(hospital_id)).await?;
    let code = known_code(&app, &hospital, id).await?;
    let form = CodeForm { cap: code.cap.to_string(), expires_on: code.expires_on.to_string(), ..CodeForm::default() };
    code_page(&app, &allowed, &hospital, Some(&code), &form, &[]).await
}

pub async fn update_code(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<(String, String)>,
    PostedForm(form): PostedForm<CodeForm>,
) -> Result<HttpResponse> {
    let (hospital_id, id) = path.into_inner();
    let hospital = hospital(&app, &HospitalId::from(hospital_id)).await?;
    let code = known_code(&app, &hospital, id).await?;
    let (of, id) = (hospital.id.clone(), code.id.clone());
    let changed = match form.limits() {
        Ok((cap, expires_on)) => app.write(allowed.actor(), move |tx| codes::edit_code(tx, &of, &id, cap, expires_on)).await,
        Err(wrong) => Err(wrong),
    };
    match changed {
        Ok(()) => Ok(see_other_saying(&app, &format!("/staff/hospitals/{}", hospital.id), "yes", "The code was changed.")),
        Err(Error::Invalid(fields)) => code_page(&app, &allowed, &hospital, Some(&code), &form, &fields).await,
        Err(other) => Err(other),
    }
}

async fn code_page(
    app: &App,
    allowed: &Editor,
    hospital: &Hospital,
    known: Option<&HospitalCode>,
    form: &CodeForm,
    fields: &[FieldError],
) -> Result<HttpResponse> {
    let events: Vec<Event> = app.read(|db| events::list(db, true)).await?;
    let mut options = vec![json!({ "value": "", "text": "All events", "selected": form.event.is_empty() })];
    options.extend(events.iter().map(|event| json!({ "value": event.slug, "text": event.name, "selected": event.slug == form.event })));
    let base = format!("/staff/hospitals/{}", hospital.id);
    let view = json!({
        "title": known.map_or("Add a code for many uses".to_owned(), |code| format!("Change the code {}", code.code)),
        "action": known.map_or_else(|| format!("{base}/codes"), |code| format!("{base}/codes/{}", code.id)),
        "base": base, "hospital": hospital.name, "is_known": known.is_some(), "form": form, "events": options,
        "errors": error_list(fields), "error_for": by_field(fields),
    });
    Page::new(app, &allowed.asker, "hospitals/code").status(if fields.is_empty() { 200 } else { 422 }).render(&view)
}
