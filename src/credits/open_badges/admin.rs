//! Open Badges of an event for education staff: whether they are given, who issues them, and the addresses that verifiers ask (CEU-6).

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::status::{self, StatusList};
use super::{count, is_stopped, issuer_address, keys, offer};
use crate::app::App;
use crate::credits::admin::{Educator, Reader};
use crate::credits::providers;
use crate::error::Result;
use crate::events::rules::day_words;
use crate::http::pages::see_other_saying;
use crate::http::{Page, PostedForm};
use crate::setup::forms_admin::to;
use crate::staff::Permission;

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    offered: String,
}

/// `GET /staff/events/{event}/credits/open-badges`
pub async fn show(app: web::Data<App>, allowed: Reader) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let id = event.id.clone();
    let (provider, is_stopped, taken, lists, key) = app
        .read(move |db| Ok((providers::find(db, &id)?, is_stopped(db, &id)?, count(db, &id)?, status::list(db, &id)?, keys::in_use(db)?)))
        .await?;
    let base_url = &app.site.config.base_url;
    let row = |(list, taken): &(StatusList, i64)| json!({ "address": status::address(base_url, event, list.number), "taken": taken });
    let view = json!({
        "back": to(event, "credits"), "action": to(event, "credits/open-badges"), "provider_href": to(event, "credits/provider"),
        "activities": to(event, "credits/activities"), "provider": provider.as_ref().map(|provider| &provider.name),
        "is_given": !is_stopped && provider.is_some(), "is_stopped": is_stopped, "taken": taken,
        "issuer": issuer_address(base_url, event), "keys": format!("{base_url}/open-badges/keys"),
        "lists": lists.iter().map(row).collect::<Vec<Value>>(),
        "key_since": key.map(|key| day_words(key.made_at.date_in(event.zone()))),
        "may_edit": allowed.identity.may(Permission::EditCredits, &event.id),
        "may_rotate": allowed.identity.may_everywhere(Permission::ManageStaff),
    });
    Page::new(&app, &allowed.asker, "credits/open_badges/index").event(event).render(&view)
}

/// `POST /staff/events/{event}/credits/open-badges`
pub async fn update(app: web::Data<App>, allowed: Educator, PostedForm(typed): PostedForm<Typed>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, is_offered) = (event.clone(), typed.offered == "yes");
    app.write(allowed.actor(), move |tx| offer(tx, &own, is_offered)).await?;
    let said = if is_offered {
        "Certificates are given as Open Badges too."
    } else {
        "No more Open Badges are given. Those taken before stay good."
    };
    Ok(see_other_saying(&app, &to(event, "credits/open-badges"), "yes", said))
}
