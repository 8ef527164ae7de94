//! Staff set until when an event's recordings are watched, how soon they are due, and with which types they come.

use actix_web::{HttpResponse, web};

use super::settings::{self, SettingsDraft};
use crate::app::App;
use crate::error::{FieldError, Result};
use crate::events::Event;
use crate::http::PostedForm;
use crate::pricing;
use crate::setup::forms_admin::{Choice, Field, FormPage, group, outcome, to};
use crate::uploads::admin::Sender;

/// `GET /staff/events/{event}/recording-settings`
pub async fn edit(app: web::Data<App>, allowed: Sender) -> Result<HttpResponse> {
    let own = allowed.event()?.clone();
    let draft = app.read(move |db| settings::draft(db, &own)).await?;
    form(&app, &allowed, &draft, &[]).await
}

async fn form(app: &App, allowed: &Sender, draft: &SettingsDraft, errors: &[FieldError]) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let id = event.id.clone();
    let types = app.read(move |db| pricing::list_types(db, &id)).await?;
    let choice = |kind: &pricing::RegistrationType| Choice {
        value: kind.code.clone(),
        text: kind.name.clone(),
        selected: draft.types.contains(&kind.code),
        checked: draft.types.contains(&kind.code),
    };
    let due = if event.is_congress() { "Days after the event’s last day" } else { "Days after each session" };
    let fields = vec![
        Field::day("closes_on", "Recordings are watched until the end of", &draft.closes_on)
            .hint("In the event’s zone. From the next day on nobody gets them.")
            .required(),
        Field::whole("due_days", due, &draft.due_days).hint("From then on a recording that is not published counts as late.").required(),
        Field::many("types", "Registration types that come with recordings", types.iter().map(choice).collect())
            .hint("Each person gets the recordings of sessions that their registration includes."),
    ];
    let page = FormPage {
        title: "Settings of recordings".to_owned(),
        back: (to(event, "recordings"), "Recordings".to_owned()),
        action: to(event, "recording-settings"),
        button: "Save",
        groups: vec![group("", fields)],
        ..FormPage::default()
    };
    page.render(app, &allowed.asker, Some(event), errors)
}

/// `POST /staff/events/{event}/recording-settings`
pub async fn update(app: web::Data<App>, allowed: Sender, PostedForm(typed): PostedForm<SettingsDraft>) -> Result<HttpResponse> {
    let event: &Event = allowed.event()?;
    let (own, draft) = (event.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| settings::save(tx, &own, &draft)).await;
    match outcome(&app, done, &to(event, "recordings"), "The settings are saved.")? {
        Ok(done) => Ok(done),
        Err(errors) => form(&app, &allowed, &typed, &errors).await,
    }
}
