-- How far the shares of the rate limit are used up, for all servers together. Only PostgreSQL has this
-- table, since SQLite has one server. Nothing of it needs to outlive a crash: UNLOGGED writes no log, and
-- the table is empty after one.
CREATE UNLOGGED TABLE rate_limits (
    -- A digest of the kind of request and of the session, address or client.
    key BYTEA PRIMARY KEY,
    -- When the whole share is there again, in microseconds since 1970.
    free_at BIGINT NOT NULL
);
