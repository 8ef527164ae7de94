//! Pages: a template with what the layout always shows around it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use serde::Serialize;
use serde_json::{Value, json};

use super::asker::{Asker, VISIT_COOKIE, cookie, removed_cookie};
use crate::app::App;
use crate::error::{Error, FieldError, Result, by_field};
use crate::events::{Event, rules};
use crate::ids::{hex, mac, same};
use crate::staff::Permission;

/// Carries one message to the next page.
pub const FLASH_COOKIE: &str = "lanyard_flash";

/// So long a form may stay open.
const VISIT_LASTS: chrono::Duration = chrono::Duration::days(30);

/// A page on its way: `Page::new(&app, &asker, "events/show").event(&event).render(&view)`.
pub struct Page<'a> {
    app: &'a App,
    asker: &'a Asker,
    template: &'a str,
    status: StatusCode,
    event: Option<&'a Event>,
    flash: Option<(&'a str, String)>,
}

impl<'a> Page<'a> {
    pub fn new(app: &'a App, asker: &'a Asker, template: &'a str) -> Self {
        Self { app, asker, template, status: StatusCode::OK, event: None, flash: None }
    }

    /// Names the event in the page's header.
    pub fn event(mut self, event: &'a Event) -> Self {
        self.event = Some(event);
        self
    }

    /// Another status than 200, such as 422 for a form with errors.
    pub fn status(mut self, status: u16) -> Self {
        self.status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        self
    }

    /// A message on top: `yes`, `wait`, `no` or `note`, and its text.
    pub fn say(mut self, kind: &'a str, text: impl Into<String>) -> Self {
        self.flash = Some((kind, text.into()));
        self
    }

    /// The page; `view` gives the template's own fields.
    pub fn render(self, view: &impl Serialize) -> Result<HttpResponse> {
        let html = self.html(view)?;
        let mut response = HttpResponse::build(self.status);
        response.insert_header((CACHE_CONTROL, "no-store")).content_type("text/html; charset=utf-8");
        if !self.asker.is_everybody() {
            // With every page anew, so that a form or a door that stays open for days can still be sent.
            response.cookie(cookie(self.app, VISIT_COOKIE, self.asker.visit.clone(), VISIT_LASTS));
        }
        if self.asker.flash.is_some() {
            response.cookie(removed_cookie(self.app, FLASH_COOKIE));
        }
        Ok(response.body(html))
    }

    /// The page's HTML alone, for pages that are kept and shown to everybody.
    pub fn html(&self, view: &impl Serialize) -> Result<String> {
        let mut fields = serde_json::to_value(view).map_err(Error::internal)?;
        match &mut fields {
            Value::Object(map) => map.insert("page".to_owned(), self.frame()),
            _ => return Err(Error::internal("a page's view is an object")),
        };
        self.app.site.templates.html(self.template, &fields)
    }

    /// The fields named `page`, which the layout shows.
    fn frame(&self) -> Value {
        let config = &self.app.site.config;
        let left_over = self.asker.flash.as_deref().and_then(|flash| open_flash(self.app, flash));
        let flash = self.flash.clone().map(|(kind, text)| (kind.to_owned(), text)).or(left_over);
        json!({
            "title_suffix": self.event.map_or("Lanyard", |event| event.name.as_str()),
            "csrf": if self.asker.is_everybody() { String::new() } else { self.asker.form_token(self.app) },
            "demo": config.demo,
            "demo_clock": if config.demo { self.demo_clock() } else { String::new() },
            "request_id": self.asker.request_id,
            "asset": env!("CARGO_PKG_VERSION"),
            "path": self.asker.path,
            "attendee": self.asker.attendee.as_ref().map(|person| json!({ "name": person.full_name() })),
            "staff": self.asker.staff.as_ref().map(|staff| json!({
                "name": staff.name, "links": self.staff_links(), "is_device": staff.is_device(), "home": self.staff_home(),
            })),
            "event": self.event.map(|event| json!({ "name": event.name, "slug": event.slug })),
            "flash": flash.map(|(kind, text)| json!({ "kind": kind, "text": text })),
        })
    }

    fn demo_clock(&self) -> String {
        let zone = self.event.map_or(chrono_tz::Tz::America__Los_Angeles, Event::zone);
        rules::instant_words(self.app.now(), zone)
    }

    /// Where the name at the top leads: a scanning device has its doors, everybody else the back office.
    fn staff_home(&self) -> String {
        let is_device = self.asker.staff.as_ref().is_some_and(crate::staff::Identity::is_device);
        match self.event.filter(|_| is_device) {
            Some(event) => format!("/staff/events/{}/checkpoints", event.slug),
            None if is_device => "/".to_owned(),
            None => "/staff".to_owned(),
        }
    }

    /// The back office's menu: only what this person may open.
    fn staff_links(&self) -> Vec<Value> {
        let Some(staff) = &self.asker.staff else { return Vec::new() };
        let mut links = if staff.is_device() { Vec::new() } else { vec![("/staff".to_owned(), "Events")] };
        if let Some(event) = self.event {
            let base = format!("/staff/events/{}", event.slug);
            let of_event = [
                (Permission::SeePeople, "people", "People"),
                (Permission::PrintBadges, "badges", "Badges"),
                (Permission::HandOutBadges, "desk", "Pick-up desk"),
                (Permission::ScanBadges, "checkpoints", "Doors"),
                (Permission::PairDevices, "devices", "Phones"),
                (Permission::EditAgenda, "sessions", "Sessions"),
                (Permission::EditAgenda, "lobby", "Lobby"),
                (Permission::AnswerQuestions, "lobby/questions", "Questions"),
                (Permission::EditAgenda, "recordings", "Recordings"),
                (Permission::SeeCredits, "credits", "Credit"),
                (Permission::DecideDiscounts, "discount-claims", "Discounts to decide"),
                (Permission::SetUpEvents, "setup", "Set-up"),
                (Permission::SeeAudit, "audit", "History"),
            ];
            let webinars = (Permission::EnterBackOffice, "webinars", "Webinars");
            let of_event = of_event.into_iter().chain((!event.is_congress()).then_some(webinars));
            links.extend(
                of_event
                    .filter(|(permission, ..)| staff.may(*permission, &event.id))
                    .map(|(_, path, label)| (format!("{base}/{path}"), label)),
            );
        }
        let of_house = [(Permission::SeeHospitals, "/staff/hospitals", "Hospitals"), (Permission::ManageStaff, "/staff/members", "Staff")];
        links.extend(
            of_house
                .iter()
                .filter(|(permission, ..)| staff.may_everywhere(*permission))
                .map(|(_, path, label)| ((*path).to_owned(), *label)),
        );
        links
            .into_iter()
            .map(|(href, label)| json!({ "current": self.asker.path.split('?').next() == Some(href.as_str()), "href": href, "label": label }))
            .collect()
    }
}

/// The address to go on to after signing in, where it is a path of ours and nothing else.
pub fn local_path(next: Option<&str>) -> Option<&str> {
    let next = next?;
    // Browsers read a backslash as a slash and drop tabs and breaks, so `/\\evil` would leave the site.
    let fine = next.starts_with('/') && !next.starts_with("//") && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    fine.then_some(next)
}

/// What is wrong with a form as its page wants it: `errors` for the summary on top, `error_for` by field.
pub fn form_errors(fields: &[FieldError]) -> (Value, Value) {
    let summary = fields.iter().map(|error| json!({ "field": error.field, "text": error.detail })).collect();
    (Value::Array(summary), json!(by_field(fields)))
}

/// A redirect after a form: the next page is fetched anew.
pub fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, to)).insert_header((CACHE_CONTROL, "no-store")).finish()
}

/// A redirect that leaves a message for the next page.
pub fn see_other_saying(app: &App, to: &str, kind: &str, text: &str) -> HttpResponse {
    let mut response = see_other(to);
    // A cookie that cannot be added only loses the message.
    let _ = response.add_cookie(&cookie(app, FLASH_COOKIE, seal_flash(app, kind, text), chrono::Duration::minutes(1)));
    response
}

/// A redirect that says what came of a write: what was done, or why it was not. For buttons, which have no form to show again.
pub fn see_other_after(app: &App, to: &str, done: Result<impl AsRef<str>>) -> Result<HttpResponse> {
    match done {
        Ok(said) => Ok(see_other_saying(app, to, "yes", said.as_ref())),
        Err(Error::Invalid(fields)) => Ok(see_other_saying(app, to, "no", fields.first().map_or("", |field| field.detail.as_str()))),
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(app, to, "no", &message)),
        Err(other) => Err(other),
    }
}

/// The message with a tag, so that nobody else can put words into our pages.
fn seal_flash(app: &App, kind: &str, text: &str) -> String {
    use base64::Engine;
    let body = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("{kind}|{text}"));
    let tag = hex(&mac(&app.site.form_key, &["flash", &body]));
    format!("{body}.{tag}")
}

fn open_flash(app: &App, sealed: &str) -> Option<(String, String)> {
    use base64::Engine;
    let (body, tag) = sealed.split_once('.')?;
    if !same(&hex(&mac(&app.site.form_key, &["flash", body])), tag) {
        return None;
    }
    let text = String::from_utf8(base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
    let (kind, text) = text.split_once('|')?;
    Some((kind.to_owned(), text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_ours_is_gone_on_to() {
        for bad in ["", "https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "staff"] {
            assert_eq!(local_path(Some(bad)), None, "{bad:?}");
        }
        assert_eq!(local_path(Some("/staff/events/x/people?q=a%20b")), Some("/staff/events/x/people?q=a%20b"));
        assert_eq!(local_path(None), None);
    }
}
