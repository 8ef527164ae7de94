//! The numbers by which CE Broker knows the provider and its activities, and when reporting was acknowledged.

use actix_web::{HttpResponse, web};

use super::settings::{self, SettingDraft};
use crate::app::App;
use crate::credits::admin::Educator;
use crate::error::Result;
use crate::events::Event;
use crate::http::PostedForm;
use crate::setup::forms_admin::{Field, FormPage, group, outcome, to};

/// `GET /staff/events/{event}/credits/reports/settings`
pub async fn edit(app: web::Data<App>, allowed: Educator) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let own = event.clone();
    let draft = app.read(move |db| settings::draft(db, &own)).await?;
    form(event, &draft).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/credits/reports/settings`
pub async fn update(app: web::Data<App>, allowed: Educator, PostedForm(typed): PostedForm<SettingDraft>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, draft) = (event.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| settings::save(tx, &own, &draft)).await;
    match outcome(&app, done, &to(event, "credits/reports"), "The settings of reports are saved.")? {
        Ok(done) => Ok(done),
        Err(errors) => form(event, &typed).render(&app, &allowed.asker, Some(event), &errors),
    }
}

fn form(event: &Event, draft: &SettingDraft) -> FormPage {
    let courses = "An activity a line: its code, CE Broker’s course number or -, and the subject area for partial credit: MONDAY 123456 PS1. Without a course number the own code stands for it.";
    let acknowledged = "The day on which all receivers had confirmed. Half a year later months and days of birth and NABP ids are erased; without a day, half a year after pharmacy’s sixty days.";
    FormPage {
        title: "Settings of reports".to_owned(),
        lead: "PARS ids, UANs and the provider’s other numbers stand with the activities and the provider of record.".to_owned(),
        back: (to(event, "credits/reports"), "Reports".to_owned()),
        action: to(event, "credits/reports/settings"),
        button: "Save",
        groups: vec![
            group(
                "CE Broker",
                vec![
                    Field::code("ce_broker_provider", "Number of the provider", &draft.ce_broker_provider).hint("Without 50-").optional(),
                    Field::text("ce_broker_states", "States that take CE Broker", &draft.ce_broker_states)
                        .hint("Such as FL GA. Empty: every license is told.")
                        .optional(),
                    Field::lines("courses", "Courses", &draft.courses, 5).hint(courses).optional(),
                ],
            ),
            group(
                "When reporting is over",
                vec![Field::day("acknowledged_on", "Everything was acknowledged on", &draft.acknowledged_on).hint(acknowledged).optional()],
            ),
        ],
        ..FormPage::default()
    }
}
