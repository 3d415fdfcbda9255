-- Times are Unix milliseconds; ids are UUIDv7 text; hashes are SHA-256.

CREATE TABLE kavach_users (
    id             TEXT    NOT NULL PRIMARY KEY,
    email          TEXT    UNIQUE,
    email_verified INTEGER NOT NULL,
    name           TEXT,
    image          TEXT,
    extra          TEXT,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    disabled_until  INTEGER,
    disabled_reason TEXT
) STRICT;

CREATE TABLE kavach_oauth_accounts (
    id                  TEXT    NOT NULL PRIMARY KEY,
    user_id             TEXT    NOT NULL REFERENCES kavach_users (id) ON DELETE CASCADE,
    provider            TEXT    NOT NULL,
    provider_account_id TEXT    NOT NULL,
    tokens              TEXT,
    scopes              TEXT    NOT NULL,
    profile             TEXT    NOT NULL,
    version             INTEGER NOT NULL,
    lease_until         INTEGER,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    UNIQUE (provider, provider_account_id)
) STRICT;

CREATE INDEX kavach_oauth_accounts_user ON kavach_oauth_accounts (user_id);

CREATE TABLE kavach_sessions (
    token_hash  BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    id          TEXT    NOT NULL UNIQUE,
    user_id     TEXT    NOT NULL REFERENCES kavach_users (id) ON DELETE CASCADE,
    created_at  INTEGER NOT NULL,
    extended_at INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    ip_address  TEXT,
    user_agent  TEXT,
    metadata    TEXT
) STRICT;

CREATE INDEX kavach_sessions_user ON kavach_sessions (user_id);
CREATE INDEX kavach_sessions_expiry ON kavach_sessions (expires_at);

CREATE TABLE kavach_oauth_states (
    state_hash BLOB    NOT NULL PRIMARY KEY CHECK (length(state_hash) = 32),
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX kavach_oauth_states_expiry ON kavach_oauth_states (expires_at);

CREATE TABLE kavach_rate_limits (
    key_hash   BLOB    NOT NULL PRIMARY KEY CHECK (length(key_hash) = 32),
    hits       INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX kavach_rate_limits_expiry ON kavach_rate_limits (expires_at);

-- Whose users and sessions have changed, in order, for processes that remember them.
CREATE TABLE kavach_changes (
    seq        INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id         TEXT    NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX kavach_changes_age ON kavach_changes (changed_at);
