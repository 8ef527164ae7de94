//! My transcript: all my credit, as a page and as a PDF.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::transcript::{self, Begins, Transcript};
use super::{transcript_pdf, transcript_views};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Mine, Page};
use crate::ids::{EventId, PersonId};
use crate::pdf::fonts::Fonts;

/// When the reader's own cycles begin, as the address has it; what is no day is as if it were not there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    cpps: String,
    cphq: String,
}

impl Asked {
    pub fn begins(&self) -> Begins {
        // Some calendars have no such year, and no cycle begins there.
        let day = |text: &str| text.trim().parse().ok().filter(|day| (day_of(1970)..day_of(2200)).contains(day));
        Begins { cpps: day(&self.cpps), cphq: day(&self.cphq) }
    }

    /// The address of the PDF with the same cycles.
    pub fn pdf(&self, base: &str) -> String {
        let begins = self.begins();
        let pairs = [("cpps", begins.cpps), ("cphq", begins.cphq)].map(|(name, day)| day.map(|day| format!("{name}={day}")));
        let query: Vec<String> = pairs.into_iter().flatten().collect();
        if query.is_empty() { format!("{base}.pdf") } else { format!("{base}.pdf?{}", query.join("&")) }
    }
}

fn day_of(year: i32) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default()
}

/// Reads a person's transcript, of the events that may be seen.
pub async fn read(app: &App, person: PersonId, asked: &Asked, may_see: impl Fn(&EventId) -> bool + Send + 'static) -> Result<Transcript> {
    let (begins, now) = (asked.begins(), app.now());
    app.read(move |db| transcript::of_person(db, &person, begins, now, may_see)).await
}

/// The page's fields with its links.
pub fn view(transcript: &Transcript, asked: &Asked, base: &str, back: (&str, &str)) -> Value {
    let mut view = transcript_views::page(transcript, &asked.begins());
    view["base"] = json!(base);
    view["pdf"] = json!(asked.pdf(base));
    view["back"] = json!({ "href": back.0, "text": back.1 });
    view
}

/// The transcript as a file.
pub async fn pdf_answer(app: &App, transcript: Transcript) -> Result<HttpResponse> {
    let folder = app.site.config.fonts.clone();
    let name = format!("attachment; filename=\"transcript-{}.pdf\"", transcript.made_on);
    let pdf = web::block(move || transcript_pdf::pdf(&transcript, Fonts::of(&folder)?)).await.map_err(Error::internal)??;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, name))
        .content_type("application/pdf")
        .body(pdf))
}

/// `GET /my/{registration}/transcript?cpps=&cphq=`
pub async fn show(app: web::Data<App>, mine: Mine, asked: web::Query<Asked>) -> Result<HttpResponse> {
    let transcript = read(&app, mine.person.id.clone(), &asked, |_| true).await?;
    let my = format!("/my/{}", mine.registration.code);
    let view = view(&transcript, &asked, &format!("{my}/transcript"), (&format!("{my}/credits"), "My credit"));
    Page::new(&app, &mine.asker, "reports/transcript").event(&mine.event).render(&view)
}

/// `GET /my/{registration}/transcript.pdf`
pub async fn pdf(app: web::Data<App>, mine: Mine, asked: web::Query<Asked>) -> Result<HttpResponse> {
    let transcript = read(&app, mine.person.id.clone(), &asked, |_| true).await?;
    pdf_answer(&app, transcript).await
}
