//! Staff's page of who is who: people of a session's reports, with suggestions for those whom no e-mail matches.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::queue::{self, Found, Listed, Wanted};
use super::report_admin::{home, to};
use super::rules::{Part, Standing};
use crate::agenda::{self, Session};
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::events::{Event, rules as days};
use crate::http::asker::{Allowed, permit};
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::{Page, PostedForm};
use crate::ids::ParticipantId;

type Corrector = Allowed<permit::CorrectAttendance>;

/// So many people are shown at once.
const SHOWN: usize = 50;

/// Who is looked at: those who wait, unless the address says otherwise.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    show: String,
    q: String,
    page: String,
}

impl Asked {
    fn page(&self) -> usize {
        self.page.parse().ok().filter(|page| (1..=1_000_000).contains(page)).unwrap_or(1)
    }

    /// The address of another page or tab of the same search.
    fn address(&self, base: &str, show: &str, page: usize) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let page = if page > 1 { page.to_string() } else { String::new() };
        for (name, value) in [("show", show), ("q", &self.q), ("page", &page)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { base.to_owned() } else { format!("{base}?{query}") }
    }

    fn standings(&self) -> &'static [Standing] {
        match self.show.as_str() {
            "matched" => &[Standing::ByEmail, Standing::ByStaff],
            "left-out" => &[Standing::LeftOut],
            _ => &[Standing::Waiting],
        }
    }
}

/// `GET /staff/events/{event}/sessions/{session}/participants?show=&q=&page=`
pub async fn index(
    app: web::Data<App>,
    allowed: Corrector,
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse> {
    page(&app, &allowed, path.into_inner().1, &asked, None, &[]).await
}

async fn page(
    app: &App,
    allowed: &Corrector,
    code: String,
    asked: &Asked,
    wrong: Option<(&str, &str)>,
    fields: &[FieldError],
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let wanted = Wanted { standings: asked.standings(), q: asked.q.clone(), page: asked.page(), limit: SHOWN };
    let id = event.id.clone();
    let (session, found) = app
        .read(move |db| {
            let session = agenda::get(db, &id, &code)?;
            let found = queue::list(db, &session, &wanted)?;
            Ok((session, found))
        })
        .await?;
    let (errors, _) = form_errors(fields);
    let tabs = [("", "To decide"), ("matched", "Matched"), ("left-out", "Left out")];
    let base = to(event, &session, "participants");
    let tab = |(value, text): (&str, &str)| json!({ "href": asked.address(&base, value, 1), "text": text, "current": value == asked.show });
    let certain = found.rows.iter().filter(|row| queue::certain(row).is_some()).map(|row| row.participant.id.to_string());
    let certain: Vec<String> = certain.collect();
    let view = json!({
        "base": base, "home": home(event, &session), "code": session.code, "title": session.title, "tabs": tabs.map(tab),
        "waits": asked.standings() == [Standing::Waiting], "certain_count": certain.len(), "certain": certain, "pages": pages(asked, &base, &found),
        "rows": found.rows.iter().map(|row| row_view(event, &session, row, wrong)).collect::<Vec<_>>(), "errors": errors,
        "show": asked.show, "q": asked.q, "page": asked.page,
    });
    let status = if fields.is_empty() { 200 } else { 422 };
    Page::new(app, &allowed.asker, "participation/queue").event(event).status(status).render(&view)
}

/// The way to the other pages; none where one holds everybody.
fn pages(asked: &Asked, base: &str, found: &Found) -> Option<Value> {
    let (last, page) = (found.before + found.rows.len(), found.before / SHOWN + 1);
    (found.count > found.rows.len()).then(|| {
        json!({
            "text": format!("{}–{last} of {}", found.before + 1, found.count),
            "previous": (page > 1).then(|| asked.address(base, &asked.show, page - 1)),
            "next": (last < found.count).then(|| asked.address(base, &asked.show, page + 1)),
        })
    })
}

fn row_view(event: &Event, session: &Session, row: &Listed, wrong: Option<(&str, &str)>) -> Value {
    let one = &row.participant;
    let part = match one.part {
        Part::Attendee => None,
        Part::Panelist => Some("Panelist"),
        Part::Host => Some("Host"),
        Part::Phone => Some("By phone"),
        Part::Bot => Some("Takes notes"),
    };
    let length = session.ends_at.since(session.starts_at).num_minutes();
    let typed = wrong.filter(|(id, _)| *id == one.id.as_str()).map(|(_, typed)| typed);
    json!({
        "id": one.id.to_string(), "action": to(event, session, &format!("participants/{}", one.id)), "name": one.name, "email": one.email, "part": part,
        "minutes": format!("{}{} of {length} minutes", if row.is_at_least { "at least " } else { "" }, row.minutes),
        "first": row.first_at.map(|at| days::time_words(at, event.zone())),
        "is_staffs": one.standing == Standing::ByStaff,
        "registration": row.registration.as_ref().map(|known| json!({
            "name": known.name, "code": known.code, "href": format!("/staff/events/{}/people/{}", event.slug, known.code),
        })),
        "suggestions": row.suggestions.iter().map(|one| json!({ "code": one.known.code, "name": one.known.name, "why": one.why })).collect::<Vec<_>>(),
        "typed": typed, "is_wrong": typed.is_some(),
    })
}

/// What the buttons of a row send: a registration's code, or that it is nobody of ours.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Decided {
    registration: String,
    nobody: String,
    show: String,
    q: String,
    page: String,
}

/// `POST /staff/events/{event}/sessions/{session}/participants/{participant}`
pub async fn update(
    app: web::Data<App>,
    allowed: Corrector,
    path: web::Path<(String, String, String)>,
    form: PostedForm<Decided>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (_, code, participant) = path.into_inner();
    let Decided { registration, nobody, show, q, page: number } = form.0;
    let asked = Asked { show, q, page: number };
    let is_nobody = nobody == "yes";
    if !is_nobody && registration.trim().is_empty() {
        let missing = FieldError {
            field: participant.clone(),
            code: "required",
            detail: "Enter a registration’s code, or say that it is nobody of ours.".to_owned(),
        };
        return page(&app, &allowed, code, &asked, Some((&participant, "")), &[missing]).await;
    }
    let (id, of_code, of_participant) = (event.id.clone(), code.clone(), ParticipantId::from(participant.clone()));
    let wanted = if is_nobody { String::new() } else { registration.clone() };
    let done = app.write(allowed.actor(), move |tx| {
        let session = agenda::get(tx.db, &id, &of_code)?;
        queue::decide(tx, &session, &of_participant, &wanted)
    });
    match done.await {
        Ok(()) => {
            let said = if is_nobody {
                "Left out: nobody of ours."
            } else {
                "Matched. The minutes count for this registration, in later reports too."
            };
            let base = format!("/staff/events/{}/sessions/{code}/participants", event.slug);
            Ok(see_other_saying(&app, &asked.address(&base, &asked.show, asked.page()), "yes", said))
        }
        Err(Error::Invalid(fields)) => {
            let fields: Vec<FieldError> = fields.into_iter().map(|field| FieldError { field: participant.clone(), ..field }).collect();
            page(&app, &allowed, code, &asked, Some((&participant, &registration)), &fields).await
        }
        Err(other) => Err(other),
    }
}

/// Whom staff were shown as they pressed the button.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Accepted {
    participants: Vec<String>,
    q: String,
}

/// `POST /staff/events/{event}/sessions/{session}/participants`: accepts the suggestions that cannot well be wrong, of
/// those people alone who were shown.
pub async fn accept(
    app: web::Data<App>,
    allowed: Corrector,
    path: web::Path<(String, String)>,
    form: PostedForm<Accepted>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (_, code) = path.into_inner();
    let Accepted { participants, q } = form.0;
    let shown: Vec<ParticipantId> = participants.into_iter().take(SHOWN).map(ParticipantId::from).collect();
    let (id, of_code) = (event.id.clone(), code.clone());
    let (session, sure) = app
        .read(move |db| {
            let session = agenda::get(db, &id, &of_code)?;
            let sure = queue::certain_among(db, &session, &shown)?;
            Ok((session, sure))
        })
        .await?;
    let accepted = app.write(allowed.actor(), move |tx| queue::accept(tx, &session, &sure)).await?;
    let base = format!("/staff/events/{}/sessions/{code}/participants", event.slug);
    let asked = Asked { q, ..Asked::default() };
    Ok(see_other_saying(&app, &asked.address(&base, "", 1), "yes", &format!("{accepted} matched by their names.")))
}
