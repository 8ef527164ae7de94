//! Materials of the demo: a handout that the service draws itself, a text, and a link; one session has none.

use std::thread;

use actix_web::web::Bytes;
use futures_util::stream;

use super::ACTOR;
use crate::agenda;
use crate::app::App;
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::materials::{self, Content, Wanted};
use crate::pdf::fonts::Fonts;
use crate::pdf::paper::{BLACK, Paper, Placed, Role};
use crate::pdf::rules::Weight;
use crate::pdf::text::wrap;
use crate::uploads::rules::Purpose;
use crate::uploads::{New, taking};

const HANDOUT: [&str; 4] = [
    "Before the day: choose one event, and tell everybody who was part of it that you will listen and not judge.",
    "Draw the timeline with the people who were there. Write what they saw, not what they should have seen.",
    "Test each cause: would the event have happened without it? Keep those that survive.",
    "Choose two strong actions. An action that needs everybody to remember it is weak.",
];

const CARD: &str = "Five questions for a safety huddle\n\n1. What nearly went wrong since yesterday?\n2. Who needs help today?\n\
    3. What did we decide, and who does it?\n4. What do the patients and families say?\n5. What do we tell the board?\n";

/// Hands the materials out. The storage is asked on a thread of its own, since whoever makes the demo may be on any.
pub fn hand_out(app: &App) -> Result<()> {
    let done = thread::scope(|scope| scope.spawn(|| actix_web::rt::System::new().block_on(put(app))).join());
    done.map_err(|_| Error::internal("the demo's materials could not be made"))?
}

async fn put(app: &App) -> Result<()> {
    let event = app.read(|db| events::get(db, super::people::EVENT)).await?;
    let fonts = app.site.config.fonts.clone();
    let pdf = tokio::task::spawn_blocking(move || handout(&fonts)).await.map_err(Error::internal)??;
    add_file(app, &event, "W1", "Workbook", "event-analysis-workbook.pdf", pdf).await?;
    add_file(app, &event, "B1", "Pocket card", "five-questions.txt", CARD.as_bytes().to_vec()).await?;
    let link = Content::Link("https://www.ahrq.gov/action-alliance/resources/measure-domains.html".to_owned());
    add(app, &event, "B16", "Resources by domain", link).await
}

async fn add_file(app: &App, event: &Event, session: &str, title: &str, name: &str, bytes: Vec<u8>) -> Result<()> {
    let new = New { event: event.id.clone(), purpose: Purpose::Material, name: name.to_owned(), size: bytes.len() as u64 };
    let body = stream::iter([Ok::<Bytes, Error>(Bytes::from(bytes))]);
    let upload = taking::take_whole(app, ACTOR, new, body).await?;
    add(app, event, session, title, Content::File(upload.id)).await
}

async fn add(app: &App, event: &Event, session: &str, title: &str, content: Content) -> Result<()> {
    let (event, session, wanted) = (event.clone(), session.to_owned(), Wanted { title: title.to_owned(), of: None });
    app.write(ACTOR, move |tx| {
        let session = agenda::get(tx.db, &event.id, &session)?;
        materials::add(tx, &event, &session, &wanted, &content, None).map(drop)
    })
    .await
}

/// One page of a workbook.
fn handout(folder: &std::path::Path) -> Result<Vec<u8>> {
    const TITLE: &str = "From harm to learning: the workbook";
    let fonts = Fonts::of(folder)?;
    let mut paper = Paper::new(TITLE)?;
    paper.page((612.0, 792.0), |sheet| {
        let title = wrap(fonts, TITLE, Weight::Bold, 500.0 / 20.0);
        let heading: Vec<Placed<'_>> =
            title.iter().map(|line| Placed { line, x: 54.0, baseline: 90.0, size: 20.0, color: BLACK }).collect();
        sheet.text(Role::Heading(1, TITLE), &heading);
        let mut baseline = 130.0;
        for paragraph in HANDOUT {
            let lines = wrap(fonts, paragraph, Weight::Regular, 500.0 / 12.0);
            let mut placed = Vec::with_capacity(lines.len());
            for line in &lines {
                placed.push(Placed { line, x: 54.0, baseline, size: 12.0, color: BLACK });
                baseline += 16.0;
            }
            sheet.text(Role::Paragraph, &placed);
            baseline += 10.0;
        }
    })?;
    paper.finish()
}
