-- A decision can also be a refusal: the person agreed, and typed a birthday that is under the age
-- of the service. `body` of decisions that were made before held a digest of what was typed, which
-- can be guessed: it is emptied, and its pages are overwritten.

PRAGMA secure_delete = ON;
-- `receipt_items` refers to the table that is replaced. The references are checked at the end.
PRAGMA defer_foreign_keys = ON;

CREATE TABLE decisions_kept AS
    SELECT rowid AS place, receipt_id, schema_version, challenge, session, account, service,
           decision, purpose, locale, decided_at
    FROM decisions;
DROP TABLE decisions;

-- What ended a challenge: one row for each challenge, ever.
CREATE TABLE decisions (
    receipt_id     TEXT PRIMARY KEY,
    schema_version INTEGER NOT NULL,
    challenge      BLOB NOT NULL UNIQUE,
    session        INTEGER NOT NULL,
    account        TEXT NOT NULL,
    service        TEXT NOT NULL,
    decision       TEXT NOT NULL CHECK (decision IN ('agree', 'cancel', 'refused')),
    purpose        TEXT NOT NULL,
    locale         TEXT NOT NULL,
    -- Of the decision as it was sent, without the typed values: by which the same decision is
    -- recognised when it is sent again. Empty for a decision that is not recognised.
    body           BLOB NOT NULL,
    decided_at     INTEGER NOT NULL
) STRICT;
INSERT INTO decisions (rowid, receipt_id, schema_version, challenge, session, account, service,
        decision, purpose, locale, body, decided_at)
    SELECT place, receipt_id, schema_version, challenge, session, account, service, decision,
           purpose, locale, x'', decided_at
    FROM decisions_kept ORDER BY place;
DROP TABLE decisions_kept;

CREATE INDEX decisions_by_account ON decisions (account, service, decided_at);
CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decisions_remain BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are never deleted'); END;

-- What a challenge asked for at first. A form that is open in another tab may be sent after some of
-- it was answered elsewhere.
ALTER TABLE challenges ADD COLUMN purpose TEXT
    CHECK (purpose IN ('sign_up', 'additional_consent'));

-- Codes of one decision.
CREATE INDEX codes_by_receipt ON codes (receipt_id) WHERE receipt_id IS NOT NULL;
