-- Times are Unix milliseconds; ids are UUIDv7 text; hashes are SHA-256.
-- Each statement commits by itself, so each must bear being run again after a crash half-way.

CREATE TABLE IF NOT EXISTS kavach_users (
    id             VARCHAR(36)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    email          VARCHAR(320) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    email_verified BOOLEAN      NOT NULL,
    name           MEDIUMTEXT   CHARACTER SET utf8mb4,
    image          MEDIUMTEXT   CHARACTER SET utf8mb4,
    extra          MEDIUMTEXT   CHARACTER SET utf8mb4,
    created_at     BIGINT       NOT NULL,
    updated_at     BIGINT       NOT NULL,
    disabled_until  BIGINT,
    disabled_reason MEDIUMTEXT  CHARACTER SET utf8mb4,
    UNIQUE KEY kavach_users_email (email)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = utf8mb4;

-- provider_account_id holds up to 255 characters as bytes: utf8mb4_bin would hold 'a' and 'a ' to be equal, and the
-- collations that do not bear different names in MySQL and MariaDB.
CREATE TABLE IF NOT EXISTS kavach_oauth_accounts (
    id                  VARCHAR(36)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    user_id             VARCHAR(36)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    provider            VARCHAR(64)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    provider_account_id VARBINARY(1020) NOT NULL,
    tokens              LONGTEXT        CHARACTER SET utf8mb4,
    scopes              MEDIUMTEXT      CHARACTER SET utf8mb4 NOT NULL,
    profile             LONGTEXT        CHARACTER SET utf8mb4 NOT NULL,
    version             BIGINT          NOT NULL,
    lease_until         BIGINT,
    created_at          BIGINT          NOT NULL,
    updated_at          BIGINT          NOT NULL,
    UNIQUE KEY kavach_oauth_accounts_identity (provider, provider_account_id),
    KEY kavach_oauth_accounts_user (user_id),
    CONSTRAINT kavach_oauth_accounts_user_fk FOREIGN KEY (user_id) REFERENCES kavach_users (id) ON DELETE CASCADE
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = utf8mb4;

CREATE TABLE IF NOT EXISTS kavach_sessions (
    token_hash  BINARY(32)  NOT NULL PRIMARY KEY,
    id          VARCHAR(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    user_id     VARCHAR(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    created_at  BIGINT      NOT NULL,
    extended_at BIGINT      NOT NULL,
    expires_at  BIGINT      NOT NULL,
    ip_address  VARCHAR(64) CHARACTER SET utf8mb4,
    user_agent  MEDIUMTEXT  CHARACTER SET utf8mb4,
    metadata    LONGTEXT    CHARACTER SET utf8mb4,
    UNIQUE KEY kavach_sessions_id (id),
    KEY kavach_sessions_user (user_id),
    KEY kavach_sessions_expiry (expires_at),
    CONSTRAINT kavach_sessions_user_fk FOREIGN KEY (user_id) REFERENCES kavach_users (id) ON DELETE CASCADE
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = utf8mb4;

CREATE TABLE IF NOT EXISTS kavach_oauth_states (
    state_hash BINARY(32) NOT NULL PRIMARY KEY,
    expires_at BIGINT     NOT NULL,
    KEY kavach_oauth_states_expiry (expires_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = utf8mb4;

CREATE TABLE IF NOT EXISTS kavach_rate_limits (
    key_hash   BINARY(32) NOT NULL PRIMARY KEY,
    hits       BIGINT     NOT NULL,
    expires_at BIGINT     NOT NULL,
    KEY kavach_rate_limits_expiry (expires_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = utf8mb4;

-- Whose users and sessions have changed, for processes that remember them.
CREATE TABLE IF NOT EXISTS kavach_changes (
    seq        BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    id         VARCHAR(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    changed_at BIGINT      NOT NULL,
    KEY kavach_changes_age (changed_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = utf8mb4;
