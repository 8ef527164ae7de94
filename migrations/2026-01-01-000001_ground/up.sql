-- What every change leaves behind: audit entries, jobs, letters.
CREATE TABLE audit_entries (
    id TEXT NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    event_id TEXT,
    registration_id TEXT,
    facts TEXT NOT NULL,
    reason TEXT
);
CREATE INDEX audit_entries_by_subject ON audit_entries (subject_id);
CREATE INDEX audit_entries_by_registration ON audit_entries (registration_id);
CREATE INDEX audit_entries_by_event ON audit_entries (event_id);

-- Personal values that audit entries refer to; these rows may be erased, the entries never.
CREATE TABLE audit_values (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL,
    value TEXT
);
CREATE INDEX audit_values_by_person ON audit_values (person_id);

CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    run_at TIMESTAMP NOT NULL,
    attempts INTEGER NOT NULL,
    claimed_until TIMESTAMP,
    finished_at TIMESTAMP,
    last_error TEXT
);
CREATE INDEX jobs_due ON jobs (run_at) WHERE finished_at IS NULL;

CREATE TABLE letters (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    person_id TEXT,
    registration_id TEXT,
    event_id TEXT,
    to_email TEXT NOT NULL,
    to_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    body_text TEXT NOT NULL,
    body_html TEXT NOT NULL,
    calendar TEXT,
    badge_text TEXT,
    confidential BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_try_at TIMESTAMP NOT NULL,
    claimed_until TIMESTAMP,
    sent_at TIMESTAMP,
    last_error TEXT,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX letters_due ON letters (next_try_at) WHERE state = 'queued' OR state = 'sending';
CREATE INDEX letters_by_registration ON letters (registration_id);
CREATE INDEX letters_by_person ON letters (person_id);
CREATE INDEX letters_by_event ON letters (event_id);

-- The answer to a write that carried an Idempotency-Key.
CREATE TABLE idempotent_answers (
    id TEXT NOT NULL PRIMARY KEY,
    body_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX idempotent_answers_by_age ON idempotent_answers (created_at);

-- Small facts about the installation itself, such as the demo's mark and clock.
CREATE TABLE installation (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
