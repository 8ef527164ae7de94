//! Pages where owners add staff, give and take roles, and disable accounts.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::letters::{self, Invitation};
use super::pages::Nothing;
use super::{PURPOSE_PASSWORD, Role, SETUP_LINK, StaffMember, StaffRole};
use crate::app::{App, Tx};
use crate::error::{Error, FieldError, Result};
use crate::events::{self, Event, rules::instant_words};
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::{Page, form_errors, see_other_saying};
use crate::ids::{EventId, StaffId, StaffRoleId};

type Owner = Allowed<permit::ManageStaff>;

/// What the form of a new account sends; an empty `event` means all events.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct NewMember {
    email: String,
    name: String,
    role: String,
    event: String,
}

/// What the form of a further role sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NewRole {
    role: String,
    event: String,
}

/// `GET /staff/members`
pub async fn index(app: web::Data<App>, owner: Owner) -> Result<HttpResponse> {
    index_page(&app, &owner, &NewMember::default(), &[], 200).await
}

async fn index_page(app: &App, owner: &Owner, typed: &NewMember, fields: &[FieldError], status: u16) -> Result<HttpResponse> {
    let (members, all_events) = app.read(|db| Ok((super::list(db)?, events::list(db, true)?))).await?;
    let rows: Vec<Value> = members.iter().map(|(member, roles)| member_row(member, roles, &all_events)).collect();
    let (errors, error_for) = form_errors(fields);
    let view = json!({
        "members": rows, "roles": role_options(&typed.role), "events": event_options(&all_events, &typed.event),
        "email": typed.email, "name": typed.name, "errors": errors, "error_for": error_for,
    });
    Page::new(app, &owner.asker, "staff/members").status(status).render(&view)
}

fn member_row(member: &StaffMember, roles: &[StaffRole], all_events: &[Event]) -> Value {
    let (kind, text) = match (&member.disabled_at, &member.password_hash) {
        (Some(_), _) => ("no", "Disabled"),
        (None, Some(_)) => ("yes", "Active"),
        (None, None) => ("wait", "Password not set"),
    };
    let roles: Vec<Value> = roles
        .iter()
        .map(|held| json!({ "id": held.id, "role": held.role.words(), "scope": scope_words(held.event_id.as_ref(), all_events) }))
        .collect();
    json!({
        "id": member.id, "name": member.name, "email": member.email, "roles": roles,
        "chip": { "kind": kind, "text": text }, "disabled": member.disabled_at.is_some(),
    })
}

/// An event's name, or `all events`.
pub(super) fn scope_words(event: Option<&EventId>, all_events: &[Event]) -> String {
    match event {
        None => "all events".to_owned(),
        Some(id) => all_events.iter().find(|event| &event.id == id).map_or_else(|| "an event".to_owned(), |event| event.name.clone()),
    }
}

pub(super) fn role_options(chosen: &str) -> Vec<Value> {
    let chosen = if chosen.is_empty() { Role::Registrar.as_str() } else { chosen };
    let option = |role: &Role| json!({ "value": role, "text": format!("{}: {}", role.words(), role.purpose()), "selected": role.as_str() == chosen });
    Role::ALL.iter().map(option).collect()
}

pub(super) fn event_options(all_events: &[Event], chosen: &str) -> Vec<Value> {
    let mut options = vec![json!({ "value": "", "text": "All events", "selected": chosen.is_empty() })];
    options.extend(all_events.iter().map(|event| json!({ "value": event.slug, "text": event.name, "selected": event.slug == chosen })));
    options
}

/// A role and an event as a form names them; an empty event means all.
pub(super) fn role_and_event(tx: &mut Tx<'_>, role: &str, slug: &str) -> Result<(Role, Option<Event>)> {
    let role = Role::from_word(role).ok_or_else(|| Error::invalid("role", "unknown", "Choose a role."))?;
    let event = match slug {
        "" => None,
        slug => Some(events::find(tx.db, slug)?.ok_or_else(|| Error::invalid("event", "unknown", "Choose an event, or all."))?),
    };
    Ok((role, event))
}

/// `POST /staff/members`: adds an account and mails it a link, which is also shown here, once.
pub async fn create(app: web::Data<App>, owner: Owner, form: PostedForm<NewMember>) -> Result<HttpResponse> {
    let (form, typed) = (form.0.clone(), form.0);
    let added = app.write(owner.actor(), move |tx| {
        let (role, event) = role_and_event(tx, &form.role, &form.event)?;
        let id = super::add(tx, &form.email, &form.name, role, event.as_ref().map(|event| event.id.clone()))?;
        let member = super::get(tx.db, &id)?;
        // Somebody who has a password keeps it; the new role is there at once.
        let link = if member.password_hash.is_none() { Some(send_link(tx, &member, role, event.as_ref())?) } else { None };
        Ok((member, link))
    });
    match added.await {
        Ok((member, Some(link))) => link_page(&app, &owner, &member, &link),
        Ok((member, None)) => {
            Ok(see_other_saying(&app, &format!("/staff/members/{}", member.id), "yes", "This account existed; the role was added."))
        }
        Err(Error::Invalid(fields)) => index_page(&app, &owner, &typed, &fields, 422).await,
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(&app, "/staff/members", "no", &message)),
        Err(error) => Err(error),
    }
}

fn send_link(tx: &mut Tx<'_>, member: &StaffMember, role: Role, event: Option<&Event>) -> Result<String> {
    let secret = super::new_link(tx, &member.id, PURPOSE_PASSWORD, SETUP_LINK)?;
    let link = format!("{}/staff/links/{secret}", tx.site.config.base_url);
    let zone = event.map_or(chrono_tz::Tz::UTC, Event::zone);
    let words = Invitation {
        role_name: &role.words().to_lowercase(),
        scope_text: event.map_or("all events", |event| &event.name),
        link: &link,
        expires_text: &instant_words(tx.now.plus(SETUP_LINK), zone),
    };
    letters::invite(tx, member, &words)?;
    Ok(link)
}

fn link_page(app: &App, owner: &Owner, member: &StaffMember, link: &str) -> Result<HttpResponse> {
    let view = json!({ "id": member.id, "name": member.name, "email": member.email, "link": link });
    Page::new(app, &owner.asker, "staff/link_made").render(&view)
}

/// `GET /staff/members/{member}`
pub async fn show(app: web::Data<App>, owner: Owner, member: web::Path<String>) -> Result<HttpResponse> {
    let id = StaffId::from(member.into_inner());
    let (member, roles, all_events) =
        app.read(move |db| Ok((super::get(db, &id)?, super::roles_of(db, &id)?, events::list(db, true)?))).await?;
    let mut view = member_row(&member, &roles, &all_events);
    view["role_options"] = json!(role_options(""));
    view["events"] = json!(event_options(&all_events, ""));
    Page::new(&app, &owner.asker, "staff/member").render(&view)
}

/// `POST /staff/members/{member}/roles`
pub async fn add_role(app: web::Data<App>, owner: Owner, member: web::Path<String>, form: PostedForm<NewRole>) -> Result<HttpResponse> {
    let (id, form) = (StaffId::from(member.into_inner()), form.0);
    let back = id.clone();
    let done = app.write(owner.actor(), move |tx| {
        let (role, event) = role_and_event(tx, &form.role, &form.event)?;
        super::give_role(tx, &id, role, event.map(|event| event.id))
    });
    back_to(&app, &back, done.await, "The role was added.")
}

/// `POST /staff/members/{member}/roles/{role}/removal`
pub async fn remove_role(
    app: web::Data<App>,
    owner: Owner,
    path: web::Path<(String, String)>,
    _form: PostedForm<Nothing>,
) -> Result<HttpResponse> {
    let (member, role) = path.into_inner();
    let (id, role) = (StaffId::from(member), StaffRoleId::from(role));
    let back = id.clone();
    let done = app.write(owner.actor(), move |tx| super::remove_role(tx, &id, &role)).await;
    back_to(&app, &back, done, "The role was taken away.")
}

/// `POST /staff/members/{member}/links`: a new link to set the password.
pub async fn create_link(app: web::Data<App>, owner: Owner, member: web::Path<String>, _form: PostedForm<Nothing>) -> Result<HttpResponse> {
    let id = StaffId::from(member.into_inner());
    let back = id.clone();
    let made = app.write(owner.actor(), move |tx| {
        let member = super::get(tx.db, &id)?;
        if member.disabled_at.is_some() {
            return Err(Error::refused("staff.disabled", "This account is disabled. Enable it first."));
        }
        let none = || Error::refused("staff.no_role", "This account has no role. Give it one first.");
        let held = super::roles_of(tx.db, &id)?.into_iter().next().ok_or_else(none)?;
        let event = held.event_id.map(|event| events::get_by_id(tx.db, &event)).transpose()?;
        let link = send_link(tx, &member, held.role, event.as_ref())?;
        Ok((member, link))
    });
    match made.await {
        Ok((member, link)) => link_page(&app, &owner, &member, &link),
        Err(error) => back_to(&app, &back, Err(error), ""),
    }
}

/// `POST /staff/members/{member}/disabling`
pub async fn disable(app: web::Data<App>, owner: Owner, member: web::Path<String>, _form: PostedForm<Nothing>) -> Result<HttpResponse> {
    let id = StaffId::from(member.into_inner());
    let back = id.clone();
    let done = app.write(owner.actor(), move |tx| super::disable(tx, &id)).await;
    back_to(&app, &back, done, "The account is disabled and signed out everywhere.")
}

/// `POST /staff/members/{member}/enabling`
pub async fn enable(app: web::Data<App>, owner: Owner, member: web::Path<String>, _form: PostedForm<Nothing>) -> Result<HttpResponse> {
    let id = StaffId::from(member.into_inner());
    let back = id.clone();
    let done = app.write(owner.actor(), move |tx| super::enable(tx, &id)).await;
    back_to(&app, &back, done, "The account is enabled.")
}

/// Back to the account's page, with what was done or why it was not.
fn back_to(app: &App, id: &StaffId, done: Result<()>, said: &str) -> Result<HttpResponse> {
    let to = format!("/staff/members/{id}");
    match done {
        Ok(()) => Ok(see_other_saying(app, &to, "yes", said)),
        Err(error @ (Error::Refused { .. } | Error::Invalid(_))) => Ok(see_other_saying(app, &to, "no", &error.to_string())),
        Err(error) => Err(error),
    }
}
