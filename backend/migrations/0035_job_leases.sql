-- Which server does the work that one at a time does for all servers of the database.
CREATE TABLE job_leases (
    -- sealing, maintenance
    job      TEXT PRIMARY KEY,
    -- A random name that a server gives itself at its start.
    holder   TEXT NOT NULL,
    -- How often it was taken or renewed. A lease ends when this has stood still for as long as a lease lasts,
    -- by the clock of who watches it: no times of two servers are compared.
    renewals INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
