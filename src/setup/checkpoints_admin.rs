//! Pages for checkpoints and the times they are open (CHK-1).

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::Value;

use super::checkpoints::{CheckpointDraft, WindowDraft};
use super::forms_admin::{Choice, Field, FormPage, Group, ListPage, Row, choices, group, outcome, row, to};
use crate::agenda::Known;
use crate::app::App;
use crate::checkin::{self, Checkpoint, Kind, Window};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::events::{Event, rules};
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::see_other_saying;

type Organizer = Allowed<permit::SetUpEvents>;

fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::BadgePickup => "Badge pick-up",
        Kind::SessionDoor => "Session door",
        Kind::SpecialEvent => "Special event",
    }
}

/// `GET /staff/events/{event}/setup/checkpoints`
pub async fn index(app: web::Data<App>, allowed: Organizer) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let id = event.id.clone();
    let list = app
        .read(move |db| {
            let with_windows = |checkpoint: Checkpoint, db: &mut Db| {
                let windows = checkin::windows(db, &checkpoint.id)?;
                Ok((checkpoint, windows))
            };
            checkin::checkpoints(db, &id)?.into_iter().map(|checkpoint| with_windows(checkpoint, db)).collect::<Result<Vec<_>>>()
        })
        .await?;
    let rows = list.iter().map(|(checkpoint, windows)| Row {
        href: to(event, &format!("setup/checkpoints/{}", checkpoint.code)),
        title: checkpoint.name.clone(),
        sub: checkpoint.code.clone(),
        cells: vec![kind_words(checkpoint.kind).to_owned(), open_words(event, checkpoint, windows)],
        chip: ("", String::new()),
    });
    let page = ListPage {
        title: "Checkpoints",
        lead: "Where badges are scanned: the pick-up desk, session doors, special events.",
        tab: "Checkpoints",
        columns: vec!["Checkpoint", "Kind", "Open"],
        rows: rows.collect(),
        links: vec![(to(event, "setup/checkpoints/new"), "Add a checkpoint")],
        empty: "Begin with the badge pick-up, then one door for each session where badges are scanned.",
        search: None,
    };
    page.render(&app, &allowed.asker, event)
}

fn open_words(event: &Event, checkpoint: &Checkpoint, windows: &[Window]) -> String {
    match windows {
        [] if checkpoint.session_id.is_some() => "From an hour before its session until its end".to_owned(),
        [] => "Always".to_owned(),
        _ => windows.iter().map(|window| rules::span_words(window.opens_at, window.closes_at, event.zone())).collect::<Vec<_>>().join("; "),
    }
}

/// A checkpoint as its form sends it: the windows come as two lists.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct CheckpointForm {
    #[serde(flatten)]
    draft: CheckpointDraft,
    window_opens: Vec<String>,
    window_closes: Vec<String>,
}

impl CheckpointForm {
    /// The draft with the windows that were filled in.
    fn draft(self) -> CheckpointDraft {
        let windows = self.window_opens.into_iter().zip(self.window_closes).map(|(opens, closes)| WindowDraft { opens, closes });
        let is_blank = |window: &WindowDraft| window.opens.trim().is_empty() && window.closes.trim().is_empty();
        CheckpointDraft { windows: windows.filter(|window| !is_blank(window)).collect(), ..self.draft }
    }
}

/// `GET /staff/events/{event}/setup/checkpoints/new`
pub async fn new(app: web::Data<App>, allowed: Organizer) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let id = event.id.clone();
    let known = app.read(move |db| Known::load(db, &id)).await?;
    form(event, &CheckpointDraft::default(), None, &known).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/setup/checkpoints`
pub async fn create(app: web::Data<App>, allowed: Organizer, PostedForm(posted): PostedForm<CheckpointForm>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let typed = posted.draft();
    let (own, draft) = (event.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| {
        let input = draft.read(&Known::load(tx.db, &own.id)?, own.zone())?;
        checkin::create(tx, &own, &input)
    });
    match outcome(&app, done.await, &to(event, "setup/checkpoints"), "The checkpoint is there.")? {
        Ok(done) => Ok(done),
        Err(errors) => {
            let id = event.id.clone();
            let known = app.read(move |db| Known::load(db, &id)).await?;
            form(event, &typed, None, &known).render(&app, &allowed.asker, Some(event), &errors)
        }
    }
}

async fn checkpoint_of(app: &App, event: &Event, code: &str) -> Result<(Checkpoint, Vec<Window>, Known)> {
    let (id, code) = (event.id.clone(), code.to_owned());
    app.read(move |db| {
        let found = checkin::checkpoints(db, &id)?.into_iter().find(|checkpoint| checkpoint.code == code);
        let checkpoint = found.ok_or(Error::NotFound)?;
        let windows = checkin::windows(db, &checkpoint.id)?;
        Ok((checkpoint, windows, Known::load(db, &id)?))
    })
    .await
}

/// `GET /staff/events/{event}/setup/checkpoints/{checkpoint}`
pub async fn edit(app: web::Data<App>, allowed: Organizer, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (checkpoint, windows, known) = checkpoint_of(&app, event, &path.into_inner().1).await?;
    let draft = CheckpointDraft::of(&checkpoint, &windows, &known, event.zone());
    form(event, &draft, Some(&checkpoint), &known).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/setup/checkpoints/{checkpoint}`
pub async fn update(
    app: web::Data<App>,
    allowed: Organizer,
    path: web::Path<(String, String)>,
    PostedForm(posted): PostedForm<CheckpointForm>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (checkpoint, _, known) = checkpoint_of(&app, event, &path.into_inner().1).await?;
    let typed = posted.draft();
    let (own, draft, code) = (event.clone(), typed.clone(), checkpoint.code.clone());
    let done = app.write(allowed.actor(), move |tx| {
        let input = draft.read(&Known::load(tx.db, &own.id)?, own.zone())?;
        checkin::update(tx, &own, &code, &input)
    });
    match outcome(&app, done.await, &to(event, "setup/checkpoints"), "The checkpoint is saved.")? {
        Ok(done) => Ok(done),
        Err(errors) => form(event, &typed, Some(&checkpoint), &known).render(&app, &allowed.asker, Some(event), &errors),
    }
}

/// `POST /staff/events/{event}/setup/checkpoints/{checkpoint}/removal`
pub async fn delete(
    app: web::Data<App>,
    allowed: Organizer,
    path: web::Path<(String, String)>,
    _form: PostedForm<Value>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, code) = (event.clone(), path.into_inner().1);
    let list = to(event, "setup/checkpoints");
    match app.write(allowed.actor(), move |tx| checkin::delete_unused(tx, &own, &code)).await {
        Ok(()) => Ok(see_other_saying(&app, &list, "yes", "The checkpoint is removed.")),
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(&app, &list, "no", &message)),
        Err(other) => Err(other),
    }
}

fn form(event: &Event, draft: &CheckpointDraft, checkpoint: Option<&Checkpoint>, known: &Known) -> FormPage {
    let own = checkpoint.map(|checkpoint| to(event, &format!("setup/checkpoints/{}", checkpoint.code)));
    let mut sessions = vec![Choice { value: String::new(), text: "None".to_owned(), selected: draft.session.is_empty(), checked: false }];
    let live = known.sessions.iter().filter(|session| session.canceled_at.is_none() || session.code == draft.session);
    sessions.extend(choices(live.map(|session| (session.code.clone(), format!("{} · {}", session.code, session.title))), &draft.session));
    let mut groups = vec![group(
        "",
        vec![
            Field::text("name", "Name", &draft.name).hint("What people at the door call it. A pick-up desk that is named after a badge place stands there, and tells people of other places.").required(),
            Field::code("code", "Code", &draft.code).hint("Short and unique, such as door-B1 or pickup.").required(),
            Field::select("kind", "Kind", choices(Kind::ALL.iter().map(|kind| (kind.as_str(), kind_words(*kind))), &draft.kind)),
            Field::select("session", "Session behind the door", sessions),
            Field::check("in_only", "Nobody scans out here; a second scan is a welcome back", draft.in_only),
        ],
    )];
    groups.extend(window_fields(&draft.windows));
    FormPage {
        title: if checkpoint.is_some() { "Change a checkpoint" } else { "Add a checkpoint" }.to_owned(),
        lead: "Without times, the door of a session opens an hour before it and closes with it; every other checkpoint is always open."
            .to_owned(),
        back: (to(event, "setup/checkpoints"), "Checkpoints".to_owned()),
        action: own.clone().unwrap_or_else(|| to(event, "setup/checkpoints")),
        button: "Save",
        groups,
        other: own
            .map(|own| (format!("{own}/removal"), "Remove the checkpoint", "It can be removed while nobody has scanned there.", None)),
        ..FormPage::default()
    }
}

/// Two fields a window, and room for two more.
fn window_fields(windows: &[WindowDraft]) -> Vec<Group> {
    let blank = WindowDraft::default();
    let numbered = windows.iter().chain([&blank, &blank]).enumerate();
    let fields = |(index, window): (usize, &WindowDraft)| {
        let opens = Field::moment(&format!("windows[{index}].opens"), "Opens", &window.opens).named("window_opens[]");
        let closes = Field::moment(&format!("windows[{index}].closes"), "Closes", &window.closes).named("window_closes[]");
        row(&format!("Open, time {}", index + 1), vec![opens.optional(), closes.optional()])
    };
    numbered.map(fields).collect()
}
