-- The consent of a guardian to what a service asks of a child, one row for each account and service.
-- docs/adr/015-guardian-consent.md describes the states.
CREATE TABLE guardian_consents (
    account     TEXT NOT NULL,
    service     TEXT NOT NULL,
    -- When it was last found that a guardian is needed.
    needed_at   INTEGER NOT NULL,
    -- What is stored of the token in the open link; NULL without one.
    token       BLOB UNIQUE,
    -- The authorize request that the open link answers.
    query       TEXT,
    -- Where the open link went, masked.
    contact     TEXT,
    expires_at  INTEGER,
    -- Links that were sent since `links_since`, for the limit of a day.
    links       INTEGER NOT NULL DEFAULT 0,
    links_since INTEGER NOT NULL DEFAULT 0,
    -- When a guardian last agreed, and by which name.
    agreed_at   INTEGER,
    guardian    TEXT,
    -- When a guardian refused, until another link is sent.
    refused_at  INTEGER,
    PRIMARY KEY (account, service)
) STRICT;
CREATE INDEX guardian_consents_by_need ON guardian_consents (needed_at);
