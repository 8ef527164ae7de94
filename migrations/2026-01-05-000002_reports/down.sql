DROP TABLE detail_requests;
DROP TABLE report_lines;
DROP TABLE report_exports;
DROP TABLE report_courses;
DROP TABLE report_settings;
DROP TABLE reporting_identities;
DROP TABLE learner_details;
DROP TABLE licenses;
