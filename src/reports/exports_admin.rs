//! Files of reports for education staff: made, recorded, and sent piece by piece.

use std::fs::File;
use std::io::Read;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::exports::{self, Wanted};
use super::identities;
use super::rules::{Format, Kind, file_name};
use crate::app::App;
use crate::credits::admin::Educator;
use crate::credits::people::Show;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::http::PostedForm;
use crate::http::pages::see_other_saying;
use crate::setup::forms_admin::to;

/// So many bytes are sent at once.
const PIECE: usize = 64 * 1024;

/// What the form asks for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    format: String,
    everything: String,
    /// One activity or session alone.
    only: String,
    q: String,
    show: String,
}

impl Asked {
    fn wanted(&self, kind: Kind) -> Wanted {
        let format = Format::from_word(&self.format).filter(|format| kind.formats().contains(format));
        Wanted {
            kind,
            format: format.or(kind.formats().first().copied()).unwrap_or(Format::Csv),
            everything: self.everything == "yes",
            only: Some(self.only.trim().to_owned()).filter(|only| !only.is_empty()),
            words: self.q.clone(),
            show: Show::from_word(&self.show),
        }
    }
}

/// `POST /staff/events/{event}/credits/reports/{report}/exports`
pub async fn create(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String)>,
    PostedForm(asked): PostedForm<Asked>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let kind = Kind::from_word(&path.1).ok_or(Error::NotFound)?;
    let wanted = asked.wanted(kind);
    let (own, key, now, sought) = (event.clone(), identities::key_of(&app.site), app.now(), wanted.clone());
    let made = match app.read(move |db| exports::make(db, &key, &own, &sought, now)).await {
        Err(Error::Refused { message, .. }) => return Ok(see_other_saying(&app, &page_of(event, kind), "no", &message)),
        made => made?,
    };
    let (own, sought) = (event.clone(), wanted.clone());
    let made = app
        .write(allowed.actor(), move |tx| {
            exports::record(tx, &own, &sought, &made)?;
            Ok(made)
        })
        .await?;
    let name = file_name(kind, &event.slug, now.date_in(event.zone()), wanted.format);
    send(made.file, &name, wanted.format)
}

fn page_of(event: &Event, kind: Kind) -> String {
    match kind {
        Kind::Attendance => to(event, "credits/reports"),
        Kind::People => to(event, "credits/people"),
        kind => to(event, &format!("credits/reports/{kind}")),
    }
}

fn send(file: File, name: &str, format: Format) -> Result<HttpResponse> {
    let length = file.metadata().map_err(Error::internal)?.len();
    let content = match format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Format::Xls => "application/vnd.ms-excel",
        Format::Json => "application/json",
    };
    let pieces = futures_util::stream::try_unfold(file, |mut file| async move {
        let read = web::block(move || {
            let mut piece = vec![0; PIECE];
            let length = file.read(&mut piece)?;
            piece.truncate(length);
            Ok::<_, std::io::Error>((piece, file))
        });
        let (piece, file) = read.await.map_err(std::io::Error::other)??;
        Ok::<_, std::io::Error>((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
    });
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .content_type(content)
        .no_chunking(length)
        .streaming(pieces))
}
