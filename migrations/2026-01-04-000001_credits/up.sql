-- Evaluations: versioned forms, drafts that are linked to a person, answers that are not.
CREATE TABLE evaluation_forms (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    scope TEXT NOT NULL,
    role TEXT NOT NULL,
    version INTEGER NOT NULL,
    made_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);
CREATE UNIQUE INDEX evaluation_forms_by_event ON evaluation_forms (event_id, scope, role, version);

CREATE TABLE evaluation_questions (
    id TEXT NOT NULL PRIMARY KEY,
    form_id TEXT NOT NULL REFERENCES evaluation_forms (id),
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    prompt TEXT NOT NULL,
    options TEXT NOT NULL,
    required BOOLEAN NOT NULL,
    level TEXT NOT NULL,
    position INTEGER NOT NULL
);
CREATE UNIQUE INDEX evaluation_questions_by_form ON evaluation_questions (form_id, code);

-- What somebody typed and did not submit yet; the subject is a session's id, or 'overall'.
CREATE TABLE evaluation_drafts (
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    subject TEXT NOT NULL,
    answers TEXT NOT NULL,
    saved_at TIMESTAMP NOT NULL,
    PRIMARY KEY (registration_id, subject)
);

-- That somebody evaluated, and nothing of what they said.
CREATE TABLE evaluation_completions (
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    subject TEXT NOT NULL,
    form_id TEXT NOT NULL REFERENCES evaluation_forms (id),
    completed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (registration_id, subject)
);
CREATE INDEX evaluation_completions_by_form ON evaluation_completions (form_id);

-- What was said, by nobody: the id is random, and there is no instant.
CREATE TABLE evaluation_responses (
    id TEXT NOT NULL PRIMARY KEY,
    form_id TEXT NOT NULL REFERENCES evaluation_forms (id),
    session_id TEXT REFERENCES sessions (id)
);
CREATE INDEX evaluation_responses_by_form ON evaluation_responses (form_id);
CREATE INDEX evaluation_responses_by_session ON evaluation_responses (session_id);

CREATE TABLE evaluation_answers (
    response_id TEXT NOT NULL REFERENCES evaluation_responses (id),
    question_id TEXT NOT NULL REFERENCES evaluation_questions (id),
    value TEXT NOT NULL,
    explanation TEXT NOT NULL,
    PRIMARY KEY (response_id, question_id)
);
CREATE INDEX evaluation_answers_by_question ON evaluation_answers (question_id);

-- What is accredited: the provider of record, credit types with their rules, activities and their sessions.
CREATE TABLE credit_providers (
    event_id TEXT NOT NULL PRIMARY KEY REFERENCES events (id),
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    web_address TEXT NOT NULL,
    joint_with TEXT NOT NULL,
    accme_number TEXT NOT NULL,
    acpe_number TEXT NOT NULL,
    ancc_number TEXT NOT NULL,
    aswb_number TEXT NOT NULL,
    cep_number TEXT NOT NULL,
    signatory TEXT NOT NULL,
    signatory_post TEXT NOT NULL
);

CREATE TABLE credit_types (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    code TEXT NOT NULL,
    -- Words of professions; empty means everybody.
    professions TEXT NOT NULL,
    switched_on_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX credit_types_by_event ON credit_types (event_id, code);

CREATE TABLE credit_rules (
    id TEXT NOT NULL PRIMARY KEY,
    credit_type_id TEXT NOT NULL REFERENCES credit_types (id),
    version INTEGER NOT NULL,
    method TEXT NOT NULL,
    threshold_percent INTEGER NOT NULL,
    grace_minutes INTEGER NOT NULL,
    unit_minutes INTEGER NOT NULL,
    increment_hundredths INTEGER NOT NULL,
    minimum_hundredths INTEGER NOT NULL,
    rounding TEXT NOT NULL,
    missing_exit TEXT NOT NULL,
    missing_exit_minutes INTEGER NOT NULL,
    made_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE UNIQUE INDEX credit_rules_by_type ON credit_rules (credit_type_id, version);

CREATE TABLE credit_statements (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    words TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);
CREATE UNIQUE INDEX credit_statements_by_event ON credit_statements (event_id, kind, version);

CREATE TABLE credit_activities (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    code TEXT NOT NULL,
    title TEXT NOT NULL,
    format TEXT NOT NULL,
    pars_id TEXT NOT NULL,
    uan TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX credit_activities_by_event ON credit_activities (event_id, code);

-- The sessions of an activity with their educational minutes (breaks left out).
CREATE TABLE activity_sessions (
    activity_id TEXT NOT NULL REFERENCES credit_activities (id),
    session_id TEXT NOT NULL REFERENCES sessions (id),
    minutes INTEGER NOT NULL,
    PRIMARY KEY (activity_id, session_id)
);
CREATE INDEX activity_sessions_by_session ON activity_sessions (session_id);

CREATE TABLE designations (
    id TEXT NOT NULL PRIMARY KEY,
    activity_id TEXT NOT NULL REFERENCES credit_activities (id),
    credit_type_id TEXT NOT NULL REFERENCES credit_types (id),
    maximum_hundredths INTEGER NOT NULL,
    designated_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);
CREATE UNIQUE INDEX designations_by_activity ON designations (activity_id, credit_type_id);
CREATE INDEX designations_by_type ON designations (credit_type_id);

-- Financial relationships of a session's faculty, or that there are none; the newest counts.
CREATE TABLE disclosures (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    nothing_to_disclose BOOLEAN NOT NULL,
    words TEXT NOT NULL,
    mitigation TEXT NOT NULL,
    published_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);
CREATE INDEX disclosures_by_session ON disclosures (session_id);

CREATE TABLE session_presenters (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    PRIMARY KEY (session_id, registration_id)
);
CREATE INDEX session_presenters_by_registration ON session_presenters (registration_id);
