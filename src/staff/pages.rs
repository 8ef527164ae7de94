//! Pages by which staff sign in and out and set their password.

use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::rules::{self, WRONG_PASSWORD};
use super::{PURPOSE_PASSWORD, PURPOSE_SIGN_IN, StaffMember, passwords};
use crate::app::{Actor, App};
use crate::error::{Error, Result};
use crate::http::asker::{Asker, STAFF_COOKIE, cookie, removed_cookie};
use crate::http::forms::PostedForm;
use crate::http::pages::{Page, form_errors, local_path, see_other, see_other_saying};
use crate::ids::StaffId;
use crate::people::rules::email_key;

/// Where staff land when nothing else was asked for.
const HOME: &str = "/staff";

/// `?next=`: where to go on to.
#[derive(Deserialize)]
pub struct GoOn {
    next: Option<String>,
}

/// A form without fields of its own.
#[derive(Deserialize)]
pub struct Nothing {}

/// What the sign-in form sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SignInForm {
    email: String,
    password: String,
    next: Option<String>,
}

/// What the form of a new password sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    password: String,
    again: String,
}

/// `GET /staff/sign-in`; who is signed in already is told so, and may change to another account.
pub async fn new(app: web::Data<App>, asker: Asker, query: web::Query<GoOn>) -> Result<HttpResponse> {
    Page::new(&app, &asker, "staff/sign_in").render(&sign_in_view("", query.next.as_deref()))
}

/// `POST /staff/sign-in`: an unknown account takes the same time and hears the same as a wrong password.
pub async fn create(app: web::Data<App>, asker: Asker, form: PostedForm<SignInForm>) -> Result<HttpResponse> {
    let form = form.0;
    match try_password(&app, &asker, &form).await {
        Ok(secret) => Ok(signed_in(&app, secret, local_path(form.next.as_deref()).unwrap_or(HOME))),
        Err(error @ (Error::Refused { .. } | Error::TooMany { .. })) => {
            let page = Page::new(&app, &asker, "staff/sign_in").say("no", error.to_string());
            let status = if matches!(error, Error::TooMany { .. }) { 429 } else { 422 };
            let mut response = page.status(status).render(&sign_in_view(&form.email, form.next.as_deref()))?;
            if let Error::TooMany { retry_after_seconds } = error {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after_seconds));
            }
            Ok(response)
        }
        Err(error) => Err(error),
    }
}

fn sign_in_view(email: &str, next: Option<&str>) -> Value {
    json!({ "email": email, "next": local_path(next) })
}

async fn try_password(app: &App, asker: &Asker, form: &SignInForm) -> Result<String> {
    app.limits.sign_ins.take_address(&asker.address)?;
    let key = email_key(&form.email);
    if let Some(key) = &key {
        app.limits.passwords.take(key)?;
    }
    let member = match key {
        Some(key) => app.read(move |db| super::find_by_email(db, &key)).await?,
        None => None,
    };
    let member = member.filter(|member| member.disabled_at.is_none());
    let stored = member.as_ref().and_then(|member| member.password_hash.clone());
    let right = passwords::is_right(form.password.clone(), stored.clone()).await?;
    match (right, member, stored) {
        (true, Some(StaffMember { id, .. }), Some(checked)) => {
            app.write(Actor::Staff(id.clone()), move |tx| super::sign_in_checked(tx, &id, &checked)).await
        }
        _ => Err(Error::refused("staff.wrong_password", WRONG_PASSWORD)),
    }
}

/// A redirect that brings the cookie of a sign-in.
fn signed_in(app: &App, secret: String, to: &str) -> HttpResponse {
    let mut response = see_other(to);
    // A cookie that cannot be added only means to sign in again.
    let _ = response.add_cookie(&cookie(app, STAFF_COOKIE, secret, super::SIGN_IN));
    response
}

/// `POST /staff/sign-out`
pub async fn delete(app: web::Data<App>, asker: Asker, request: HttpRequest, _form: PostedForm<Nothing>) -> Result<HttpResponse> {
    if let Some(secret) = request.cookie(STAFF_COOKIE).map(|cookie| cookie.value().to_owned()) {
        app.write(asker.actor(), move |tx| super::sign_out(tx, &secret)).await?;
    }
    let mut response = see_other_saying(&app, "/staff/sign-in", "yes", "You are signed out.");
    // A cookie that cannot be taken away opens nothing any more.
    let _ = response.add_cookie(&removed_cookie(&app, STAFF_COOKIE));
    Ok(response)
}

/// `GET /staff/links/{secret}`: shows the form; only posting it uses the link up.
pub async fn edit_password(app: web::Data<App>, asker: Asker, secret: web::Path<String>) -> Result<HttpResponse> {
    app.limits.sign_ins.take_address(&asker.address)?;
    match find_link(&app, &secret, PURPOSE_PASSWORD).await? {
        Some(member) => password_page(&app, &asker, &secret, &member, &[], 200),
        None => link_is_gone(&app, &asker),
    }
}

/// `POST /staff/links/{secret}`: sets the password, uses the link up, and signs in.
pub async fn update_password(
    app: web::Data<App>,
    asker: Asker,
    secret: web::Path<String>,
    form: PostedForm<PasswordForm>,
) -> Result<HttpResponse> {
    app.limits.sign_ins.take_address(&asker.address)?;
    let (secret, form) = (secret.into_inner(), form.0);
    let Some(member) = find_link(&app, &secret, PURPOSE_PASSWORD).await? else { return link_is_gone(&app, &asker) };
    let complaint = rules::password_complaint(&form.password, &member.email).map(|text| Error::invalid("password", "password", text));
    let differing = || (form.password != form.again).then(|| Error::invalid("again", "differs", "This differs from the password above."));
    if let Some(Error::Invalid(fields)) = complaint.or_else(differing) {
        return password_page(&app, &asker, &secret, &member, &fields, 422);
    }
    let hash = passwords::hash(form.password).await?;
    let set = app.write(Actor::Staff(member.id), move |tx| {
        let id: StaffId = super::use_link(tx, &secret, PURPOSE_PASSWORD)?;
        super::set_password(tx, &id, hash)?;
        super::sign_in(tx, &id)
    });
    match set.await {
        Ok(session) => Ok(signed_in(&app, session, HOME)),
        Err(Error::Refused { code: "staff.link_used", .. }) => link_is_gone(&app, &asker),
        Err(error) => Err(error),
    }
}

fn password_page(
    app: &App,
    asker: &Asker,
    secret: &str,
    member: &StaffMember,
    fields: &[crate::error::FieldError],
    status: u16,
) -> Result<HttpResponse> {
    let (errors, error_for) = form_errors(fields);
    let view = json!({ "secret": secret, "name": member.name, "email": member.email, "errors": errors, "error_for": error_for });
    Page::new(app, asker, "staff/set_password").status(status).render(&view)
}

fn link_is_gone(app: &App, asker: &Asker) -> Result<HttpResponse> {
    Page::new(app, asker, "staff/link_gone").status(410).render(&json!({}))
}

async fn find_link(app: &App, secret: &str, purpose: &'static str) -> Result<Option<StaffMember>> {
    let (secret, now) = (secret.to_owned(), app.now());
    app.read(move |db| super::find_link(db, &secret, purpose, now)).await
}

/// `GET /staff/enter/{secret}`: the demo's sign-in links, good until the next start. They exist nowhere else.
pub async fn enter(app: web::Data<App>, secret: web::Path<String>) -> Result<HttpResponse> {
    if !app.site.config.demo {
        return Err(Error::NotFound);
    }
    let member = find_link(&app, &secret, PURPOSE_SIGN_IN).await?.ok_or(Error::NotFound)?;
    let session = app.write(Actor::Staff(member.id.clone()), move |tx| super::sign_in(tx, &member.id)).await?;
    Ok(signed_in(&app, session, HOME))
}
