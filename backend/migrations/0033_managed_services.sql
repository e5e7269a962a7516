-- Services that the admin API made. Those of services.toml are not here.
CREATE TABLE managed_services (
    client_id   TEXT PRIMARY KEY,
    -- The service as a JSON object with the keys of [[service]]. Each secret in it is {"kept":true}.
    document    TEXT NOT NULL,
    -- The secrets of the document that this server sends or compares as they are: a JSON object, by JSON
    -- pointer into the document.
    secrets     TEXT NOT NULL,
    -- The revision (below) of the last change of document, approval or disabling: the ETag.
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    -- NULL while it waits for its approval.
    approved_at INTEGER,
    -- NULL while it may be used.
    disabled_at INTEGER
) STRICT, WITHOUT ROWID;

-- The secrets by which its clients authenticate.
CREATE TABLE managed_client_secrets (
    client_id  TEXT NOT NULL,
    -- SHA-256. Secrets of this table cannot be guessed.
    digest     BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    -- When it ends; NULL for the secret of now.
    ends_at    INTEGER,
    PRIMARY KEY (client_id, digest)
) STRICT, WITHOUT ROWID;

-- One row, which counts the changes of both tables: servers compare it with what they have read.
CREATE TABLE managed_services_revision (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL
) STRICT;
