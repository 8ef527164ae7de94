//! The badges page: whose badges, on which paper, how many; then the print with its progress and its PDF.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, HeaderName, HeaderValue};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::candidates::{self, Candidate, Wanted, Whom};
use super::layouts::Layout;
use super::press::Press;
use super::prints::{self, Print, Printer};
use crate::app::App;
use crate::desk::history::{Names, split_label};
use crate::error::{Error, Result};
use crate::events::{Event, rules::instant_words};
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::headers::{POLICY, allow_own_frame, replace_policy};
use crate::http::pages::{Page, see_other, see_other_saying};
use crate::ids::RegistrationTypeId;
use crate::pdf::fonts::Fonts;
use crate::pricing::{self, RegistrationType};

/// So many names with missing letters are listed.
const MOST_LISTED: usize = 20;
/// So many prints are listed.
const LATEST: i64 = 12;

/// What is asked for, in the address and in the form alike.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Set where the form was sent, so that an empty box is a no.
    asked: String,
    whom: String,
    #[serde(rename = "type")]
    kind: String,
    layout: String,
    backs: String,
    /// The place on the first sheet, from 1.
    first: String,
}

impl Asked {
    fn printer(&self, default: Printer) -> Printer {
        let layout = Layout::from_word(&self.layout).unwrap_or(default.layout);
        Printer { layout, backs: if self.asked.is_empty() { default.backs } else { self.backs == "yes" } }
    }

    fn whom(&self) -> Whom {
        Whom::from_word(&self.whom).unwrap_or(Whom::Unprinted)
    }

    fn wanted(&self, types: &[RegistrationType]) -> Wanted {
        let kind: Option<RegistrationTypeId> = types.iter().find(|kind| kind.code == self.kind).map(|kind| kind.id.clone());
        Wanted { whom: self.whom(), kind, one: None }
    }

    /// The first place from 0, within the sheet.
    fn first_slot(&self, layout: Layout) -> usize {
        let from_one = self.first.trim().parse().unwrap_or(1_usize).clamp(1, layout.design().slots());
        from_one - 1
    }
}

/// `GET /staff/events/{event}/badges`
pub async fn index(app: web::Data<App>, allowed: Allowed<permit::PrintBadges>, asked: web::Query<Asked>) -> Result<HttpResponse> {
    let (event, asked) = (allowed.event()?.clone(), asked.into_inner());
    let (of_event, of_form) = (event.clone(), asked.clone());
    let (types, printer, everyone, latest, names) = app
        .read(move |db| {
            let types = pricing::list_types(db, &of_event.id)?;
            let everyone = Wanted { whom: Whom::Everyone, ..of_form.wanted(&types) };
            let latest = prints::latest(db, &of_event.id, LATEST)?;
            let names = Names::of(db, latest.iter().map(|(print, _)| split_label(&print.actor)))?;
            Ok((types, prints::printer(db, &of_event.id)?, candidates::find(db, &of_event.id, &everyone)?, latest, names))
        })
        .await?;
    let chosen = asked.printer(printer);
    let counted = |whom: Whom| everyone.iter().filter(|candidate| candidate.is_among(whom)).count();
    let whoms: Vec<Value> = Whom::ALL
        .iter()
        .map(|whom| json!({ "value": whom, "text": whom.words(), "side": counted(*whom), "checked": *whom == asked.whom() }))
        .collect();
    let first = asked.first_slot(chosen.layout);
    let found: Vec<Candidate> = everyone.into_iter().filter(|candidate| candidate.is_among(asked.whom())).collect();
    let count = found.len();
    let missing = missing_letters(&app, &event, found).await?;
    let prints: Vec<Value> = latest.iter().map(|(print, count)| print_row(&event, print, *count, &names)).collect();
    let view = json!({
        "base": base(&event),
        "whoms": whoms,
        "types": type_options(types, &asked.kind),
        "layouts": layout_options(chosen.layout),
        "backs": chosen.backs,
        "has_backs": chosen.layout.design().has_backs,
        "places": place_options(chosen.layout, first),
        "whom": asked.whom(), "type": asked.kind, "layout": chosen.layout, "first": first + 1,
        "count": count, "button": badges_words(count),
        "paper": paper_words(chosen, first, count),
        "missing": missing.iter().take(MOST_LISTED).collect::<Vec<_>>(),
        "more_missing": missing.len().saturating_sub(MOST_LISTED),
        "prints": prints,
        "printer": { "layouts": layout_options(printer.layout), "backs": printer.backs },
    });
    Page::new(&app, &allowed.asker, "badges/index").event(&event).render(&view)
}

/// The address of an event's badges.
fn base(event: &Event) -> String {
    format!("/staff/events/{}/badges", event.slug)
}

/// The address of a print's PDF.
pub fn pdf_address(event: &Event, print: &Print) -> String {
    format!("{}/prints/{}/badges.pdf", base(event), print.id)
}

fn badges_words(count: usize) -> String {
    format!("{count} badge{}", if count == 1 { "" } else { "s" })
}

/// How much paper it takes: `7 sheets, both sides`.
fn paper_words(printer: Printer, first: usize, count: usize) -> String {
    let design = printer.layout.design();
    let sheets = design.sheets(first, count);
    let noun = if design.has_backs { "sheet" } else { "label" };
    let plural = if sheets == 1 { "" } else { "s" };
    let sides = if printer.backs && design.has_backs { ", both sides" } else { "" };
    format!("{sheets} {noun}{plural}{sides}")
}

fn layout_options(chosen: Layout) -> Vec<Value> {
    Layout::ALL.iter().map(|layout| json!({ "value": layout, "text": layout.words(), "selected": *layout == chosen })).collect()
}

fn place_options(layout: Layout, first: usize) -> Vec<Value> {
    let design = layout.design();
    let words = |slot: usize| format!("{}: row {}, column {}", slot + 1, slot / design.columns + 1, slot % design.columns + 1);
    (0..design.slots()).map(|slot| json!({ "value": slot + 1, "text": words(slot), "selected": slot == first })).collect()
}

fn type_options(types: Vec<RegistrationType>, chosen: &str) -> Vec<Value> {
    let every = std::iter::once((String::new(), "Every type".to_owned()));
    let all = every.chain(types.into_iter().map(|kind| (kind.code, kind.name)));
    all.map(|(value, text)| json!({ "selected": value == chosen, "value": value, "text": text })).collect()
}

fn print_row(event: &Event, print: &Print, count: i64, names: &Names) -> Value {
    json!({
        "href": format!("{}/prints/{}", base(event), print.id), "when": instant_words(print.printed_at, event.zone()),
        "who": names.of_label(&print.actor), "count": count, "layout": print.layout.words(),
    })
}

/// Who has a letter on the badge that no font here has; it would be an empty box.
async fn missing_letters(app: &App, event: &Event, found: Vec<Candidate>) -> Result<Vec<Value>> {
    let (folder, people) = (app.site.config.fonts.clone(), format!("/staff/events/{}/people", event.slug));
    web::block(move || {
        let fonts = Fonts::of(&folder)?;
        let lacking = found.iter().filter_map(|candidate| {
            let letters: String = candidate.front.texts().iter().flat_map(|text| fonts.missing(text)).collect();
            let href = format!("{people}/{}", candidate.registration.code);
            (!letters.is_empty()).then(|| json!({ "name": candidate.front.name(), "letters": letters, "href": href }))
        });
        Ok(lacking.collect())
    })
    .await
    .map_err(Error::internal)?
}

/// `POST /staff/events/{event}/badges/prints`
pub async fn create(app: web::Data<App>, allowed: Allowed<permit::PrintBadges>, form: PostedForm<Asked>) -> Result<HttpResponse> {
    let (event, asked) = (allowed.event()?.clone(), form.0);
    if Whom::from_word(&asked.whom).is_none() {
        return Err(Error::invalid("whom", "choice", "Choose whose badges are printed."));
    }
    let of_event = event.clone();
    let made = app.write(allowed.actor(), move |tx| {
        let types = pricing::list_types(tx.db, &of_event.id)?;
        let printer = asked.printer(prints::printer(tx.db, &of_event.id)?);
        prints::print(tx, &of_event, &asked.wanted(&types), printer, asked.first_slot(printer.layout))
    });
    match made.await {
        Ok(print) => Ok(see_other(&format!("{}/prints/{}", base(&event), print.id))),
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(&app, &base(&event), "no", &message)),
        Err(error) => Err(error),
    }
}

async fn find(app: &App, event: &Event, id: String) -> Result<(Print, i64)> {
    let of_event = event.id.clone();
    app.read(move |db| {
        let print = prints::get(db, &of_event, &id)?;
        let count = prints::count(db, &print.id)?;
        Ok((print, count))
    })
    .await
}

/// `GET /staff/events/{event}/badges/prints/{print}`: how far it is; comes again by itself until it is done.
pub async fn show(
    app: web::Data<App>,
    press: web::Data<Press>,
    allowed: Allowed<permit::PrintBadges>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let (print, count) = find(&app, &event, path.into_inner().1).await?;
    let run = press.run(&app, &event, &print);
    let design = print.layout.design();
    let total = usize::try_from(count).unwrap_or_default();
    let view = json!({
        "base": base(&event), "is_over": run.is_over(), "done": run.done().min(total), "count": count, "title": badges_words(total),
        "pdf": pdf_address(&event, &print), "layout": print.layout.words(),
        "paper": paper_words(Printer { layout: print.layout, backs: print.backs }, print.first(), total),
        "has_backs": print.backs && design.has_backs, "is_label": !design.has_backs,
    });
    let mut response = Page::new(&app, &allowed.asker, "badges/print").event(&event).render(&view)?;
    if !run.is_over() {
        response.headers_mut().insert(HeaderName::from_static("refresh"), HeaderValue::from_static("1"));
    }
    Ok(response)
}

/// `GET /staff/events/{event}/badges/prints/{print}/badges.pdf`
pub async fn pdf(
    app: web::Data<App>,
    press: web::Data<Press>,
    allowed: Allowed<permit::PrintBadges>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let (print, count) = find(&app, &event, path.into_inner().1).await?;
    let pdf = press.run(&app, &event, &print).pdf().await?;
    let name = format!("inline; filename=\"badges-{}-{count}.pdf\"", event.slug);
    let mut response = HttpResponse::Ok();
    response.content_type("application/pdf").insert_header((CONTENT_DISPOSITION, name)).insert_header((CACHE_CONTROL, "no-store"));
    let mut response = response.body(web::Bytes::from_owner(Shared(pdf)));
    // The pick-up desk prints from a frame of its own page.
    allow_own_frame(&mut response);
    replace_policy(&mut response, &POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'"));
    Ok(response)
}

/// A PDF that the press keeps, sent without copying it.
struct Shared(std::sync::Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// What the form of the event's printer sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PrinterForm {
    layout: String,
    backs: String,
}

/// `POST /staff/events/{event}/badges/printer`
pub async fn update_printer(
    app: web::Data<App>,
    allowed: Allowed<permit::PrintBadges>,
    form: PostedForm<PrinterForm>,
) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let layout = Layout::from_word(&form.0.layout).ok_or_else(|| Error::invalid("layout", "choice", "Choose one of the layouts."))?;
    let printer = Printer { layout, backs: form.0.backs == "yes" };
    let of_event = event.clone();
    app.write(allowed.actor(), move |tx| prints::set_printer(tx, &of_event, printer)).await?;
    Ok(see_other_saying(&app, &base(&event), "yes", "The printer of this event is saved."))
}
