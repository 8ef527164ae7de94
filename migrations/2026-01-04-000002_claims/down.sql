DROP TABLE claim_reminders;
DROP TABLE late_decisions;
DROP TABLE late_requests;
DROP TABLE claim_extensions;
DROP TABLE claim_reversals;
DROP TABLE credit_claim_lines;
DROP TABLE credit_claims;
DROP TABLE attestations;
