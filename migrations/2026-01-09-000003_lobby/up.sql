-- The safety measure's catalogue and what sessions say with it; the lobby: announcements, questions, daily letters; materials.

-- A version of the measure's words, in force for events that begin on its day or later.
CREATE TABLE pssm_versions (
    id TEXT NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    framework TEXT NOT NULL,
    address TEXT NOT NULL,
    from_on DATE NOT NULL,
    made_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
);

-- The words of a domain, such as 4, or of a statement, such as 4D.
CREATE TABLE pssm_words (
    version_id TEXT NOT NULL REFERENCES pssm_versions (id),
    code TEXT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (version_id, code)
);

-- What a session is about, and what it touches: codes in the measure's order, with spaces between.
ALTER TABLE sessions ADD COLUMN pssm TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN pssm_also TEXT NOT NULL DEFAULT '';

-- A link by which a hospital's coordinator sees what its people learned about; one at a time.
CREATE TABLE pssm_links (
    hospital_id TEXT NOT NULL PRIMARY KEY REFERENCES hospitals (id),
    secret_hash TEXT NOT NULL UNIQUE,
    made_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);

-- News for registered people: all of an event, those of a registration type, or those in a session.
CREATE TABLE announcements (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    registration_type_id TEXT REFERENCES registration_types (id),
    session_id TEXT REFERENCES sessions (id),
    posted_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP,
    taken_down_at TIMESTAMP,
    actor TEXT NOT NULL
);
CREATE INDEX announcements_by_event ON announcements (event_id, posted_at);
CREATE INDEX announcements_by_type ON announcements (registration_type_id);
CREATE INDEX announcements_by_session ON announcements (session_id);

-- What registered people ask the help desk, and what it answers.
CREATE TABLE help_questions (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    question TEXT NOT NULL,
    asked_at TIMESTAMP NOT NULL,
    answer TEXT,
    answered_at TIMESTAMP,
    answered_by TEXT
);
CREATE INDEX help_questions_by_event ON help_questions (event_id, answered_at);
CREATE INDEX help_questions_by_registration ON help_questions (registration_id);

-- A letter that staff compose for a day of the event; its placeholders are filled in for each person.
CREATE TABLE daily_letters (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    registration_type_id TEXT REFERENCES registration_types (id),
    session_id TEXT REFERENCES sessions (id),
    -- The day that it is about.
    about_on DATE NOT NULL,
    -- Null until it is scheduled.
    send_at TIMESTAMP,
    made_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    begun_at TIMESTAMP,
    finished_at TIMESTAMP
);
CREATE INDEX daily_letters_by_event ON daily_letters (event_id, about_on);
CREATE INDEX daily_letters_by_type ON daily_letters (registration_type_id);
CREATE INDEX daily_letters_by_session ON daily_letters (session_id);

-- Who gets a daily letter, each once, and when it was written; null while they wait for their turn.
CREATE TABLE daily_letter_people (
    daily_letter_id TEXT NOT NULL REFERENCES daily_letters (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    written_at TIMESTAMP,
    PRIMARY KEY (daily_letter_id, registration_id)
);
CREATE INDEX daily_letter_people_by_registration ON daily_letter_people (registration_id);

-- Something that is handed out with a session.
CREATE TABLE materials (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    title TEXT NOT NULL,
    added_at TIMESTAMP NOT NULL,
    taken_down_at TIMESTAMP
);
CREATE INDEX materials_by_session ON materials (session_id);

-- A speaker's own link to hand in materials; of the secret only the hash is kept.
CREATE TABLE material_invitations (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    speaker TEXT NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE,
    made_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    actor TEXT NOT NULL
);
CREATE INDEX material_invitations_by_session ON material_invitations (session_id);

-- A version of a material: a file or an address. The one that was shown last is what people get.
CREATE TABLE material_versions (
    id TEXT NOT NULL PRIMARY KEY,
    material_id TEXT NOT NULL REFERENCES materials (id),
    number INTEGER NOT NULL,
    upload_id TEXT REFERENCES uploads (id),
    link TEXT,
    added_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    invitation_id TEXT REFERENCES material_invitations (id),
    -- Null while it waits for staff.
    shown_at TIMESTAMP
);
CREATE UNIQUE INDEX material_versions_by_number ON material_versions (material_id, number);
CREATE INDEX material_versions_by_upload ON material_versions (upload_id);
CREATE INDEX material_versions_by_invitation ON material_versions (invitation_id);
