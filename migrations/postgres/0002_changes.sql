-- Tells the other processes whose users and sessions have changed: a notification names them by the first eight bytes
-- of the SHA-256 of their ids, or says with an asterisk that they are too many to be named.

CREATE FUNCTION kavach_tell_changes() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    tags TEXT[];
BEGIN
    IF TG_OP <> 'TRUNCATE' THEN
        SELECT array_agg(left(encode(sha256(convert_to(id, 'UTF8')), 'hex'), 16)) INTO tags
        FROM (SELECT id FROM changed LIMIT 4001) AS first;
        IF tags IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    IF tags IS NULL OR cardinality(tags) > 4000 THEN
        PERFORM pg_notify('kavach_changes', '*');
        RETURN NULL;
    END IF;
    -- A notification holds less than 8,000 bytes.
    FOR i IN 1 .. cardinality(tags) BY 400 LOOP
        PERFORM pg_notify('kavach_changes', array_to_string(tags[i : i + 399], ' '));
    END LOOP;
    RETURN NULL;
END
$$;

CREATE TRIGGER kavach_tell_session_deleted AFTER DELETE ON kavach_sessions
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION kavach_tell_changes();
CREATE TRIGGER kavach_tell_session_updated AFTER UPDATE ON kavach_sessions
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION kavach_tell_changes();
CREATE TRIGGER kavach_tell_session_truncated AFTER TRUNCATE ON kavach_sessions
    FOR EACH STATEMENT EXECUTE FUNCTION kavach_tell_changes();
CREATE TRIGGER kavach_tell_user_deleted AFTER DELETE ON kavach_users
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION kavach_tell_changes();
CREATE TRIGGER kavach_tell_user_updated AFTER UPDATE ON kavach_users
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION kavach_tell_changes();
CREATE TRIGGER kavach_tell_user_truncated AFTER TRUNCATE ON kavach_users
    FOR EACH STATEMENT EXECUTE FUNCTION kavach_tell_changes();

-- Also for what replication and restoring change.
ALTER TABLE kavach_sessions
    ENABLE ALWAYS TRIGGER kavach_tell_session_deleted,
    ENABLE ALWAYS TRIGGER kavach_tell_session_updated,
    ENABLE ALWAYS TRIGGER kavach_tell_session_truncated;
ALTER TABLE kavach_users
    ENABLE ALWAYS TRIGGER kavach_tell_user_deleted,
    ENABLE ALWAYS TRIGGER kavach_tell_user_updated,
    ENABLE ALWAYS TRIGGER kavach_tell_user_truncated;
