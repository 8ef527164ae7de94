//! Daily letters for content staff: composing, a preview with a real person's values, and the schedule.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::admin::{Editor, Pressed, audience_field, chip};
use super::audience::{Audience, Audiences};
use super::daily::{self, DailyLetter, Draft, Standing};
use super::personal::Sheet;
use super::rules::PLACEHOLDERS;
use super::sending::{recipients, rendered};
use crate::app::App;
use crate::db::Db;
use crate::error::{Checks, Error, FieldError, Result};
use crate::events::{Event, rules as days};
use crate::http::pages::{form_errors, see_other_after};
use crate::http::{Page, PostedForm};
use crate::ids::DailyLetterId;
use crate::registration::Registration;
use crate::setup::forms_admin::{Field, Group, group, outcome, show_errors, to};
use crate::staff::Permission;

/// What somebody is called whose name the reader may not see.
const SOMEBODY: &str = "Alex Example";

/// The preview that is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Preview {
    /// Another audience than the letter's own.
    audience: String,
    /// The how many-th of its people.
    person: usize,
}

/// What the schedule's form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct When {
    send_at: String,
}

/// A person's letter, as they will read it.
struct Sample {
    audience: Audience,
    people: usize,
    person: Option<(Registration, String, String)>,
}

/// `GET /staff/events/{event}/lobby/letters/new`
pub async fn new(app: web::Data<App>, allowed: Editor) -> Result<HttpResponse> {
    let (event, now) = (allowed.event()?, app.now());
    let day = now.date_in(event.zone()).clamp(event.starts_on, event.ends_on);
    let draft = Draft { about_on: day.to_string(), ..ready_made() };
    page(&app, &allowed, &draft, None, &Preview::default(), &[]).await
}

/// What a new letter begins with.
fn ready_made() -> Draft {
    let body = "Good morning {name}.\n\nYour first session: {first_session}, {first_time}\nRoom: {first_room}\n\n\
        Badges: {badge_place}\nLunch: {lunch}\n\nEverything else is in the lobby: {lobby}";
    Draft { subject: "Today at {event}".to_owned(), body: body.to_owned(), audience: "all".to_owned(), about_on: String::new() }
}

/// `POST /staff/events/{event}/lobby/letters`
pub async fn create(app: web::Data<App>, allowed: Editor, PostedForm(typed): PostedForm<Draft>) -> Result<HttpResponse> {
    let (event, own, draft) = (allowed.event()?, allowed.event()?.clone(), typed.clone());
    match app.write(allowed.actor(), move |tx| daily::compose(tx, &own, &draft)).await {
        Ok(letter) => {
            let next = to(event, &format!("lobby/letters/{}", letter.id));
            see_other_after(&app, &next, Ok("The letter is kept. Look at it below, then schedule it."))
        }
        Err(Error::Invalid(errors)) => page(&app, &allowed, &typed, None, &Preview::default(), &errors).await,
        Err(other) => Err(other),
    }
}

async fn stored(app: &App, event: &Event, id: &str) -> Result<(DailyLetter, Draft)> {
    let (of, id) = (event.id.clone(), DailyLetterId::from(id.to_owned()));
    app.read(move |db| {
        let letter = daily::get(db, &of, &id)?;
        let draft = Draft::of(&letter, &Audiences::load(db, &of)?);
        Ok((letter, draft))
    })
    .await
}

/// `GET /staff/events/{event}/lobby/letters/{letter}?audience=&person=`
pub async fn edit(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<(String, String)>,
    preview: web::Query<Preview>,
) -> Result<HttpResponse> {
    let (letter, draft) = stored(&app, allowed.event()?, &path.1).await?;
    page(&app, &allowed, &draft, Some(letter), &preview, &[]).await
}

/// `POST /staff/events/{event}/lobby/letters/{letter}`
pub async fn update(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<Draft>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (letter, _) = stored(&app, event, &path.1).await?;
    let (own, id, draft) = (event.clone(), letter.id.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| daily::change(tx, &own, &id, &draft)).await;
    match outcome(&app, done, &to(event, &format!("lobby/letters/{}", letter.id)), "The letter is saved.")? {
        Ok(done) => Ok(done),
        Err(errors) => page(&app, &allowed, &typed, Some(letter), &Preview::default(), &errors).await,
    }
}

/// `POST /staff/events/{event}/lobby/letters/{letter}/schedule`
pub async fn schedule(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<(String, String)>,
    PostedForm(when): PostedForm<When>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (letter, draft) = stored(&app, event, &path.1).await?;
    let (own, id, at) = (event.clone(), letter.id.clone(), when.send_at);
    let done = app.write(allowed.actor(), move |tx| daily::schedule(tx, &own, &id, &at)).await;
    match outcome(&app, done, &to(event, &format!("lobby/letters/{}", letter.id)), "The letter is scheduled.")? {
        Ok(done) => Ok(done),
        Err(errors) => page(&app, &allowed, &draft, Some(letter), &Preview::default(), &errors).await,
    }
}

/// `POST /staff/events/{event}/lobby/letters/{letter}/schedule/removal`
pub async fn unschedule(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<(String, String)>,
    _: PostedForm<Pressed>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (letter, _) = stored(&app, event, &path.1).await?;
    let (own, id) = (event.clone(), letter.id.clone());
    let done = app.write(allowed.actor(), move |tx| daily::unschedule(tx, &own, &id)).await;
    see_other_after(&app, &to(event, &format!("lobby/letters/{}", letter.id)), done.map(|()| "It is a draft again and is not sent."))
}

/// Reads the letter of somebody in the audience that is asked for, or in the letter's own.
fn sample(db: &mut Db, event: &Event, letter: &DailyLetter, audiences: &Audiences, asked: &Preview, base_url: &str) -> Result<Sample> {
    let own = letter.audience();
    let audience = if asked.audience.is_empty() { own } else { audiences.read(&mut Checks::new(), "audience", &asked.audience) };
    let all = recipients(db, event, &audience)?;
    let people = all.len();
    let person = match all.into_iter().nth(asked.person % people.max(1)) {
        Some(one) => {
            let sheet = Sheet::load(db, event, letter.about_on, std::slice::from_ref(&one), base_url)?;
            let (subject, text) = rendered(letter, &sheet.values(&one));
            Some((one, subject, text))
        }
        None => None,
    };
    Ok(Sample { audience, people, person })
}

/// The sample as the page shows it; names only where the reader may see people.
fn sample_view(allowed: &Editor, event: &Event, audiences: &Audiences, sample: &Sample, asked: &Preview) -> Value {
    let may_see = allowed.identity.may(Permission::SeePeople, &event.id);
    let person = sample.person.as_ref().map(|(one, subject, text)| {
        let hidden =
            |text: &str| if may_see || one.badge_name.is_empty() { text.to_owned() } else { text.replace(&one.badge_name, SOMEBODY) };
        let label =
            if may_see { format!("{} ({})", one.full_name(), one.code) } else { "a person of this audience, by another name".to_owned() };
        json!({ "label": label, "subject": hidden(subject), "text": hidden(text) })
    });
    let chosen = audiences.value(&sample.audience);
    let options: Vec<Value> = audiences
        .offered()
        .into_iter()
        .map(|one| json!({ "selected": one.value == chosen, "value": one.value, "text": one.text }))
        .collect();
    json!({
        "person": person, "people": sample.people, "audience": audiences.words(&sample.audience), "options": options,
        "chosen": chosen, "next": asked.person + 1, "has_more": sample.people > 1,
    })
}

fn fields(draft: &Draft, audiences: &Audiences) -> Group {
    group(
        "",
        vec![
            Field::text("subject", "Subject", &draft.subject).required(),
            Field::lines("body", "Letter", &draft.body, 14)
                .hint("A line with a placeholder that has nothing to say for somebody is left out of their letter.")
                .required(),
            audience_field(audiences, &draft.audience),
            Field::day("about_on", "The day it is about", &draft.about_on).required(),
        ],
    )
}

async fn page(
    app: &App,
    allowed: &Editor,
    draft: &Draft,
    letter: Option<DailyLetter>,
    asked: &Preview,
    errors: &[FieldError],
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (of, base_url, stored, wanted) = (
        event.clone(),
        app.site.config.base_url.clone(),
        letter.clone(),
        Preview { audience: asked.audience.clone(), person: asked.person },
    );
    let read = app.read(move |db| {
        let audiences = Audiences::load(db, &of.id)?;
        let found = match stored {
            Some(letter) => Some((daily::written(db, &letter.id)?, sample(db, &of, &letter, &audiences, &wanted, &base_url)?)),
            None => None,
        };
        Ok((audiences, found))
    });
    let (audiences, found) = read.await?;
    let base = letter.as_ref().map(|letter| to(event, &format!("lobby/letters/{}", letter.id)));
    let standing = letter.as_ref().map(DailyLetter::standing);
    let is_open = matches!(standing, None | Some(Standing::Draft | Standing::Scheduled(_)));
    let mut groups = vec![fields(draft, &audiences)];
    let when = letter.as_ref().map(|letter| typed_time(letter, event)).unwrap_or_default();
    let zone = days::zone_words(event.zone());
    let hint = format!("{zone} time, the event's zone.");
    let mut schedule = vec![group("", vec![Field::moment("send_at", "Send it", &when).hint(&hint).required()])];
    [&mut groups, &mut schedule].into_iter().for_each(|groups| show_errors(groups, errors));
    let chip = letter.as_ref().zip(found.as_ref()).map(|(letter, (count, _))| chip(event, letter, *count));
    let placeholders = PLACEHOLDERS.map(|(name, what)| json!({ "name": format!("{{{name}}}"), "what": what }));
    let view = json!({
        "is_new": letter.is_none(), "back": to(event, "lobby"), "action": base.clone().unwrap_or_else(|| to(event, "lobby/letters")), "groups": groups,
        "errors": form_errors(errors).0, "placeholders": placeholders, "is_open": is_open, "schedule": { "groups": schedule },
        "is_scheduled": matches!(standing, Some(Standing::Scheduled(_))), "chip": chip.map(|(kind, text)| json!({ "kind": kind, "text": text })),
        "sample": found.as_ref().map(|(_, sample)| sample_view(allowed, event, &audiences, sample, asked)),
    });
    Page::new(app, &allowed.asker, "lobby/letter").event(event).status(if errors.is_empty() { 200 } else { 422 }).render(&view)
}

/// The scheduled time as the form shows it; of a draft, six in the morning of its day.
fn typed_time(letter: &DailyLetter, event: &Event) -> String {
    match letter.send_at {
        Some(at) => at.in_zone(event.zone()).format("%Y-%m-%dT%H:%M").to_string(),
        None => format!("{}T06:00", letter.about_on),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lobby::rules::unknown_placeholders;

    #[test]
    fn the_letter_to_begin_with_has_only_known_placeholders() {
        let draft = ready_made();
        assert!(unknown_placeholders(&draft.subject).is_empty() && unknown_placeholders(&draft.body).is_empty());
    }
}
