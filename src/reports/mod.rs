//! Reports of credit: to accreditors and boards, attendance and the whole event as files, and everybody's transcript (CEU-7, CEU-8).

pub mod admin;
pub mod asking;
pub mod attendance;
pub mod ce_broker;
pub mod check_admin;
pub mod cpe_monitor;
pub mod details;
pub mod exports;
pub mod exports_admin;
pub mod identities;
pub mod identity_pages;
pub mod learners;
pub mod letters;
pub mod licenses_admin;
pub mod pages;
pub mod pars;
pub mod people_list;
pub mod rules;
pub mod settings;
pub mod settings_admin;
pub mod transcript;
pub mod transcript_admin;
pub mod transcript_pages;
pub mod transcript_pdf;
pub mod transcript_views;
