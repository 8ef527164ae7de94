//! The pick-up desk: people are found by code or name, badges handed out and taken back, walk-ins registered, and
//! all but the walk-ins goes on without a network (CHK-4, EVT-1, BDG-1).

pub mod rules;
pub mod cards;
pub mod handing_out;
pub mod list;
pub mod walk_ins;
pub mod desk_admin;
pub mod pick_up_admin;
pub mod walk_in_admin;
