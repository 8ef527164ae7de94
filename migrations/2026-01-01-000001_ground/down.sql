DROP TABLE installation;
DROP TABLE idempotent_answers;
DROP TABLE letters;
DROP TABLE jobs;
DROP TABLE audit_values;
DROP TABLE audit_entries;
