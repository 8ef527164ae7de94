//! Staff upload the hospital list of CMS: first what it would change, then the import.

use actix_web::{HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::cms_file::{self, CmsFile};
use super::cms_import::{self, Plan};
use super::{Hospital, Imported};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::{Page, see_other_saying};
use crate::http::uploads::PostedFile;
use crate::incoming;

/// The largest upload in megabytes; the list of 2026 has one and a half.
const LARGEST_LIST: usize = 16;

/// The largest packed list in bytes that the second form can carry; three times the list of 2026.
const LARGEST_PACKED: usize = 740 * 1024;

/// How many hospitals of each kind the preview names.
const SHOWN: usize = 50;

type Editor = Allowed<permit::EditHospitals>;

/// The form to choose a file.
pub async fn new(app: web::Data<App>, allowed: Editor) -> Result<HttpResponse> {
    form_page(&app, &allowed, None)
}

fn form_page(app: &App, allowed: &Editor, wrong: Option<String>) -> Result<HttpResponse> {
    let status = if wrong.is_some() { 422 } else { 200 };
    let errors: Vec<Value> = wrong.iter().map(|text| json!({ "field": "list", "text": text })).collect();
    let view = json!({ "errors": errors, "error": wrong });
    Page::new(app, &allowed.asker, "hospitals/list").status(status).render(&view)
}

/// What importing the uploaded list would do. The page carries the packed list on to [`create`], so that
/// nothing has to be kept between the two, on whichever node.
pub async fn preview(app: web::Data<App>, allowed: Editor, upload: PostedFile<LARGEST_LIST>) -> Result<HttpResponse> {
    if upload.bytes.is_empty() {
        return form_page(&app, &allowed, Some("Choose the file first.".to_owned()));
    }
    let packed = match incoming::packed(&upload.bytes) {
        Ok(packed) if packed.len() <= LARGEST_PACKED => URL_SAFE_NO_PAD.encode(packed),
        Ok(_) => {
            return form_page(
                &app,
                &allowed,
                Some("This file is too large for this page. Import it with “lanyard hospitals import”.".to_owned()),
            );
        }
        Err(cause) => return Err(Error::internal(cause)),
    };
    let file = match read(upload.bytes).await? {
        Ok(file) => file,
        Err(sentence) => return form_page(&app, &allowed, Some(sentence)),
    };
    let (file, plan) = app.read(move |db| cms_import::plan(db, &file).map(|plan| (file, plan))).await?;
    Page::new(&app, &allowed.asker, "hospitals/list_preview").render(&plan_view(&file, &plan, &packed))
}

/// Reads a list off the threads that serve requests.
async fn read(bytes: Vec<u8>) -> Result<std::result::Result<CmsFile, String>> {
    web::block(move || cms_file::read(&bytes).map_err(|unreadable| unreadable.to_string())).await.map_err(Error::internal)
}

fn plan_view(file: &CmsFile, plan: &Plan, packed: &str) -> Value {
    let counts = plan.counts();
    let group = |title: &str, hospitals: Vec<&Hospital>| {
        let names: Vec<Value> = hospitals
            .iter()
            .take(SHOWN)
            .map(|hospital| json!({ "name": hospital.name, "city": hospital.city, "state": hospital.state, "ccn": hospital.ccn }))
            .collect();
        json!({ "title": title, "count": hospitals.len(), "names": names, "more": hospitals.len().saturating_sub(SHOWN) })
    };
    let known = counts.changed + counts.unchanged + counts.gone;
    json!({
        "packed": packed,
        "added": counts.added, "changed": counts.changed, "gone": counts.gone, "unchanged": counts.unchanged,
        "changes": counts.added + counts.changed + counts.gone > 0,
        // A list of one state, say, would make most other hospitals disappear from the search.
        "many_gone": counts.gone > 20 && counts.gone * 10 > known,
        "refused_count": file.refused.len(),
        "refused": file.refused.iter().take(SHOWN)
            .map(|row| json!({ "line": row.line, "what": row.what, "reason": row.reason })).collect::<Vec<_>>(),
        "groups": [
            group("New", plan.added.iter().collect()),
            group("Changed", plan.changed.iter().map(|(_, hospital)| hospital).collect()),
            group("Gone", plan.gone.iter().collect()),
        ],
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListForm {
    packed: String,
    skip_refused: String,
}

/// Imports the list that was previewed.
pub async fn create(app: web::Data<App>, allowed: Editor, PostedForm(form): PostedForm<ListForm>) -> Result<HttpResponse> {
    let bytes = URL_SAFE_NO_PAD.decode(&form.packed).map_err(|_| Error::StaleForm)?;
    let file = match read(bytes).await? {
        Ok(file) => file,
        Err(sentence) => return form_page(&app, &allowed, Some(sentence)),
    };
    let skip_refused = form.skip_refused == "yes";
    match app.write(allowed.actor(), move |tx| cms_import::import(tx, &file, skip_refused, &mut |_, _| {})).await {
        Ok(done) => Ok(see_other_saying(&app, "/staff/hospitals", "yes", &sentence(done))),
        Err(Error::Refused { message, .. }) => form_page(&app, &allowed, Some(message)),
        Err(other) => Err(other),
    }
}

/// What an import did, for people.
pub fn sentence(done: Imported) -> String {
    format!("Hospitals: {} added, {} changed, {} gone, {} as before.", done.added, done.changed, done.gone, done.unchanged)
}
