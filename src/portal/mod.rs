//! What an attendee finds after signing in: agenda, sessions, badge, letters.
