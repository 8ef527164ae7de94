//! The portal: how an attendee signs in and sees and changes their own registrations.

pub mod pages;
pub mod letters_pages;
pub mod overview;
pub mod selection;
pub mod selection_pages;
pub mod sign_in;
pub mod sign_in_pages;
pub mod views;
