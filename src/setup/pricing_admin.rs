//! Pages for registration types with their prices, and for discount codes (PRC-1).

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::forms_admin::{Choice, Field, FormPage, Group, ListPage, Row, choices, group, outcome, row, to};
use crate::agenda::{self, Session};
use crate::app::App;
use crate::error::{Error, Result};
use crate::events::{Event, rules};
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::money::format_cents;
use crate::pricing::{self, DiscountCode, DiscountCodeDraft, RegistrationType, TierDraft, TypeDraft};

type Organizer = Allowed<permit::SetUpEvents>;

/// `GET /staff/events/{event}/setup/types`
pub async fn index(app: web::Data<App>, allowed: Organizer) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (id, today, ends_on, currency) = (event.id.clone(), app.now().date_in(event.zone()), event.ends_on, event.currency.clone());
    let list = app
        .read(move |db| {
            let mut list = Vec::new();
            for kind in pricing::list_types(db, &id)? {
                let tiers = pricing::tiers(db, &kind.id)?;
                let price = pricing::rules::tier_in_force(&tiers, today).map(|tier| format_cents(tier.price_cents, &currency));
                let sale = pricing::rules::on_sale(&kind, today, ends_on);
                list.push((kind, price.unwrap_or_default(), sale));
            }
            Ok(list)
        })
        .await?;
    let rows = list.into_iter().map(|(kind, price, sale)| Row {
        href: to(event, &format!("setup/types/{}", kind.code)),
        title: kind.name.clone(),
        sub: kind.code.clone(),
        cells: vec![price, kind.capacity.map_or_else(|| "No limit".to_owned(), |most| most.to_string()), who_may(&kind).to_owned()],
        chip: match sale {
            Ok(()) => ("yes", "On sale".to_owned()),
            Err(_) => ("wait", "Not on sale".to_owned()),
        },
    });
    let page = ListPage {
        title: "Registration types",
        lead: "What people buy, its prices by date, and the sessions it covers. Orders keep the price they were placed at.",
        tab: "Registration types",
        columns: vec!["Type", "Price today", "Places", "For"],
        rows: rows.collect(),
        links: vec![(to(event, "setup/types/new"), "Add a type")],
        empty: "Add the first thing that people can buy, such as General conference.",
        search: None,
    };
    page.render(&app, &allowed.asker, event)
}

fn who_may(kind: &RegistrationType) -> &'static str {
    match kind.eligibility {
        pricing::Eligibility::Anyone => "Anyone",
        pricing::Eligibility::Code => "With a code",
        pricing::Eligibility::Approval => "After approval",
    }
}

/// A type as its form sends it: the prices come as three lists.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct TypeForm {
    #[serde(flatten)]
    draft: TypeDraft,
    tier_name: Vec<String>,
    tier_price: Vec<String>,
    tier_until: Vec<String>,
}

impl TypeForm {
    /// The draft with the prices that were filled in.
    fn draft(self) -> TypeDraft {
        let prices = self.tier_name.into_iter().zip(self.tier_price).zip(self.tier_until);
        let tiers = prices.map(|((name, price), until)| TierDraft { name, price, until });
        let is_blank = |tier: &TierDraft| [&tier.name, &tier.price, &tier.until].iter().all(|text| text.trim().is_empty());
        TypeDraft { tiers: tiers.filter(|tier| !is_blank(tier)).collect(), ..self.draft }
    }
}

async fn sessions_of(app: &App, event: &Event) -> Result<Vec<Session>> {
    let id = event.id.clone();
    app.read(move |db| agenda::list(db, &id)).await
}

/// `GET /staff/events/{event}/setup/types/new`
pub async fn new(app: web::Data<App>, allowed: Organizer) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let sessions = sessions_of(&app, event).await?;
    type_form(event, &TypeDraft::default(), None, &sessions).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/setup/types`
pub async fn create(app: web::Data<App>, allowed: Organizer, PostedForm(form): PostedForm<TypeForm>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let typed = form.draft();
    let (own, draft) = (event.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| pricing::add_type(tx, &own, &draft)).await;
    match outcome(&app, done, &to(event, "setup/types"), "The registration type is there.")? {
        Ok(done) => Ok(done),
        Err(errors) => {
            let sessions = sessions_of(&app, event).await?;
            type_form(event, &typed, None, &sessions).render(&app, &allowed.asker, Some(event), &errors)
        }
    }
}

async fn type_of(app: &App, event: &Event, path: (String, String)) -> Result<(RegistrationType, Vec<Session>, TypeDraft)> {
    let event = event.id.clone();
    app.read(move |db| {
        let kind = pricing::get_type(db, &event, &path.1)?;
        let sessions = agenda::list(db, &event)?;
        let draft = pricing::draft_of(db, &kind, &sessions)?;
        Ok((kind, sessions, draft))
    })
    .await
}

/// `GET /staff/events/{event}/setup/types/{type}`
pub async fn edit(app: web::Data<App>, allowed: Organizer, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (kind, sessions, draft) = type_of(&app, event, path.into_inner()).await?;
    type_form(event, &draft, Some(&kind), &sessions).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/setup/types/{type}`
pub async fn update(
    app: web::Data<App>,
    allowed: Organizer,
    path: web::Path<(String, String)>,
    PostedForm(form): PostedForm<TypeForm>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (kind, sessions, _) = type_of(&app, event, path.into_inner()).await?;
    let typed = form.draft();
    let (own, before, draft) = (event.clone(), kind.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| pricing::change_type(tx, &own, &before, &draft)).await;
    match outcome(&app, done, &to(event, "setup/types"), "The registration type is saved.")? {
        Ok(done) => Ok(done),
        Err(errors) => type_form(event, &typed, Some(&kind), &sessions).render(&app, &allowed.asker, Some(event), &errors),
    }
}

fn type_form(event: &Event, draft: &TypeDraft, kind: Option<&RegistrationType>, sessions: &[Session]) -> FormPage {
    let eligibilities = [("anyone", "Anyone"), ("code", "People with a code"), ("approval", "Anyone, but staff approve each registration")];
    let mut groups = vec![
        group(
            "What it is",
            vec![
                Field::text("name", "Name", &draft.name).hint("Such as: General conference.").required(),
                Field::code("code", "Code", &draft.code).hint("Short, for links and files, such as general.").required(),
                Field::lines("description", "Description", &draft.description, 3)
                    .hint("What is included; shown while registering.")
                    .optional(),
                Field::whole("capacity", "Places", &draft.capacity).hint("Empty: no limit.").optional(),
                Field::whole("position", "Order", &draft.position).optional(),
            ],
        ),
        group(
            "Who may buy it, and when",
            vec![
                Field::select("eligibility", "For", choices(eligibilities, &draft.eligibility)),
                Field::code("access_code", "The code that opens it", &draft.access_code).hint("Only for people with a code.").optional(),
                Field::day("sale_opens_on", "First day of the sale", &draft.sale_opens_on).hint("Empty: at once.").optional(),
                Field::day("sale_closes_on", "Last day of the sale", &draft.sale_closes_on).hint("Empty: until the event ends.").optional(),
                Field::check("discountable", "Discounts for recognized hospitals, groups and codes apply", draft.discountable),
            ],
        ),
    ];
    groups.extend(tier_fields(event, &draft.tiers));
    groups.push(group("What it covers", vec![cover_field(&draft.covers, sessions)]));
    FormPage {
        title: if kind.is_some() { "Change a registration type" } else { "Add a registration type" }.to_owned(),
        back: (to(event, "setup/types"), "Registration types".to_owned()),
        action: kind.map_or_else(|| to(event, "setup/types"), |kind| to(event, &format!("setup/types/{}", kind.code))),
        button: "Save",
        groups,
        ..FormPage::default()
    }
}

/// Three fields a price, and room for two more.
fn tier_fields(event: &Event, tiers: &[TierDraft]) -> Vec<Group> {
    let blank = TierDraft::default();
    let mut groups = Vec::new();
    for (index, tier) in tiers.iter().chain([&blank, &blank]).enumerate() {
        let field = |name: &str| format!("tiers[{index}].{name}");
        // An error about the prices as a whole stands at the first.
        let id = if index == 0 && tiers.is_empty() { "tiers".to_owned() } else { field("name") };
        let name = Field::text(&id, "Name of the price", &tier.name).named("tier_name[]").hint("Such as Early, Regular, On site.");
        let price = Field::price(&field("price"), &format!("Price in {}", event.currency), &tier.price).named("tier_price[]");
        let until = Field::day(&field("until"), "Last day", &tier.until).named("tier_until[]").hint("Empty for the last price.");
        let legend = if index < tiers.len() { format!("Price {}", index + 1) } else { format!("Price {} (if there is one)", index + 1) };
        groups.push(row(&legend, vec![name, price, until]));
    }
    groups
}

fn cover_field(covers: &[String], sessions: &[Session]) -> Field {
    let choice = |value: &str, text: String| Choice {
        value: value.to_owned(),
        text,
        selected: false,
        checked: covers.iter().any(|code| code == value),
    };
    let mut options = vec![choice("all", "Every session without a price of its own, also those added later".to_owned())];
    let live = sessions.iter().filter(|session| session.canceled_at.is_none());
    options.extend(live.map(|session| choice(&session.code, format!("{} · {}", session.code, session.title))));
    let hint = "A session with its own price that is chosen here costs nothing extra; with the first choice it is an extra.";
    Field::many("covers", "Sessions", options).hint(hint)
}

/// `GET /staff/events/{event}/setup/codes`
pub async fn codes(app: web::Data<App>, allowed: Organizer) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (id, today) = (event.id.clone(), app.now().date_in(event.zone()));
    let codes = app.read(move |db| pricing::list_discount_codes(db, &id)).await?;
    let rows = codes.iter().map(|code| Row {
        href: to(event, &format!("setup/codes/{}", code.code_key)),
        title: code.code.clone(),
        sub: if code.kind == pricing::CodeKind::Scholarship { "Scholarship" } else { "Promotional" }.to_owned(),
        cells: vec![format!("{} %", code.percent), code.cap.to_string(), rules::day_words(code.expires_on)],
        chip: if code.expires_on < today { ("no", "Expired".to_owned()) } else { ("yes", "Works".to_owned()) },
    });
    let page = ListPage {
        title: "Discount codes",
        lead: "Of several discounts the best for the buyer counts, never two.",
        tab: "Discount codes",
        columns: vec!["Code", "Takes off", "For at most", "Last day"],
        rows: rows.collect(),
        links: vec![(to(event, "setup/codes/new"), "Add a code")],
        empty: "Codes are for promotions and scholarships. Codes of hospitals are on the hospital's page.",
        search: None,
    };
    page.render(&app, &allowed.asker, event)
}

/// `GET /staff/events/{event}/setup/codes/new`
pub async fn new_code(app: web::Data<App>, allowed: Organizer) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let draft = DiscountCodeDraft { expires_on: event.ends_on.to_string(), ..DiscountCodeDraft::default() };
    code_form(event, &draft, None).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/setup/codes`
pub async fn create_code(
    app: web::Data<App>,
    allowed: Organizer,
    PostedForm(typed): PostedForm<DiscountCodeDraft>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, draft) = (event.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| pricing::add_discount_code(tx, &own, &draft)).await;
    match outcome(&app, done, &to(event, "setup/codes"), "The code works.")? {
        Ok(done) => Ok(done),
        Err(errors) => code_form(event, &typed, None).render(&app, &allowed.asker, Some(event), &errors),
    }
}

async fn code_of(app: &App, event: &Event, path: (String, String)) -> Result<DiscountCode> {
    let event = event.id.clone();
    app.read(move |db| pricing::find_discount_code(db, &event, &path.1)?.ok_or(Error::NotFound)).await
}

/// `GET /staff/events/{event}/setup/codes/{code}`
pub async fn edit_code(app: web::Data<App>, allowed: Organizer, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let code = code_of(&app, event, path.into_inner()).await?;
    code_form(event, &DiscountCodeDraft::of(&code), Some(&code)).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/setup/codes/{code}`
pub async fn update_code(
    app: web::Data<App>,
    allowed: Organizer,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<DiscountCodeDraft>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let code = code_of(&app, event, path.into_inner()).await?;
    let (before, draft) = (code.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| pricing::change_discount_code(tx, &before, &draft)).await;
    match outcome(&app, done, &to(event, "setup/codes"), "The code is saved.")? {
        Ok(done) => Ok(done),
        Err(errors) => code_form(event, &typed, Some(&code)).render(&app, &allowed.asker, Some(event), &errors),
    }
}

fn code_form(event: &Event, draft: &DiscountCodeDraft, code: Option<&DiscountCode>) -> FormPage {
    let kinds = [("promotional", "Promotional"), ("scholarship", "Scholarship")];
    let fields = vec![
        Field::code("code", "Code", &draft.code).hint("At least four letters or digits; case and dashes do not matter.").required(),
        Field::select("kind", "Kind", choices(kinds, &draft.kind)),
        Field::whole("percent", "Percent off", &draft.percent).required(),
        Field::whole("cap", "People who may use it", &draft.cap).required(),
        Field::day("expires_on", "Last day", &draft.expires_on).required(),
    ];
    FormPage {
        title: if code.is_some() { "Change a discount code" } else { "Add a discount code" }.to_owned(),
        lead: if code.is_some() { "Orders that used it keep their price. To stop it, set its last day to yesterday." } else { "" }
            .to_owned(),
        back: (to(event, "setup/codes"), "Discount codes".to_owned()),
        action: code.map_or_else(|| to(event, "setup/codes"), |code| to(event, &format!("setup/codes/{}", code.code_key))),
        button: "Save",
        groups: vec![group("", fields)],
        ..FormPage::default()
    }
}
