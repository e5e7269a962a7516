-- The keys that sign ID tokens and Security Event Tokens (RS256): for each purpose the next one, the
-- active one, and those that are retired. Their states follow from the times: backend/src/oauth/key_ring.rs.
CREATE TABLE signing_keys (
    number       INTEGER PRIMARY KEY,
    purpose      TEXT NOT NULL CHECK (purpose IN ('id_tokens', 'events')),
    -- The SHA-256 thumbprint of the public key (RFC 7638).
    kid          TEXT NOT NULL UNIQUE,
    public_jwk   TEXT NOT NULL,
    -- NULL once another key signs.
    pkcs8        BLOB,
    created_at   INTEGER NOT NULL,
    -- NULL for the next key, until a rotation names the time.
    signs_from   INTEGER,
    -- Since when nothing that it signed is valid any more.
    withdrawn_at INTEGER
) STRICT;
CREATE INDEX signing_keys_by_purpose ON signing_keys (purpose);
