//! Single materials and versions for content staff: looking at a file, showing a version, taking a material down.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};

use super::admin::session_named;
use super::{own, version_of};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::pages::see_other_after;
use crate::http::{PostedForm, files};
use crate::ids::{MaterialId, MaterialVersionId};
use crate::setup::forms_admin::to;
use crate::uploads;
use crate::uploads::admin::Sender;

/// How long a bucket's link works for staff.
const LASTS: Duration = Duration::from_secs(600);

/// A form of which only the button counts.
#[derive(serde::Deserialize)]
pub struct Pressed {}

type Named = web::Path<(String, String, String)>;

/// `GET /staff/events/{event}/materials/{session}/versions/{version}/file`
pub async fn file(app: web::Data<App>, allowed: Sender, path: Named, request: HttpRequest) -> Result<HttpResponse> {
    let session = session_named(&app, allowed.event()?, &path.1).await?;
    let id = MaterialVersionId::from(path.2.clone());
    let found = app.read(move |db| {
        let (_, version) = version_of(db, &session.id, &id)?;
        uploads::find(db, &version.upload_id.ok_or(Error::NotFound)?)?.ok_or(Error::NotFound)
    });
    files::give(&app, &request, &found.await?, false, LASTS).await
}

/// `POST /staff/events/{event}/materials/{session}/versions/{version}/showing`
pub async fn show(app: web::Data<App>, allowed: Sender, path: Named, _: PostedForm<Pressed>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let session = session_named(&app, event, &path.1).await?;
    let (own, id) = (event.clone(), MaterialVersionId::from(path.2.clone()));
    let next = to(event, &format!("materials/{}", session.code));
    let done = app.write(allowed.actor(), move |tx| super::show(tx, &own, &session, &id)).await;
    see_other_after(&app, &next, done.map(|()| "This version is the one that people get."))
}

/// `POST /staff/events/{event}/materials/{session}/items/{material}/removal`: takes it down, or puts it up again.
pub async fn take_down(app: web::Data<App>, allowed: Sender, path: Named, _: PostedForm<Pressed>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let session = session_named(&app, event, &path.1).await?;
    let (of_event, id) = (event.clone(), MaterialId::from(path.2.clone()));
    let next = to(event, &format!("materials/{}", session.code));
    let done = app.write(allowed.actor(), move |tx| {
        let is_down = own(tx.db, &session.id, &id)?.taken_down_at.is_none();
        super::take_down(tx, &of_event, &session, &id, is_down).map(|_| is_down)
    });
    let said = |is_down| if is_down { "Taken down: nobody but staff sees it." } else { "It is up again." };
    see_other_after(&app, &next, done.await.map(said))
}
