-- A conversion that staff took back before anything was paid: its order is owed no more, and the registration is again
-- what it was. It moves here from the conversions that stand, so that the same registration may be taken on again.
CREATE TABLE ended_conversions (
    order_id TEXT NOT NULL PRIMARY KEY REFERENCES orders (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    from_type_id TEXT NOT NULL REFERENCES registration_types (id),
    from_order_id TEXT NOT NULL REFERENCES orders (id),
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    ended_at TIMESTAMP NOT NULL,
    ended_by TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX ended_conversions_by_registration ON ended_conversions (registration_id);
CREATE INDEX ended_conversions_by_type ON ended_conversions (from_type_id);
CREATE INDEX ended_conversions_by_earlier_order ON ended_conversions (from_order_id);
