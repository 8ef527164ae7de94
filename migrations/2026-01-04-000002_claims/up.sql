-- What was attended without a scan, what was claimed, and what moves the deadline.
CREATE TABLE attestations (
    id TEXT NOT NULL PRIMARY KEY,
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    session_id TEXT NOT NULL REFERENCES sessions (id),
    minutes INTEGER NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT
);
CREATE INDEX attestations_by_registration ON attestations (registration_id);
CREATE INDEX attestations_by_session ON attestations (session_id);

-- Credit awarded for one activity and type; several claims of a person add up. A certificate hangs on these.
CREATE TABLE credit_claims (
    id TEXT NOT NULL PRIMARY KEY,
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    activity_id TEXT NOT NULL REFERENCES credit_activities (id),
    credit_type_id TEXT NOT NULL REFERENCES credit_types (id),
    rule_id TEXT NOT NULL REFERENCES credit_rules (id),
    hundredths INTEGER NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);
CREATE INDEX credit_claims_by_registration ON credit_claims (registration_id);
CREATE INDEX credit_claims_by_activity ON credit_claims (activity_id);
CREATE INDEX credit_claims_by_type ON credit_claims (credit_type_id);
CREATE INDEX credit_claims_by_rule ON credit_claims (rule_id);

CREATE TABLE credit_claim_lines (
    id TEXT NOT NULL PRIMARY KEY,
    claim_id TEXT NOT NULL REFERENCES credit_claims (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    session_id TEXT NOT NULL REFERENCES sessions (id),
    minutes INTEGER NOT NULL,
    hundredths INTEGER NOT NULL
);
CREATE INDEX credit_claim_lines_by_claim ON credit_claim_lines (claim_id);
CREATE INDEX credit_claim_lines_by_registration ON credit_claim_lines (registration_id, session_id);
CREATE INDEX credit_claim_lines_by_session ON credit_claim_lines (session_id);

-- A claim that was taken back by staff; its sessions may be claimed again.
CREATE TABLE claim_reversals (
    claim_id TEXT NOT NULL PRIMARY KEY REFERENCES credit_claims (id),
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
);

-- Claims stay open longer: for one person, one session, or everybody (both empty).
CREATE TABLE claim_extensions (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    registration_id TEXT REFERENCES registrations (id),
    session_id TEXT REFERENCES sessions (id),
    until_on DATE NOT NULL,
    reason TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);
CREATE INDEX claim_extensions_by_event ON claim_extensions (event_id);
CREATE INDEX claim_extensions_by_registration ON claim_extensions (registration_id);
CREATE INDEX claim_extensions_by_session ON claim_extensions (session_id);

CREATE TABLE late_requests (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    words TEXT NOT NULL,
    asked_at TIMESTAMP NOT NULL
);
CREATE INDEX late_requests_by_event ON late_requests (event_id);
CREATE INDEX late_requests_by_registration ON late_requests (registration_id);

CREATE TABLE late_decisions (
    request_id TEXT NOT NULL PRIMARY KEY REFERENCES late_requests (id),
    approved BOOLEAN NOT NULL,
    reply TEXT NOT NULL,
    extension_id TEXT REFERENCES claim_extensions (id),
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);
CREATE INDEX late_decisions_by_extension ON late_decisions (extension_id);

-- Who was reminded of the deadline, and on which occasion.
CREATE TABLE claim_reminders (
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    occasion TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (registration_id, occasion)
);
