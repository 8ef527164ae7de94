//! The letter that brings a new member of staff the link to set a password.

use lettre::message::Mailbox;
use serde_json::json;

use super::StaffMember;
use crate::app::Tx;
use crate::error::Result;
use crate::ids::LetterId;
use crate::mail;

/// Words of the letter that only the caller knows.
pub struct Invitation<'a> {
    /// The role as people read it, such as `registrar`.
    pub role_name: &'a str,
    /// An event's name, or `all events`.
    pub scope_text: &'a str,
    pub link: &'a str,
    /// Until when the link may be used, with its zone.
    pub expires_text: &'a str,
}

/// Queues the letter with the link.
pub fn invite(tx: &mut Tx<'_>, member: &StaffMember, words: &Invitation<'_>) -> Result<LetterId> {
    let config = &tx.site.config;
    let sender = config.mail_from.parse::<Mailbox>().ok();
    let site_name = sender.as_ref().and_then(|sender| sender.name.clone()).unwrap_or_else(|| "Lanyard".to_owned());
    let help_email = sender.map(|sender| sender.email.to_string()).unwrap_or_default();
    let mut view = mail::shared_fields(
        &member.name,
        &site_name,
        &config.base_url,
        words.link,
        &help_email,
        "You get this letter because an owner of this service added you to its staff.",
    );
    view["site_name"] = json!(site_name);
    view["role_name"] = json!(words.role_name);
    view["scope_text"] = json!(words.scope_text);
    view["email"] = json!(member.email);
    view["link"] = json!(words.link);
    view["expires_text"] = json!(words.expires_text);
    let draft = mail::Draft {
        kind: "staff_link",
        to_email: member.email.clone(),
        to_name: member.name.clone(),
        confidential: true,
        ..mail::Draft::default()
    };
    mail::queue(tx, draft, &view)
}
