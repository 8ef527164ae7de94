//! Credit: what is accredited, who earned what, and the claims with their deadline (CEU-1, CEU-2, CEU-4, CEU-5).

pub mod activities;
pub mod activities_admin;
pub mod admin;
pub mod api;
pub mod catalogue;
pub mod certificates;
pub mod chain;
pub mod claims;
pub mod deadline_admin;
pub mod deadlines;
pub mod disclosures;
pub mod evidence;
pub mod forecast;
pub mod forecast_admin;
pub mod letters;
pub mod pages;
pub mod people;
pub mod people_admin;
pub mod preview;
pub mod providers;
pub mod reminders;
pub mod rules;
pub mod sessions_admin;
pub mod types;
pub mod types_admin;
pub mod views;
