-- Times are Unix milliseconds; ids are UUIDv7 text; hashes are SHA-256.
-- Identifiers collate "C": they are compared and sorted as bytes, whatever the database's locale.

CREATE TABLE kavach_users (
    id             TEXT    COLLATE "C" NOT NULL PRIMARY KEY,
    email          TEXT    COLLATE "C" UNIQUE,
    email_verified BOOLEAN NOT NULL,
    name           TEXT,
    image          TEXT,
    extra          TEXT,
    created_at     BIGINT  NOT NULL,
    updated_at     BIGINT  NOT NULL,
    disabled_until  BIGINT,
    disabled_reason TEXT
);

CREATE TABLE kavach_oauth_accounts (
    id                  TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    user_id             TEXT   COLLATE "C" NOT NULL REFERENCES kavach_users (id) ON DELETE CASCADE,
    provider            TEXT   COLLATE "C" NOT NULL,
    provider_account_id TEXT   COLLATE "C" NOT NULL,
    tokens              TEXT,
    scopes              TEXT   NOT NULL,
    profile             TEXT   NOT NULL,
    version             BIGINT NOT NULL,
    lease_until         BIGINT,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    UNIQUE (provider, provider_account_id)
);

CREATE INDEX kavach_oauth_accounts_user ON kavach_oauth_accounts (user_id);

CREATE TABLE kavach_sessions (
    token_hash  BYTEA  NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    id          TEXT   COLLATE "C" NOT NULL UNIQUE,
    user_id     TEXT   COLLATE "C" NOT NULL REFERENCES kavach_users (id) ON DELETE CASCADE,
    created_at  BIGINT NOT NULL,
    extended_at BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    ip_address  TEXT,
    user_agent  TEXT,
    metadata    TEXT
);

CREATE INDEX kavach_sessions_user ON kavach_sessions (user_id);
CREATE INDEX kavach_sessions_expiry ON kavach_sessions (expires_at);

CREATE TABLE kavach_oauth_states (
    state_hash BYTEA  NOT NULL PRIMARY KEY CHECK (length(state_hash) = 32),
    expires_at BIGINT NOT NULL
);

CREATE INDEX kavach_oauth_states_expiry ON kavach_oauth_states (expires_at);

CREATE TABLE kavach_rate_limits (
    key_hash   BYTEA  NOT NULL PRIMARY KEY CHECK (length(key_hash) = 32),
    hits       BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX kavach_rate_limits_expiry ON kavach_rate_limits (expires_at);
