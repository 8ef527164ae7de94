//! Registering, first screen: who you are and your hospital.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Represents;
use super::drafts::{self, Content};
use super::hospital_choice::{self, HospitalChoice};
use super::rules::{Details, PROFESSIONS};
use crate::app::App;
use crate::db::Db;
use crate::error::{Checks, Error, FieldError, Result};
use crate::events::{self, Event};
use crate::hospitals;
use crate::http::pages::form_errors;
use crate::http::{Asker, Page, PostedForm, see_other};
use crate::pricing::{self, code_key};

/// The first screen as it is posted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WhoForm {
    email: String,
    given_name: String,
    family_name: String,
    badge_name: String,
    certificate_name: String,
    credentials: String,
    profession: String,
    organization: String,
    dietary: String,
    accommodation: String,
    represents: String,
    sponsors: String,
    /// A CCN, or empty for "I don't work at a hospital".
    hospital_ccn: Option<String>,
    hospital_q: String,
    /// Set when the search button was pressed instead of the main one.
    search_hospital: String,
    staff_code: String,
}

impl WhoForm {
    /// Puts what was typed into a draft's content.
    fn put_into(&self, content: &mut Content) {
        content.details = Details {
            email: self.email.clone(),
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            badge_name: self.badge_name.clone(),
            certificate_name: self.certificate_name.clone(),
            credentials: self.credentials.clone(),
            profession: self.profession.clone(),
            organization: self.organization.clone(),
            dietary: self.dietary.clone(),
            accommodation: self.accommodation.clone(),
            represents: Represents::from_word(&self.represents),
            sponsors_opt_in: self.sponsors == "yes",
        };
        content.hospital_ccn = self.hospital_ccn.clone();
        content.staff_code = self.staff_code.clone();
    }
}

/// What the screen shows, besides its errors.
struct Screen {
    event: Event,
    /// The draft's secret, once there is one.
    draft: Option<String>,
    content: Content,
    hospital: HospitalChoice,
    /// Somebody may still buy a type.
    open: bool,
}

/// `GET /events/{event}/register`: the first screen, empty or with what is known of a signed-in attendee.
pub async fn new(app: web::Data<App>, asker: Asker, slug: web::Path<String>) -> Result<HttpResponse> {
    let now = app.now();
    let mut content = Content::default();
    if let Some(person) = &asker.attendee {
        content.details = Details {
            email: person.email.clone(),
            given_name: person.given_name.clone(),
            family_name: person.family_name.clone(),
            ..Details::default()
        };
    }
    let screen = app.read(move |db| {
        let event = events::get_published(db, &slug)?;
        let hospital = hospital_choice::choice(db, "", false, None, now)?;
        Ok(Screen { open: is_open(db, &event, now)?, event, draft: None, content, hospital })
    });
    render(&app, &asker, &screen.await?, &[])
}

/// `GET /events/{event}/register/{draft}`: the first screen with what was typed.
pub async fn edit(app: web::Data<App>, asker: Asker, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (slug, secret) = path.into_inner();
    let now = app.now();
    let screen = app.read(move |db| {
        let event = events::get_published(db, &slug)?;
        let draft = drafts::get(db, &event.id, &secret, now)?;
        if draft.order_id.is_some() {
            return Ok(Err(confirmation_href(&event, &secret)));
        }
        let content = draft.content()?;
        let hospital = hospital_choice::choice(db, "", false, content.hospital_ccn.as_deref(), now)?;
        Ok(Ok(Screen { open: is_open(db, &event, now)?, event, draft: Some(secret), content, hospital }))
    });
    match screen.await? {
        Ok(screen) => render(&app, &asker, &screen, &[]),
        Err(placed) => Ok(see_other(&placed)),
    }
}

/// Where a draft that became an order leads.
pub fn confirmation_href(event: &Event, secret: &str) -> String {
    format!("/events/{}/register/{secret}/confirmation", event.slug)
}

/// `POST /events/{event}/register`: begins a draft.
pub async fn create(app: web::Data<App>, asker: Asker, slug: web::Path<String>, form: PostedForm<WhoForm>) -> Result<HttpResponse> {
    post(&app, &asker, slug.into_inner(), None, form.0).await
}

/// `POST /events/{event}/register/{draft}`: changes who a draft is for.
pub async fn update(
    app: web::Data<App>,
    asker: Asker,
    path: web::Path<(String, String)>,
    form: PostedForm<WhoForm>,
) -> Result<HttpResponse> {
    let (slug, secret) = path.into_inner();
    post(&app, &asker, slug, Some(secret), form.0).await
}

/// What came of a posted screen.
enum Posted {
    /// The screen again: a search, or something to correct.
    Again(Box<Screen>, Vec<FieldError>),
    GoTo(String),
}

async fn post(app: &App, asker: &Asker, slug: String, secret: Option<String>, form: WhoForm) -> Result<HttpResponse> {
    count(app, asker)?;
    let posted = app.write(asker.actor(), move |tx| {
        let event = events::get_published(tx.db, &slug)?;
        let draft = secret.as_deref().map(|secret| drafts::hold(tx, &event.id, secret)).transpose()?;
        if let (Some(draft), Some(secret)) = (&draft, &secret)
            && draft.order_id.is_some()
        {
            return Ok(Posted::GoTo(confirmation_href(&event, secret)));
        }
        let mut content = draft.as_ref().map(drafts::Draft::content).transpose()?.unwrap_or_default();
        form.put_into(&mut content);
        let is_search = !form.search_hospital.is_empty();
        let wrong = if is_search { Vec::new() } else { check(tx.db, &mut content)? };
        if is_search || !wrong.is_empty() {
            let hospital = hospital_choice::choice(tx.db, &form.hospital_q, is_search, content.hospital_ccn.as_deref(), tx.now)?;
            let screen = Screen { open: is_open(tx.db, &event, tx.now)?, event, draft: secret, content, hospital };
            return Ok(Posted::Again(Box::new(screen), wrong));
        }
        let secret = match (draft, secret) {
            (Some(draft), Some(secret)) => drafts::save(tx, &draft, &content).map(|()| secret)?,
            _ => drafts::create(tx, &event.id, &content)?,
        };
        Ok(Posted::GoTo(format!("/events/{}/register/{secret}/sessions", event.slug)))
    });
    match posted.await? {
        Posted::GoTo(path) => Ok(see_other(&path)),
        Posted::Again(screen, wrong) => render(app, asker, &screen, &wrong),
    }
}

/// Counts a step of the public; staff are spared.
pub fn count(app: &App, asker: &Asker) -> Result<()> {
    if asker.staff.is_some() { Ok(()) } else { app.limits.public.take_address(&asker.address) }
}

/// What is wrong with the screen; a staff code that names the hospital answers the question for it.
fn check(db: &mut Db, content: &mut Content) -> Result<Vec<FieldError>> {
    let mut checks = Checks::new();
    content.details.check("", &mut checks);
    checks.required("profession", &content.details.profession, "Choose your profession. “Something else” is an answer.");
    let of_code = match code_key(&content.staff_code) {
        key if key.is_empty() => None,
        key => {
            let code = hospitals::find_code(db, &key)?;
            if code.is_none() {
                checks.wrong(
                    "staff_code",
                    "unknown",
                    "This hospital code is not known. Check it with your hospital's coordinator, or leave it empty.",
                );
            }
            code
        }
    };
    if content.hospital_ccn.is_none()
        && let Some(code) = of_code
    {
        content.hospital_ccn = hospitals::get(db, &code.hospital_id)?.ccn;
    }
    match content.hospital_ccn.as_deref() {
        None => checks.wrong("hospital", "required", "Search for your hospital and choose it, or choose “I don’t work at a hospital”."),
        Some(ccn) if !ccn.trim().is_empty() && hospital_choice::by_ccn(db, ccn)?.is_none() => {
            checks.wrong("hospital", "unknown", "This hospital is not in the list. Search for it again.");
        }
        Some(_) => {}
    }
    match checks.finish() {
        Err(Error::Invalid(wrong)) => Ok(wrong),
        other => other.map(|()| Vec::new()),
    }
}

/// Whether any type is sold today.
fn is_open(db: &mut Db, event: &Event, now: crate::clock::Instant) -> Result<bool> {
    let today = now.date_in(event.zone());
    let types = pricing::list_types(db, &event.id)?;
    Ok(types.iter().any(|kind| pricing::rules::on_sale(kind, today, event.ends_on).is_ok()))
}

fn render(app: &App, asker: &Asker, screen: &Screen, wrong: &[FieldError]) -> Result<HttpResponse> {
    let page = Page::new(app, asker, if screen.open { "registration/who" } else { "registration/closed" }).event(&screen.event);
    if !screen.open {
        return page.render(&json!({ "event_href": format!("/events/{}", screen.event.slug) }));
    }
    let (errors, error_for) = form_errors(wrong);
    let details = &screen.content.details;
    let action = match &screen.draft {
        Some(secret) => format!("/events/{}/register/{secret}", screen.event.slug),
        None => format!("/events/{}/register", screen.event.slug),
    };
    page.status(if wrong.is_empty() { 200 } else { 422 }).render(&json!({
        "steps": steps(&screen.event, screen.draft.as_deref(), 0), "errors": errors, "error_for": error_for,
        "action": action, "form": details, "staff_code": screen.content.staff_code, "hospital": screen.hospital,
        "professions": professions(&details.profession), "represents": represents(details.represents),
    }))
}

fn professions(chosen: &str) -> Vec<Value> {
    let blank = json!({ "value": "", "text": "Choose one", "selected": chosen.is_empty() });
    let known = PROFESSIONS.iter().map(|(word, words)| json!({ "value": word, "text": words, "selected": *word == chosen }));
    std::iter::once(blank).chain(known).collect()
}

fn represents(chosen: Option<Represents>) -> Vec<Value> {
    let chosen = chosen.unwrap_or(Represents::Professional);
    [(Represents::Professional, "A professional"), (Represents::PatientFamily, "A patient or family member")]
        .into_iter()
        .map(|(value, text)| json!({ "value": value, "text": text, "checked": value == chosen }))
        .collect()
}

/// The steps on top of the screens; `current` from 0. Earlier ones lead back.
pub fn steps(event: &Event, secret: Option<&str>, current: usize) -> Vec<Value> {
    let base = secret.map(|secret| format!("/events/{}/register/{secret}", event.slug));
    [("Who you are", ""), ("What you attend", "/sessions"), ("Check and register", "/review")]
        .into_iter()
        .enumerate()
        .map(|(index, (text, path))| {
            let href = base.as_ref().filter(|_| index < current).map(|base| format!("{base}{path}"));
            json!({ "text": text, "href": href, "done": index < current, "current": index == current })
        })
        .collect()
}
