-- Services that the admin API made. See migrations/0033_managed_services.sql for the columns.
CREATE TABLE managed_services (
    client_id   TEXT COLLATE "C" PRIMARY KEY,
    document    TEXT COLLATE "C" NOT NULL,
    secrets     TEXT COLLATE "C" NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    approved_at BIGINT,
    disabled_at BIGINT
);

CREATE TABLE managed_client_secrets (
    client_id  TEXT COLLATE "C" NOT NULL,
    digest     BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at    BIGINT,
    PRIMARY KEY (client_id, digest)
);

CREATE TABLE managed_services_revision (
    id       BIGINT PRIMARY KEY CHECK (id = 1),
    revision BIGINT NOT NULL
);
