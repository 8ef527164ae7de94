-- What is sold, who bought it, who sits where.
CREATE TABLE registration_types (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    capacity INTEGER,
    sale_opens_on DATE,
    sale_closes_on DATE,
    eligibility TEXT NOT NULL,
    access_code_key TEXT,
    discountable BOOLEAN NOT NULL,
    covers_all BOOLEAN NOT NULL,
    position INTEGER NOT NULL
);
CREATE UNIQUE INDEX registration_types_by_code ON registration_types (event_id, code);

-- The sessions of a type that does not cover them all.
CREATE TABLE covered_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    registration_type_id TEXT NOT NULL REFERENCES registration_types (id),
    session_id TEXT NOT NULL REFERENCES sessions (id)
);
CREATE UNIQUE INDEX covered_sessions_by_type ON covered_sessions (registration_type_id, session_id);
CREATE INDEX covered_sessions_by_session ON covered_sessions (session_id);

CREATE TABLE price_tiers (
    id TEXT NOT NULL PRIMARY KEY,
    registration_type_id TEXT NOT NULL REFERENCES registration_types (id),
    name TEXT NOT NULL,
    price_cents BIGINT NOT NULL,
    until DATE,
    position INTEGER NOT NULL
);
CREATE INDEX price_tiers_by_type ON price_tiers (registration_type_id);

CREATE TABLE discount_codes (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    code TEXT NOT NULL,
    code_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    percent INTEGER NOT NULL,
    cap INTEGER NOT NULL,
    expires_on DATE NOT NULL
);
CREATE UNIQUE INDEX discount_codes_by_key ON discount_codes (event_id, code_key);

CREATE TABLE orders (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    code TEXT NOT NULL UNIQUE,
    buyer_name TEXT NOT NULL,
    buyer_email TEXT NOT NULL,
    buyer_organization TEXT NOT NULL,
    payment TEXT NOT NULL,
    currency TEXT NOT NULL,
    due_on DATE,
    placed_at TIMESTAMP NOT NULL
);
CREATE INDEX orders_by_event ON orders (event_id);

-- Something typed on the first screens of a registration that is not placed yet.
CREATE TABLE drafts (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    token_hash TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL,
    verified_email_key TEXT,
    order_id TEXT REFERENCES orders (id),
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX drafts_by_event ON drafts (event_id);
CREATE INDEX drafts_by_order ON drafts (order_id);

CREATE TABLE registrations (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    order_id TEXT NOT NULL REFERENCES orders (id),
    person_id TEXT NOT NULL REFERENCES people (id),
    registration_type_id TEXT NOT NULL REFERENCES registration_types (id),
    code TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    badge_name TEXT NOT NULL,
    certificate_name TEXT NOT NULL,
    credentials TEXT NOT NULL,
    profession TEXT NOT NULL,
    organization TEXT NOT NULL,
    hospital_id TEXT REFERENCES hospitals (id),
    dietary TEXT NOT NULL,
    accommodation TEXT NOT NULL,
    represents TEXT NOT NULL,
    sponsors_opt_in BOOLEAN NOT NULL,
    search_key TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX registrations_by_event ON registrations (event_id, search_key);
CREATE INDEX registrations_by_order ON registrations (order_id);
CREATE INDEX registrations_by_person ON registrations (person_id);
CREATE INDEX registrations_by_type ON registrations (registration_type_id);
CREATE INDEX registrations_by_hospital ON registrations (hospital_id);

CREATE TABLE cancellations (
    id TEXT NOT NULL PRIMARY KEY,
    registration_id TEXT NOT NULL UNIQUE REFERENCES registrations (id),
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
);

-- One priced item of an order, with the price as it was promised.
CREATE TABLE order_lines (
    id TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    item_kind TEXT NOT NULL,
    item_code TEXT NOT NULL,
    description TEXT NOT NULL,
    list_cents BIGINT NOT NULL,
    discount_cents BIGINT NOT NULL,
    net_cents BIGINT NOT NULL,
    discountable BOOLEAN NOT NULL,
    discount_kind TEXT,
    discount_code_id TEXT REFERENCES discount_codes (id),
    hospital_code_id TEXT REFERENCES hospital_codes (id),
    candidates TEXT NOT NULL,
    position INTEGER NOT NULL
);
CREATE INDEX order_lines_by_order ON order_lines (order_id);
CREATE INDEX order_lines_by_registration ON order_lines (registration_id);
CREATE INDEX order_lines_by_discount_code ON order_lines (discount_code_id);
CREATE INDEX order_lines_by_hospital_code ON order_lines (hospital_code_id);

-- Money that changed hands or was given back: payments positive, credits and refunds by kind.
CREATE TABLE payments (
    id TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    -- Whose place was credited; empty where money was for the order as a whole.
    registration_id TEXT REFERENCES registrations (id),
    kind TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    reference TEXT NOT NULL,
    actor TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX payments_by_order ON payments (order_id);
CREATE INDEX payments_by_registration ON payments (registration_id);

-- Why staff of a hospital may (or may not yet) have its discount, and what staff decided.
CREATE TABLE discount_claims (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    registration_id TEXT NOT NULL UNIQUE REFERENCES registrations (id),
    hospital_id TEXT NOT NULL REFERENCES hospitals (id),
    proof TEXT NOT NULL,
    doubt TEXT,
    status TEXT NOT NULL,
    decided_at TIMESTAMP,
    decided_by TEXT,
    reason TEXT,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX discount_claims_by_event ON discount_claims (event_id, status);
CREATE INDEX discount_claims_by_hospital ON discount_claims (hospital_id);

CREATE TABLE enrollments (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    status TEXT NOT NULL,
    queued_at TIMESTAMP NOT NULL,
    passed_over_at TIMESTAMP,
    left_at TIMESTAMP
);
CREATE UNIQUE INDEX enrollments_active ON enrollments (registration_id, session_id) WHERE left_at IS NULL;
CREATE INDEX enrollments_by_session ON enrollments (session_id, status, id) WHERE left_at IS NULL;
CREATE INDEX enrollments_of_session ON enrollments (session_id);
CREATE INDEX enrollments_of_registration ON enrollments (registration_id);
