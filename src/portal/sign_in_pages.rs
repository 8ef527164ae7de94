//! Signing in as an attendee: e-mail and last name, then the mailed link or code (ACC-1).

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::future::join;
use serde::Deserialize;
use serde_json::json;

use super::sign_in;
use crate::app::{Actor, App};
use crate::error::{Checks, Error, FieldError, Result};
use crate::http::asker::{ATTENDEE_COOKIE, cookie, removed_cookie};
use crate::http::pages::{form_errors, local_path, see_other_saying};
use crate::http::{Asker, Page, PostedForm, see_other};
use crate::people;
use crate::people::rules::{email_key, tidy};
use crate::people::sign_in::{CODE_LASTS, SIGN_IN_LASTS, find_link};

/// Where somebody who signed in goes on to.
const HOME: &str = "/my";

/// Every answer takes at least so long, so that its time does not tell whether a letter was written.
const ANSWER_TAKES: Duration = Duration::from_millis(150);

const WRONG_EMAIL: &str = "Enter the complete e-mail address you registered with, such as name@hospital.org.";
const WRONG_CODE: &str = "This code is wrong, was used, or is too old. Look for the newest letter, or ask for a new code.";

/// `?next=`: where to go on to.
#[derive(Deserialize)]
pub struct NextQuery {
    next: Option<String>,
}

/// Who asks to sign in.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SignInForm {
    email: String,
    last_name: String,
    next: Option<String>,
}

/// A typed code and whose it is.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CodeForm {
    email: String,
    code: String,
    next: Option<String>,
}

/// A form of which only the button counts.
#[derive(Deserialize)]
pub struct Pressed {
    next: Option<String>,
}

/// `GET /sign-in`.
pub async fn new(app: web::Data<App>, asker: Asker, query: web::Query<NextQuery>) -> Result<HttpResponse> {
    let next = local_path(query.next.as_deref());
    if asker.attendee.is_some() {
        return Ok(see_other(next.unwrap_or(HOME)));
    }
    ask_page(&app, &asker, &SignInForm { next: next.map(str::to_owned), ..SignInForm::default() }, &[])
}

fn ask_page(app: &App, asker: &Asker, form: &SignInForm, wrong: &[FieldError]) -> Result<HttpResponse> {
    let (errors, error_for) = form_errors(wrong);
    Page::new(app, asker, "portal/sign_in").status(if wrong.is_empty() { 200 } else { 422 }).render(&json!({
        "email": form.email, "last_name": form.last_name, "next": local_path(form.next.as_deref()),
        "next_query": next_query(form.next.as_deref()), "errors": errors, "error_for": error_for,
    }))
}

/// `POST /sign-in`: always the same answer, whether such a person exists or not.
pub async fn create(app: web::Data<App>, asker: Asker, form: PostedForm<SignInForm>) -> Result<HttpResponse> {
    let form = form.0;
    app.limits.sign_ins.take_address(&asker.address)?;
    let key = match key_of(&form) {
        Ok(key) => key,
        Err(Error::Invalid(wrong)) => return ask_page(&app, &asker, &form, &wrong),
        Err(other) => return Err(other),
    };
    app.limits.sign_in_emails.take(&key)?;
    let (last_name, next) = (form.last_name, local_path(form.next.as_deref()).map(str::to_owned));
    let asked = app.write(Actor::Public, move |tx| sign_in::ask(tx, &key, &last_name, next.as_deref()));
    let (asked, ()) = join(asked, tokio::time::sleep(ANSWER_TAKES)).await;
    asked?;
    let form = CodeForm { email: form.email, code: String::new(), next: form.next };
    code_page(&app, &asker, &form, true, &[])
}

/// `?next=…` for links between these pages, or nothing.
fn next_query(next: Option<&str>) -> String {
    local_path(next).map(|next| format!("?next={}", sign_in::encoded(next))).unwrap_or_default()
}

fn key_of(form: &SignInForm) -> Result<String> {
    let mut checks = Checks::new();
    let key = email_key(&form.email);
    if key.is_none() {
        checks.wrong("email", "email", WRONG_EMAIL);
    }
    checks.required("last_name", &tidy(&form.last_name), "Enter the last name you registered with.");
    checks.finish()?;
    key.ok_or(Error::NotFound)
}

/// `GET /sign-in/code`: for a code that was mailed or given, on any device.
pub async fn new_code(app: web::Data<App>, asker: Asker, query: web::Query<NextQuery>) -> Result<HttpResponse> {
    let form = CodeForm { next: query.into_inner().next, ..CodeForm::default() };
    code_page(&app, &asker, &form, false, &[])
}

/// The page on which a code is typed; `asked` just now on the page before, with this e-mail.
fn code_page(app: &App, asker: &Asker, form: &CodeForm, asked: bool, wrong: &[FieldError]) -> Result<HttpResponse> {
    let (errors, error_for) = form_errors(wrong);
    Page::new(app, asker, "portal/sign_in_code").status(if wrong.is_empty() { 200 } else { 422 }).render(&json!({
        "email": form.email, "asked": asked, "minutes": CODE_LASTS.num_minutes(), "next": local_path(form.next.as_deref()),
        "next_query": next_query(form.next.as_deref()), "errors": errors, "error_for": error_for,
    }))
}

/// `POST /sign-in/code`: the e-mail and its code sign in.
pub async fn create_by_code(app: web::Data<App>, asker: Asker, form: PostedForm<CodeForm>) -> Result<HttpResponse> {
    let form = form.0;
    app.limits.sign_ins.take_address(&asker.address)?;
    let Some(key) = email_key(&form.email) else {
        return code_page(
            &app,
            &asker,
            &form,
            false,
            &[FieldError { field: "email".to_owned(), code: "email", detail: WRONG_EMAIL.to_owned() }],
        );
    };
    app.limits.sign_in_emails.take(&key)?;
    let typed = form.code.clone();
    match app.write(Actor::Public, move |tx| sign_in::enter_code(tx, &key, &typed)).await? {
        Some(secret) => Ok(signed_in(&app, secret, form.next.as_deref())),
        None => {
            code_page(&app, &asker, &form, false, &[FieldError { field: "code".to_owned(), code: "wrong", detail: WRONG_CODE.to_owned() }])
        }
    }
}

/// `GET /sign-in/link/{secret}`: a page with a button; opening it uses nothing up, since mail scanners open links.
pub async fn show_link(app: web::Data<App>, asker: Asker, secret: web::Path<String>, query: web::Query<NextQuery>) -> Result<HttpResponse> {
    app.limits.public.take_address(&asker.address)?;
    let now = app.now();
    let link = secret.clone();
    let person = app.read(move |db| match find_link(db, &link, now)?.and_then(|code| code.person_id) {
        Some(id) => people::get(db, &id).map(Some),
        None => Ok(None),
    });
    match person.await? {
        Some(person) => Page::new(&app, &asker, "portal/sign_in_link").render(&json!({
            "name": person.full_name(), "secret": *secret, "next": local_path(query.next.as_deref()),
        })),
        None => link_is_gone(&app, &asker),
    }
}

/// `POST /sign-in/link/{secret}`: uses the link up and signs in.
pub async fn create_by_link(
    app: web::Data<App>,
    asker: Asker,
    secret: web::Path<String>,
    form: PostedForm<Pressed>,
) -> Result<HttpResponse> {
    app.limits.sign_ins.take_address(&asker.address)?;
    let link = secret.into_inner();
    match app.write(Actor::Public, move |tx| sign_in::enter_link(tx, &link)).await? {
        Some(secret) => Ok(signed_in(&app, secret, form.0.next.as_deref())),
        None => link_is_gone(&app, &asker),
    }
}

fn link_is_gone(app: &App, asker: &Asker) -> Result<HttpResponse> {
    Page::new(app, asker, "portal/sign_in_gone").status(404).render(&json!({ "minutes": CODE_LASTS.num_minutes() }))
}

fn signed_in(app: &App, secret: String, next: Option<&str>) -> HttpResponse {
    let mut response = see_other(local_path(next).unwrap_or(HOME));
    // A cookie that cannot be added only means to sign in again.
    let _ = response.add_cookie(&cookie(app, ATTENDEE_COOKIE, secret, SIGN_IN_LASTS));
    response
}

/// `POST /sign-out`.
pub async fn delete(app: web::Data<App>, asker: Asker, request: HttpRequest, _form: PostedForm<Pressed>) -> Result<HttpResponse> {
    if let Some(secret) = request.cookie(ATTENDEE_COOKIE).map(|cookie| cookie.value().to_owned()) {
        app.write(asker.actor(), move |tx| people::sign_in::sign_out(tx, &secret)).await?;
    }
    let mut response = see_other_saying(&app, "/", "yes", "You are signed out.");
    // A cookie that cannot be taken away opens nothing any more.
    let _ = response.add_cookie(&removed_cookie(&app, ATTENDEE_COOKIE));
    Ok(response)
}
