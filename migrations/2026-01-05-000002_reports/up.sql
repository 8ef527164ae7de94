-- What people tell so that their credit can be reported, and the reports that were made.

-- A license to practice; stays as long as participation does.
CREATE TABLE licenses (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id),
    state TEXT NOT NULL,
    profession TEXT NOT NULL,
    number TEXT NOT NULL,
    saved_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX licenses_by_person ON licenses (person_id, state, profession);

CREATE TABLE learner_details (
    person_id TEXT NOT NULL PRIMARY KEY REFERENCES people (id),
    npi TEXT NOT NULL,
    specialty TEXT NOT NULL,
    saved_at TIMESTAMP NOT NULL
);

-- Birth month and day and NABP e-Profile ID, sealed under a key of the installation; erased when reporting is over.
CREATE TABLE reporting_identities (
    person_id TEXT NOT NULL PRIMARY KEY REFERENCES people (id),
    sealed TEXT NOT NULL,
    entered_at TIMESTAMP NOT NULL
);
CREATE INDEX reporting_identities_by_age ON reporting_identities (entered_at);

-- What CE Broker knows the provider and the activities by, and when all reports were acknowledged.
CREATE TABLE report_settings (
    event_id TEXT NOT NULL PRIMARY KEY REFERENCES events (id),
    ce_broker_provider TEXT NOT NULL,
    -- Words of states with spaces between them; empty means every license.
    ce_broker_states TEXT NOT NULL,
    acknowledged_on DATE
);

CREATE TABLE report_courses (
    activity_id TEXT NOT NULL PRIMARY KEY REFERENCES credit_activities (id),
    course TEXT NOT NULL,
    subject_area TEXT NOT NULL
);

-- Every file that was made: by whom, of what, how many rows.
CREATE TABLE report_exports (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    kind TEXT NOT NULL,
    format TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    made_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);
CREATE INDEX report_exports_by_event ON report_exports (event_id);

-- What a file said of somebody's credit: the newest line is what the accreditor was told last.
CREATE TABLE report_lines (
    id TEXT NOT NULL PRIMARY KEY,
    export_id TEXT NOT NULL REFERENCES report_exports (id),
    kind TEXT NOT NULL,
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    activity_id TEXT NOT NULL REFERENCES credit_activities (id),
    -- State and profession of the license that it was reported for; empty where a report knows people otherwise.
    target TEXT NOT NULL,
    action TEXT NOT NULL,
    hundredths INTEGER NOT NULL
);
CREATE INDEX report_lines_by_export ON report_lines (export_id);
CREATE INDEX report_lines_by_registration ON report_lines (registration_id, kind);
CREATE INDEX report_lines_by_activity ON report_lines (activity_id);

-- Who was asked for what a report lacks: once for each report.
CREATE TABLE detail_requests (
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    kind TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (registration_id, kind)
);
