//! The back office's view of people: search, and one page for everything about one person.
