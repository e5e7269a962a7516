-- Which server does the work that one at a time does. See migrations/0035_job_leases.sql for the columns.
CREATE TABLE job_leases (
    job      TEXT COLLATE "C" PRIMARY KEY,
    holder   TEXT COLLATE "C" NOT NULL,
    renewals BIGINT NOT NULL
);
