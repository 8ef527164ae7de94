-- Where a webinar takes place. Staff set it; nobody else is shown it, and the audit trail says only that it was set.
CREATE TABLE webinar_platforms (
    session_id TEXT NOT NULL PRIMARY KEY REFERENCES sessions (id),
    address TEXT NOT NULL,
    set_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);

-- Somebody's own link to a webinar. What opens it is made of this id under the installation's key and is stored nowhere.
CREATE TABLE join_links (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    made_at TIMESTAMP NOT NULL,
    replaced_at TIMESTAMP
);
CREATE UNIQUE INDEX join_links_that_open ON join_links (session_id, registration_id) WHERE replaced_at IS NULL;
CREATE INDEX join_links_by_session ON join_links (session_id);
CREATE INDEX join_links_by_registration ON join_links (registration_id);

-- Somebody went to the platform by a link; as often as they did.
CREATE TABLE webinar_joins (
    id TEXT NOT NULL PRIMARY KEY,
    join_link_id TEXT NOT NULL REFERENCES join_links (id),
    session_id TEXT NOT NULL REFERENCES sessions (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    -- Tells browsers of one link apart and is known nowhere else.
    browser TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX webinar_joins_by_link ON webinar_joins (join_link_id);
CREATE INDEX webinar_joins_by_session ON webinar_joins (session_id);
CREATE INDEX webinar_joins_by_registration ON webinar_joins (registration_id);

-- A letter with the link: which one, and for what start of the webinar. Numbered, so that of two nodes one writes it.
CREATE TABLE webinar_letters (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    number INTEGER NOT NULL,
    occasion TEXT NOT NULL,
    starts_at TIMESTAMP NOT NULL,
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (session_id, registration_id, number)
);
CREATE INDEX webinar_letters_by_registration ON webinar_letters (registration_id);

-- A complimentary registration that was taken on into another type, at a price and with an order of its own.
CREATE TABLE conversions (
    registration_id TEXT NOT NULL PRIMARY KEY REFERENCES registrations (id),
    from_type_id TEXT NOT NULL REFERENCES registration_types (id),
    from_order_id TEXT NOT NULL REFERENCES orders (id),
    order_id TEXT NOT NULL REFERENCES orders (id),
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);
CREATE INDEX conversions_by_type ON conversions (from_type_id);
CREATE INDEX conversions_by_earlier_order ON conversions (from_order_id);
CREATE INDEX conversions_by_order ON conversions (order_id);

-- A platform's report of who was in a webinar when, as it was imported.
CREATE TABLE participant_reports (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    -- The platform's number of the meeting: a later report of the same one takes this one's place.
    meeting TEXT NOT NULL,
    layout TEXT NOT NULL,
    -- The zone that its times were read in.
    zone TEXT NOT NULL,
    generated_at TIMESTAMP,
    row_count INTEGER NOT NULL,
    unread INTEGER NOT NULL,
    imported_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);
CREATE INDEX participant_reports_by_session ON participant_reports (session_id);

-- A report that counts no more: a later one took its place, or staff took it back with a reason.
CREATE TABLE report_ends (
    report_id TEXT NOT NULL PRIMARY KEY REFERENCES participant_reports (id),
    replaced_by TEXT REFERENCES participant_reports (id),
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX report_ends_by_replacement ON report_ends (replaced_by);

-- Somebody of a report, by e-mail or else by name, and who of ours that is.
CREATE TABLE participants (
    id TEXT NOT NULL PRIMARY KEY,
    report_id TEXT NOT NULL REFERENCES participant_reports (id),
    session_id TEXT NOT NULL REFERENCES sessions (id),
    identity TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    part TEXT NOT NULL,
    standing TEXT NOT NULL,
    registration_id TEXT REFERENCES registrations (id)
);
CREATE INDEX participants_by_report ON participants (report_id);
CREATE INDEX participants_by_session ON participants (session_id, identity);
CREATE INDEX participants_by_registration ON participants (registration_id);

-- When they were there, joined where intervals touch. At least: the report had totals, and this is what they prove.
CREATE TABLE participant_stays (
    id TEXT NOT NULL PRIMARY KEY,
    participant_id TEXT NOT NULL REFERENCES participants (id),
    starts_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    at_least BOOLEAN NOT NULL
);
CREATE INDEX participant_stays_by_participant ON participant_stays (participant_id);

-- What staff decided about somebody of a webinar's reports; it holds for later reports too.
CREATE TABLE participant_decisions (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    identity TEXT NOT NULL,
    registration_id TEXT REFERENCES registrations (id),
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (session_id, identity)
);
CREATE INDEX participant_decisions_by_registration ON participant_decisions (registration_id);
