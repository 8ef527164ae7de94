//! A person's transcript for education staff: of the events whose credit they may see.

use actix_web::{HttpResponse, web};

use super::transcript::Transcript;
use super::transcript_pages::{Asked, pdf_answer, read, view};
use crate::app::App;
use crate::credits::admin::Reader;
use crate::desk::person::registration_of;
use crate::error::Result;
use crate::http::Page;
use crate::setup::forms_admin::to;
use crate::staff::Permission;

async fn transcript_of(app: &App, allowed: &Reader, code: String, asked: &Asked) -> Result<(Transcript, String)> {
    let own = allowed.event()?.clone();
    let registration = app.read(move |db| registration_of(db, &own, &code)).await?;
    let identity = allowed.identity.clone();
    let transcript = read(app, registration.person_id, asked, move |event| identity.may(Permission::SeeCredits, event)).await?;
    Ok((transcript, registration.code))
}

/// `GET /staff/events/{event}/credits/people/{registration}/transcript`
pub async fn show(
    app: web::Data<App>,
    allowed: Reader,
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (transcript, code) = transcript_of(&app, &allowed, path.into_inner().1, &asked).await?;
    let person = to(event, &format!("credits/people/{code}"));
    let view = view(&transcript, &asked, &format!("{person}/transcript"), (&person, "Credit of this person"));
    Page::new(&app, &allowed.asker, "reports/transcript").event(event).render(&view)
}

/// `GET /staff/events/{event}/credits/people/{registration}/transcript.pdf`
pub async fn pdf(
    app: web::Data<App>,
    allowed: Reader,
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse> {
    let (transcript, _) = transcript_of(&app, &allowed, path.into_inner().1, &asked).await?;
    pdf_answer(&app, transcript).await
}
