-- Tells the other processes whose users and sessions have changed. Cascades run no triggers, so a deleted user stands
-- for its sessions.
-- Each statement commits by itself, so each must bear being run again after a crash half-way.

DROP TRIGGER IF EXISTS kavach_tell_session_deleted;
CREATE TRIGGER kavach_tell_session_deleted AFTER DELETE ON kavach_sessions FOR EACH ROW
    INSERT INTO kavach_changes (id, changed_at) VALUES (OLD.id, UNIX_TIMESTAMP() * 1000);

DROP TRIGGER IF EXISTS kavach_tell_session_updated;
CREATE TRIGGER kavach_tell_session_updated AFTER UPDATE ON kavach_sessions FOR EACH ROW
    INSERT INTO kavach_changes (id, changed_at) VALUES (OLD.id, UNIX_TIMESTAMP() * 1000);

DROP TRIGGER IF EXISTS kavach_tell_user_deleted;
CREATE TRIGGER kavach_tell_user_deleted AFTER DELETE ON kavach_users FOR EACH ROW
    INSERT INTO kavach_changes (id, changed_at) VALUES (OLD.id, UNIX_TIMESTAMP() * 1000);

DROP TRIGGER IF EXISTS kavach_tell_user_updated;
CREATE TRIGGER kavach_tell_user_updated AFTER UPDATE ON kavach_users FOR EACH ROW
    INSERT INTO kavach_changes (id, changed_at) VALUES (OLD.id, UNIX_TIMESTAMP() * 1000);
