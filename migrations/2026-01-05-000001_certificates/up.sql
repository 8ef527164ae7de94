-- Certificates: one of a person for each activity and credit type; what was printed stays in its versions.
CREATE TABLE certificates (
    id TEXT NOT NULL PRIMARY KEY,
    -- Twenty letters that cannot be guessed, without hyphens.
    serial TEXT NOT NULL,
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    -- Activity and credit type in one text, or 'participation': one certificate for each.
    subject TEXT NOT NULL,
    activity_id TEXT REFERENCES credit_activities (id),
    credit_type_id TEXT REFERENCES credit_types (id),
    issued_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX certificates_by_serial ON certificates (serial);
CREATE UNIQUE INDEX certificates_by_registration ON certificates (registration_id, subject);
CREATE INDEX certificates_by_activity ON certificates (activity_id);
CREATE INDEX certificates_by_type ON certificates (credit_type_id);

-- Everything that was printed, as JSON; a version is never changed.
CREATE TABLE certificate_versions (
    id TEXT NOT NULL PRIMARY KEY,
    certificate_id TEXT NOT NULL REFERENCES certificates (id),
    version INTEGER NOT NULL,
    credential_id TEXT NOT NULL,
    cause TEXT NOT NULL,
    reason TEXT NOT NULL,
    hundredths INTEGER NOT NULL,
    printed TEXT NOT NULL,
    issued_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);
CREATE UNIQUE INDEX certificate_versions_by_certificate ON certificate_versions (certificate_id, version);
CREATE UNIQUE INDEX certificate_versions_by_credential ON certificate_versions (credential_id);

-- A version that is no longer good, and why; withdrawn where its credit was taken back.
CREATE TABLE certificate_revocations (
    version_id TEXT NOT NULL PRIMARY KEY REFERENCES certificate_versions (id),
    withdrawn BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);

-- Certificates of a whole event are issued: the run, and who has been seen to.
CREATE TABLE certificate_runs (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    actor TEXT NOT NULL
);
CREATE INDEX certificate_runs_by_event ON certificate_runs (event_id);

CREATE TABLE certificate_run_people (
    run_id TEXT NOT NULL REFERENCES certificate_runs (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    -- Null until the run has come to this person.
    outcome TEXT,
    -- What is missing, words with spaces between them.
    lacks TEXT NOT NULL,
    -- Certificates that this run issued or renewed.
    issued INTEGER NOT NULL,
    PRIMARY KEY (run_id, registration_id)
);
CREATE INDEX certificate_run_people_by_registration ON certificate_run_people (registration_id);
