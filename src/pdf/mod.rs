//! PDF for paper and for screen readers: type in any script, shapes, and a tagged document (PDF/UA-1).

pub mod fonts;
pub mod outlines;
pub mod paper;
pub mod rules;
pub mod text;
