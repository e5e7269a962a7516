-- Browsers that were sent to the OpenID provider and have not come back.
CREATE TABLE sign_in_attempts (
    -- The fingerprint of `state`.
    state       BLOB PRIMARY KEY,
    -- The fingerprint of the browser's cookie.
    browser     BLOB NOT NULL,
    -- Where the browser goes afterwards: a path on this origin.
    return_to   TEXT NOT NULL,
    -- What the request asks of the login: to authenticate again, or at most so many seconds ago.
    asks_login  INTEGER NOT NULL,
    max_age     INTEGER,
    started_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_attempts_by_expiry ON sign_in_attempts (expires_at);
