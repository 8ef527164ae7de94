-- The first join and the last leave of a report: of one meeting that was begun twice there are two reports, and neither
-- takes the other's place.
ALTER TABLE participant_reports ADD COLUMN first_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
ALTER TABLE participant_reports ADD COLUMN last_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
UPDATE participant_reports SET
    first_at = COALESCE((SELECT MIN(participant_stays.starts_at) FROM participant_stays
        JOIN participants ON participants.id = participant_stays.participant_id
        WHERE participants.report_id = participant_reports.id), imported_at),
    last_at = COALESCE((SELECT MAX(participant_stays.ends_at) FROM participant_stays
        JOIN participants ON participants.id = participant_stays.participant_id
        WHERE participants.report_id = participant_reports.id), imported_at);
