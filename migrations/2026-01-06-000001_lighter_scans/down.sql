DROP INDEX attendance_marks_by_registration;
CREATE INDEX attendance_marks_by_registration ON attendance_marks (registration_id);
DROP INDEX attendance_marks_by_session;
CREATE INDEX attendance_marks_by_session ON attendance_marks (session_id, registration_id, at);
CREATE INDEX attendance_marks_by_scan ON attendance_marks (scan_id);
DROP INDEX scans_by_checkpoint;
CREATE INDEX scans_by_checkpoint ON scans (checkpoint_id, registration_id);
CREATE INDEX scans_by_badge ON scans (badge_id);
CREATE INDEX audit_entries_by_subject ON audit_entries (subject_id);
