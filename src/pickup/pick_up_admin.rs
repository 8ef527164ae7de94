//! Handing out at the desk, by its form or its script, and the paper of the printer beside it.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::desk_admin::{Clerk, base, desk_of, person};
use super::handing_out::{HandedOut, PickUp, hand_out};
use crate::app::App;
use crate::badges::layouts::Layout;
use crate::badges::print_admin::pdf_address;
use crate::badges::prints::{self, Printer};
use crate::checkin::known_doors::KnownDoors;
use crate::checkin::{Direction, Door, Outcome};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::http::asker::cookie;
use crate::http::forms::PostedForm;
use crate::http::pages::see_other_saying;
use crate::http::{Answer, JsonBody};
use crate::staff::Permission;

/// Remembers the paper of the printer beside this laptop; two laptops of one desk may have different ones.
const PAPER_COOKIE: &str = "lanyard_paper";
const PAPER_LASTS: chrono::Duration = chrono::Duration::days(30);

/// The printer of this laptop, or else the event's.
pub fn printer_of(request: &HttpRequest, of_event: Printer) -> Printer {
    let own = request.cookie(PAPER_COOKIE).and_then(|cookie| Layout::from_word(cookie.value()));
    Printer { layout: own.unwrap_or(of_event.layout), ..of_event }
}

/// A pick-up as the page's script sends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PickUpInput {
    id: String,
    registration: String,
    #[serde(default)]
    badge: Option<String>,
    direction: Direction,
    #[serde(default)]
    scanned_at: Option<Instant>,
    #[serde(default)]
    clock_offset_ms: i64,
    #[serde(default)]
    offline: bool,
    #[serde(default)]
    decided: Option<Outcome>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    print: bool,
}

/// A pick-up as the page's forms post it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PickUpForm {
    id: String,
    registration: String,
    direction: String,
    reason: String,
    print: String,
}

/// A pick-up and whether its badge is printed with it.
fn of_input(input: PickUpInput) -> (PickUp, bool) {
    let pick_up = PickUp {
        id: input.id,
        registration: input.registration,
        badge: input.badge,
        direction: input.direction,
        scanned_at: input.scanned_at,
        clock_offset_ms: input.clock_offset_ms,
        offline: input.offline,
        decided: input.decided,
        reason: input.reason.filter(|reason| !reason.trim().is_empty()),
        print_on: None,
    };
    (pick_up, input.print)
}

fn of_form(form: PickUpForm) -> (PickUp, bool) {
    let pick_up = PickUp {
        id: form.id,
        registration: form.registration,
        badge: None,
        direction: Direction::from_word(&form.direction).unwrap_or(Direction::In),
        scanned_at: None,
        clock_offset_ms: 0,
        offline: false,
        decided: None,
        reason: Some(form.reason).filter(|reason| !reason.trim().is_empty()),
        print_on: None,
    };
    (pick_up, form.print == "yes")
}

/// `POST /staff/events/{event}/checkpoints/{checkpoint}/desk/pick-ups`: the script sends JSON and gets JSON, the forms
/// get the person's card.
pub async fn create(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    allowed: Clerk,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let mut payload = payload.into_inner();
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/json") {
        let input = JsonBody::<PickUpInput>::from_request(&request, &mut payload).await?.value;
        let door = desk_of(&app, &doors, &allowed, &path.1).await?;
        let (pick_up, print) = of_input(input);
        let code = pick_up.registration.clone();
        let HandedOut { shown, print } = take(&app, &allowed, &request, &door, pick_up, print).await?;
        let pdf = print.map(|print| pdf_address(&door.event, &print));
        return Answer::ok(&json!({ "answer": shown, "pdf": pdf, "person": person(&app, &allowed, &door, code).await? }));
    }
    let form = PostedForm::<PickUpForm>::from_request(&request, &mut payload).await?.0;
    let door = desk_of(&app, &doors, &allowed, &path.1).await?;
    let (pick_up, print) = of_form(form);
    let card = format!("{}/people/{}", base(&door), pick_up.registration.trim().to_uppercase());
    match take(&app, &allowed, &request, &door, pick_up, print).await {
        Ok(HandedOut { shown, print }) => {
            let to = print.map_or_else(|| card.clone(), |print| format!("{card}?print={}", print.id));
            let kind = if shown.lets_pass { "yes" } else { "no" };
            let said = if shown.lets_pass { "Done, and recorded." } else { shown.answer.message.as_str() };
            Ok(see_other_saying(&app, &to, kind, said))
        }
        Err(error @ (Error::Refused { .. } | Error::Invalid(_))) => Ok(see_other_saying(&app, &card, "no", &error.to_string())),
        Err(error) => Err(error),
    }
}

async fn take(
    app: &App,
    allowed: &Clerk,
    request: &HttpRequest,
    door: &std::sync::Arc<Door>,
    pick_up: PickUp,
    print: bool,
) -> Result<HandedOut> {
    if print {
        allowed.identity.require(Permission::PrintBadges, &door.event.id)?;
    }
    let event = door.event.id.clone();
    let printer = printer_of(request, app.read(move |db| prints::printer(db, &event)).await?);
    let pick_up = PickUp { print_on: print.then_some(printer), ..pick_up };
    let (door, scope) = (door.clone(), allowed.identity.clone());
    app.write(allowed.actor(), move |tx| hand_out(tx, &door, &pick_up, &scope)).await
}

/// What the form of the paper sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PaperForm {
    layout: String,
}

/// `POST /staff/events/{event}/checkpoints/{checkpoint}/desk/paper`: which paper the printer beside this laptop has.
pub async fn choose_paper(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    allowed: Clerk,
    path: web::Path<(String, String)>,
    form: PostedForm<PaperForm>,
) -> Result<HttpResponse> {
    let door = desk_of(&app, &doors, &allowed, &path.1).await?;
    let layout = Layout::from_word(&form.0.layout).ok_or_else(|| Error::invalid("layout", "choice", "Choose one of the papers."))?;
    let mut response = see_other_saying(&app, &base(&door), "yes", "This laptop prints on that paper from now on.");
    // A cookie that cannot be added only leaves the event's paper.
    let _ = response.add_cookie(&cookie(&app, PAPER_COOKIE, layout.to_string(), PAPER_LASTS));
    Ok(response)
}
