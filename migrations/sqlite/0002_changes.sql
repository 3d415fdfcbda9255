-- Tells the other processes whose users and sessions have changed.

CREATE TRIGGER kavach_tell_session_deleted AFTER DELETE ON kavach_sessions BEGIN
    INSERT INTO kavach_changes (id, changed_at) VALUES (OLD.id, CAST(strftime('%s', 'now') AS INTEGER) * 1000);
END;

CREATE TRIGGER kavach_tell_session_updated AFTER UPDATE ON kavach_sessions BEGIN
    INSERT INTO kavach_changes (id, changed_at) VALUES (OLD.id, CAST(strftime('%s', 'now') AS INTEGER) * 1000);
END;

CREATE TRIGGER kavach_tell_user_deleted AFTER DELETE ON kavach_users BEGIN
    INSERT INTO kavach_changes (id, changed_at) VALUES (OLD.id, CAST(strftime('%s', 'now') AS INTEGER) * 1000);
END;

CREATE TRIGGER kavach_tell_user_updated AFTER UPDATE ON kavach_users BEGIN
    INSERT INTO kavach_changes (id, changed_at) VALUES (OLD.id, CAST(strftime('%s', 'now') AS INTEGER) * 1000);
END;

-- REPLACE deletes what is in its way without a word to the triggers above.

CREATE TRIGGER kavach_tell_session_replaced BEFORE INSERT ON kavach_sessions BEGIN
    INSERT INTO kavach_changes (id, changed_at)
    SELECT id, CAST(strftime('%s', 'now') AS INTEGER) * 1000 FROM kavach_sessions WHERE token_hash = NEW.token_hash
    UNION ALL
    SELECT id, CAST(strftime('%s', 'now') AS INTEGER) * 1000 FROM kavach_sessions WHERE id = NEW.id;
END;

CREATE TRIGGER kavach_tell_user_replaced BEFORE INSERT ON kavach_users BEGIN
    INSERT INTO kavach_changes (id, changed_at)
    SELECT id, CAST(strftime('%s', 'now') AS INTEGER) * 1000 FROM kavach_users WHERE id = NEW.id
    UNION ALL
    SELECT id, CAST(strftime('%s', 'now') AS INTEGER) * 1000 FROM kavach_users WHERE email = NEW.email;
END;
