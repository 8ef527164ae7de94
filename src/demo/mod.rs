//! The demo year: a congress and a series with people, hospitals and staff, under a clock of its own.
