-- Whoever is out of scope of a category is listed none of its rooms, and finds nothing in them.

DROP INDEX room_listed;
CREATE INDEX room_listed ON room (jid, name, category) WHERE public = 1 AND locked_since IS NULL AND disabled = 0;
-- The same by category, for those who are in scope of few.
CREATE INDEX room_listed_by_category ON room (category, jid, name)
    WHERE public = 1 AND locked_since IS NULL AND disabled = 0;

DROP INDEX room_open;
CREATE INDEX room_open ON room (id, category)
    WHERE public = 1 AND members_only = 0 AND password IS NULL AND locked_since IS NULL AND disabled = 0
        AND jid IS NOT NULL;

-- The category that a destroyed room was in. NULL: nobody knows, and everybody is told where it went.
ALTER TABLE tombstone ADD COLUMN category INTEGER;
