//! `lanyard staff add` and `lanyard token create`.

use clap::Args;

use super::serve::open;
use super::{Done, EventChoice, Stop};
use crate::app::{Actor, App};
use crate::checkin::door;
use crate::events::{self, Event};
use crate::ids::CheckpointId;
use crate::staff::{self, PURPOSE_PASSWORD, Role, SETUP_LINK};

/// What `staff add` is given.
#[derive(Args)]
pub struct Add {
    #[arg(long)]
    email: String,
    #[arg(long)]
    name: String,
    /// owner, registrar, onsite, content, education, recognition, finance or auditor.
    #[arg(long, value_parser = role)]
    role: Role,
    #[command(flatten)]
    event: EventChoice,
}

/// What `token create` is given.
#[derive(Args)]
pub struct CreateToken {
    /// owner, registrar, onsite, content, education, recognition, finance or auditor.
    #[arg(long, value_parser = role)]
    role: Role,
    #[command(flatten)]
    event: EventChoice,
    /// A checkpoint's code: the token is then good for that door only.
    #[arg(long, requires = "event")]
    checkpoint: Option<String>,
    /// What the token is for, as staff will see it.
    #[arg(long, default_value = "made on the command line")]
    label: String,
}

fn role(word: &str) -> Result<Role, String> {
    let all: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    Role::from_word(word).ok_or_else(|| format!("a role is one of {}", all.join(", ")))
}

/// Adds the account and prints the link with which its owner sets a password.
pub fn add(given: Add) -> Done {
    let app = open(&["LANYARD_URL"])?;
    let event = event_of(&app, &given.event)?.map(|event| event.id);
    let Add { email, name, role, .. } = given;
    if name.trim().is_empty() {
        return Err(Stop::because("Give the person's name with --name."));
    }
    let secret = app.write_here(Actor::Service("command"), move |tx| {
        let id = staff::add(tx, &email, &name, role, event)?;
        staff::new_link(tx, &id, PURPOSE_PASSWORD, SETUP_LINK)
    })?;
    println!("{}/staff/links/{secret}", app.site.config.base_url);
    eprintln!("Pass this link on: it works once, for {} days, and sets the password.", SETUP_LINK.num_days());
    Ok(())
}

/// Makes a token and prints it.
pub fn create_token(given: CreateToken) -> Done {
    let app = open(&[])?;
    let event = event_of(&app, &given.event)?;
    let checkpoint = match (&given.checkpoint, &event) {
        (Some(code), Some(event)) => Some(checkpoint_of(&app, event, code)?),
        _ => None,
    };
    let event = event.map(|event| event.id);
    let CreateToken { role, label, .. } = given;
    let token = app.write_here(Actor::Service("command"), move |tx| staff::create_token(tx, &label, role, event, checkpoint))?;
    println!("{token}");
    eprintln!("This token is shown only now.");
    Ok(())
}

fn checkpoint_of(app: &App, event: &Event, code: &str) -> Result<CheckpointId, Stop> {
    let found = app.read_here(|db| door::find_checkpoint(db, &event.id, code))?;
    found.map(|checkpoint| checkpoint.id).ok_or_else(|| Stop::because(format!("There is no checkpoint {code} at {}.", event.slug)))
}

/// The event a command names, if it names one.
pub fn event_of(app: &App, choice: &EventChoice) -> Result<Option<Event>, Stop> {
    let Some(slug) = choice.event.clone() else { return Ok(None) };
    let found = app.read_here(|db| events::find(db, &slug))?;
    found.map(Some).ok_or_else(|| Stop::because(format!("There is no event {slug}.")))
}
