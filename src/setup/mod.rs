//! Setting up an event: the event document, staff forms, imports that span nouns.
