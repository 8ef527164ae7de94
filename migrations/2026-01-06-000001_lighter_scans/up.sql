-- A scan writes a row into every index of three tables, most of them at a place of its own. What nobody asks for goes,
-- and what is asked for by door or session is kept in the order of time, so that a busy door writes the same pages.
DROP INDEX audit_entries_by_subject;
DROP INDEX scans_by_badge;
DROP INDEX scans_by_checkpoint;
CREATE INDEX scans_by_checkpoint ON scans (checkpoint_id, received_at);
DROP INDEX attendance_marks_by_scan;
DROP INDEX attendance_marks_by_session;
CREATE INDEX attendance_marks_by_session ON attendance_marks (session_id, at);
DROP INDEX attendance_marks_by_registration;
CREATE INDEX attendance_marks_by_registration ON attendance_marks (registration_id, session_id);
