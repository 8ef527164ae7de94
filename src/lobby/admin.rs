//! The lobby for content staff: announcements and daily letters, listed, posted, changed and taken down.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::announcements::{self, Announcement, Draft};
use super::audience::Audiences;
use super::daily::{self, DailyLetter, Standing};
use super::questions;
use crate::app::App;
use crate::error::{FieldError, Result};
use crate::events::{Event, rules as days};
use crate::http::asker::{Allowed, permit};
use crate::http::pages::see_other_after;
use crate::http::{Page, PostedForm};
use crate::ids::AnnouncementId;
use crate::setup::forms_admin::{Choice, Field, FormPage, group, outcome, to};
use crate::staff::Permission;

pub type Editor = Allowed<permit::EditAgenda>;

/// A form of which only the button counts.
#[derive(serde::Deserialize)]
pub struct Pressed {}

/// `GET /staff/events/{event}/lobby`
pub async fn index(app: web::Data<App>, allowed: Editor) -> Result<HttpResponse> {
    let (event, of) = (allowed.event()?, allowed.event()?.id.clone());
    let read = app.read(move |db| {
        let letters = daily::list(db, &of)?;
        let letters =
            letters.into_iter().map(|one| Ok((daily::written(db, &one.id)?, one))).collect::<Result<Vec<(i64, DailyLetter)>>>()?;
        Ok((announcements::list(db, &of)?, letters, Audiences::load(db, &of)?, questions::waiting(db, &of)?))
    });
    let (news, letters, audiences, waiting) = read.await?;
    let zone = event.zone();
    let announcement = |one: &Announcement| -> Value {
        json!({
            "href": to(event, &format!("lobby/announcements/{}", one.id)), "title": one.title, "audience": audiences.words(&one.audience()),
            "posted": days::instant_words(one.posted_at, zone), "changed": one.changed_at.map(|at| days::instant_words(at, zone)),
            "is_down": one.taken_down_at.is_some(),
        })
    };
    let letter = |(count, one): &(i64, DailyLetter)| -> Value {
        let (kind, text) = chip(event, one, *count);
        json!({
            "href": to(event, &format!("lobby/letters/{}", one.id)), "subject": one.subject, "audience": audiences.words(&one.audience()),
            "day": days::day_words(one.about_on), "chip": { "kind": kind, "text": text },
        })
    };
    let may_answer = allowed.identity.may(Permission::AnswerQuestions, &event.id);
    let view = json!({
        "announcements": news.iter().map(announcement).collect::<Vec<_>>(), "letters": letters.iter().map(letter).collect::<Vec<_>>(),
        "new_announcement": to(event, "lobby/announcements/new"), "new_letter": to(event, "lobby/letters/new"),
        "questions": may_answer.then(|| to(event, "lobby/questions")), "waiting": waiting, "slug": event.slug, "materials": to(event, "materials"),
    });
    Page::new(&app, &allowed.asker, "lobby/staff").event(event).render(&view)
}

/// A letter's standing as a chip.
pub fn chip(event: &Event, letter: &DailyLetter, count: i64) -> (&'static str, String) {
    let at = |at| days::instant_words(at, event.zone());
    match letter.standing() {
        Standing::Draft => ("note", "Draft".to_owned()),
        Standing::Scheduled(when) => ("wait", format!("Goes out {}", at(when))),
        Standing::Sending => ("wait", format!("Going out, {count} written")),
        Standing::Sent(when) => ("yes", format!("Sent to {count}, {}", at(when))),
        Standing::Missed => ("no", "Not sent: its day was over".to_owned()),
    }
}

/// The audiences of an event for a select. One that is not offered stands as a choice still to be made.
pub fn audience_field(audiences: &Audiences, chosen: &str) -> Field {
    let option = |value: String, text: String| {
        let selected = value == chosen.trim();
        Choice { selected, checked: selected, value, text }
    };
    let mut choices: Vec<Choice> = audiences.offered().into_iter().map(|one| option(one.value, one.text)).collect();
    if !choices.iter().any(|choice| choice.selected) {
        choices.insert(0, Choice { selected: true, checked: true, value: String::new(), text: "Choose whom it is for".to_owned() });
    }
    Field::select("audience", "For", choices)
}

async fn audiences_of(app: &App, event: &Event) -> Result<Audiences> {
    let of = event.id.clone();
    app.read(move |db| Audiences::load(db, &of)).await
}

/// `GET /staff/events/{event}/lobby/announcements/new`
pub async fn new(app: web::Data<App>, allowed: Editor) -> Result<HttpResponse> {
    let audiences = audiences_of(&app, allowed.event()?).await?;
    let draft = Draft { audience: "all".to_owned(), ..Draft::default() };
    form(&app, &allowed, &draft, None, &audiences, &[])
}

/// `POST /staff/events/{event}/lobby/announcements`
pub async fn create(app: web::Data<App>, allowed: Editor, PostedForm(typed): PostedForm<Draft>) -> Result<HttpResponse> {
    let (event, own, draft) = (allowed.event()?, allowed.event()?.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| announcements::post(tx, &own, &draft)).await;
    match outcome(&app, done, &to(event, "lobby"), "The announcement stands in the lobby.")? {
        Ok(done) => Ok(done),
        Err(errors) => form(&app, &allowed, &typed, None, &audiences_of(&app, event).await?, &errors),
    }
}

async fn stored(app: &App, event: &Event, id: &str) -> Result<(Announcement, Audiences)> {
    let (of, id) = (event.id.clone(), AnnouncementId::from(id.to_owned()));
    app.read(move |db| Ok((announcements::get(db, &of, &id)?, Audiences::load(db, &of)?))).await
}

/// `GET /staff/events/{event}/lobby/announcements/{announcement}`
pub async fn edit(app: web::Data<App>, allowed: Editor, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (one, audiences) = stored(&app, allowed.event()?, &path.1).await?;
    form(&app, &allowed, &Draft::of(&one, &audiences), Some(&one), &audiences, &[])
}

/// `POST /staff/events/{event}/lobby/announcements/{announcement}`
pub async fn update(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<Draft>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (one, audiences) = stored(&app, event, &path.1).await?;
    let (own, id, draft) = (event.clone(), one.id.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| announcements::change(tx, &own, &id, &draft)).await;
    match outcome(&app, done, &to(event, "lobby"), "The announcement is saved.")? {
        Ok(done) => Ok(done),
        Err(errors) => form(&app, &allowed, &typed, Some(&one), &audiences, &errors),
    }
}

/// `POST /staff/events/{event}/lobby/announcements/{announcement}/removal`
pub async fn take_down(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<(String, String)>,
    _: PostedForm<Pressed>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (one, _) = stored(&app, event, &path.1).await?;
    let (own, is_down) = (event.clone(), one.taken_down_at.is_none());
    let done = app.write(allowed.actor(), move |tx| announcements::take_down(tx, &own, &one.id, is_down)).await;
    let said = if is_down { "The announcement is taken down; nobody reads it any more." } else { "The announcement is up again." };
    see_other_after(&app, &to(event, "lobby"), done.map(|_| said))
}

fn form(
    app: &App,
    allowed: &Editor,
    draft: &Draft,
    stored: Option<&Announcement>,
    audiences: &Audiences,
    errors: &[FieldError],
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let own = stored.map(|one| to(event, &format!("lobby/announcements/{}", one.id)));
    let is_down = stored.is_some_and(|one| one.taken_down_at.is_some());
    let other = own.clone().map(|own| match is_down {
        false => (format!("{own}/removal"), "Take it down", "Nobody reads it in the lobby then; it stays here.", None),
        true => (format!("{own}/removal"), "Put it up again", "It is taken down at the moment.", None),
    });
    let page = FormPage {
        title: if stored.is_some() { "Change an announcement" } else { "New announcement" }.to_owned(),
        lead: "It stands in the lobby with its time as soon as it is posted.".to_owned(),
        back: (to(event, "lobby"), "Lobby".to_owned()),
        action: own.unwrap_or_else(|| to(event, "lobby/announcements")),
        button: if stored.is_some() { "Save" } else { "Post it" },
        groups: vec![group(
            "",
            vec![
                Field::text("title", "Title", &draft.title).required(),
                Field::lines("body", "What is new", &draft.body, 6).required(),
                audience_field(audiences, &draft.audience),
            ],
        )],
        other,
        ..FormPage::default()
    };
    page.render(app, &allowed.asker, Some(event), errors)
}
