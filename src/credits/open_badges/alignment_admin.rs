//! Which statements of the Patient Safety Structural Measure an activity is about, for education staff.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::alignments;
use crate::app::App;
use crate::credits::activities::{self, Activity};
use crate::credits::admin::Educator;
use crate::error::{Error, FieldError, Result};
use crate::events::Event;
use crate::http::PostedForm;
use crate::pssm::{self, Catalogue};
use crate::setup::forms_admin::{Choice, Field, FormPage, group, outcome, to};
use crate::typed::texts;

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    #[serde(deserialize_with = "texts")]
    statements: Vec<String>,
}

async fn activity_of(app: &App, event: &Event, id: &str) -> Result<(Activity, Vec<String>, Catalogue)> {
    let (of, id) = (event.clone(), id.to_owned());
    app.read(move |db| {
        let whole = activities::list(db, &of.id)?.into_iter().find(|whole| whole.activity.id.as_str() == id).ok_or(Error::NotFound)?;
        let chosen = alignments::of_activity(db, &whole.activity.id)?;
        Ok((whole.activity, chosen, pssm::of_event(db, &of)?))
    })
    .await
}

fn form(
    app: &App,
    allowed: &Educator,
    activity: &Activity,
    chosen: &[String],
    measure: &Catalogue,
    errors: &[FieldError],
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let choice = |(code, words): (&str, &str)| Choice {
        value: code.to_owned(),
        text: if code.len() == 1 { format!("{code} {words} (the whole domain)") } else { format!("{code} {words}") },
        selected: false,
        checked: chosen.iter().any(|one| one == code),
    };
    let options: Vec<Choice> = measure.all().map(choice).collect();
    let page = FormPage {
        title: format!("{}: what it is about", activity.title),
        lead: format!(
            "Open Badges of this activity say which parts of the {} it is about. They do not claim that a hospital meets them.",
            measure.version.framework
        ),
        back: (to(event, "credits/activities"), "Activities".to_owned()),
        action: to(event, &format!("credits/activities/{}/statements", activity.id)),
        button: "Keep it",
        groups: vec![group("", vec![Field::many("statements", "Domains and statements", options).optional()])],
        ..FormPage::default()
    };
    page.render(app, &allowed.asker, Some(event), errors)
}

/// `GET /staff/events/{event}/credits/activities/{activity}/statements`
pub async fn edit(app: web::Data<App>, allowed: Educator, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (activity, chosen, measure) = activity_of(&app, allowed.event()?, &path.1).await?;
    form(&app, &allowed, &activity, &chosen, &measure, &[])
}

/// `POST /staff/events/{event}/credits/activities/{activity}/statements`
pub async fn update(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<Typed>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (activity, _, measure) = activity_of(&app, event, &path.1).await?;
    let (of, chosen) = (activity.clone(), typed.statements.clone());
    let done = app.write(allowed.actor(), move |tx| alignments::save(tx, &of, &chosen)).await;
    match outcome(&app, done, &to(event, "credits/activities"), "Kept. Open Badges that are taken from now on say so.")? {
        Ok(done) => Ok(done),
        Err(errors) => form(&app, &allowed, &activity, &typed.statements, &measure, &errors),
    }
}
