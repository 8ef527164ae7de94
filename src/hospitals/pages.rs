//! The public list of recognized hospitals (RCG-3).

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::{rules, search};
use crate::app::App;
use crate::error::Result;
use crate::http::asker::Asker;
use crate::http::pages::Page;

/// Every hospital that is recognized today, by state and name.
pub async fn recognized(app: web::Data<App>, asker: Asker) -> Result<HttpResponse> {
    let today = rules::today(app.now());
    let mut found = app.read(move |db| search::recognized_on(db, today)).await?;
    found.sort_by(|left, right| left.hospital.state.cmp(&right.hospital.state));
    let hospitals: Vec<_> = found
        .iter()
        .map(|found| {
            json!({
                "name": found.hospital.name, "city": found.hospital.city, "state": found.hospital.state,
                "until": found.recognized_until(today).map(rules::words),
            })
        })
        .collect();
    let count = hospitals.len();
    let view = json!({ "today": rules::words(today), "count": count, "one": count == 1, "hospitals": hospitals });
    Page::new(&app, &asker, "hospitals/recognized").render(&view)
}
