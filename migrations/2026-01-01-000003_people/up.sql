-- Staff, people, hospitals.
CREATE TABLE staff (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT,
    disabled_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE staff_roles (
    id TEXT NOT NULL PRIMARY KEY,
    staff_id TEXT NOT NULL REFERENCES staff (id),
    role TEXT NOT NULL,
    event_id TEXT REFERENCES events (id)
);
CREATE INDEX staff_roles_by_staff ON staff_roles (staff_id);
CREATE INDEX staff_roles_by_event ON staff_roles (event_id);

CREATE TABLE staff_sign_ins (
    id TEXT NOT NULL PRIMARY KEY,
    staff_id TEXT NOT NULL REFERENCES staff (id),
    token_hash TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX staff_sign_ins_by_staff ON staff_sign_ins (staff_id);

-- One-time links by which staff set their password (or, in the demo, sign in).
CREATE TABLE staff_links (
    id TEXT NOT NULL PRIMARY KEY,
    staff_id TEXT NOT NULL REFERENCES staff (id),
    token_hash TEXT NOT NULL UNIQUE,
    purpose TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX staff_links_by_staff ON staff_links (staff_id);

CREATE TABLE hospitals (
    id TEXT NOT NULL PRIMARY KEY,
    ccn TEXT,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    city TEXT NOT NULL,
    state TEXT NOT NULL,
    zip TEXT NOT NULL,
    county TEXT NOT NULL,
    phone TEXT NOT NULL,
    kind TEXT NOT NULL,
    ownership TEXT NOT NULL,
    beds INTEGER,
    search_key TEXT NOT NULL,
    source TEXT NOT NULL,
    gone_at TIMESTAMP
);
CREATE INDEX hospitals_by_ccn ON hospitals (ccn);
CREATE INDEX hospitals_by_name ON hospitals (search_key);

CREATE TABLE hospital_domains (
    id TEXT NOT NULL PRIMARY KEY,
    hospital_id TEXT NOT NULL REFERENCES hospitals (id),
    domain TEXT NOT NULL
);
CREATE UNIQUE INDEX hospital_domains_by_hospital ON hospital_domains (hospital_id, domain);
CREATE INDEX hospital_domains_by_domain ON hospital_domains (domain);

CREATE TABLE recognitions (
    id TEXT NOT NULL PRIMARY KEY,
    hospital_id TEXT NOT NULL REFERENCES hospitals (id),
    term_starts_on DATE NOT NULL,
    term_ends_on DATE NOT NULL,
    conditional BOOLEAN NOT NULL,
    approved_on DATE,
    paid_on DATE,
    revoked_on DATE
);
CREATE INDEX recognitions_by_hospital ON recognitions (hospital_id);

-- A code that a recognized hospital gives its staff (many uses, capped, expiring).
CREATE TABLE hospital_codes (
    id TEXT NOT NULL PRIMARY KEY,
    hospital_id TEXT NOT NULL REFERENCES hospitals (id),
    event_id TEXT REFERENCES events (id),
    code TEXT NOT NULL,
    code_key TEXT NOT NULL UNIQUE,
    cap INTEGER NOT NULL,
    expires_on DATE NOT NULL
);
CREATE INDEX hospital_codes_by_hospital ON hospital_codes (hospital_id);
CREATE INDEX hospital_codes_by_event ON hospital_codes (event_id);

CREATE TABLE people (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    family_key TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX people_by_email ON people (email_key, family_key);

-- Codes mailed to a person: to sign in, or to prove an e-mail while registering.
CREATE TABLE mailed_codes (
    id TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    person_id TEXT REFERENCES people (id),
    email_key TEXT NOT NULL,
    link_hash TEXT NOT NULL UNIQUE,
    code_hash TEXT NOT NULL,
    failed_tries INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX mailed_codes_by_email ON mailed_codes (email_key);
CREATE INDEX mailed_codes_by_person ON mailed_codes (person_id);

CREATE TABLE attendee_sign_ins (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id),
    token_hash TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX attendee_sign_ins_by_person ON attendee_sign_ins (person_id);
