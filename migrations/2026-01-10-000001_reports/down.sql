ALTER TABLE participant_reports DROP COLUMN last_at;
ALTER TABLE participant_reports DROP COLUMN first_at;
