-- Invitations, and rooms that are taken out of use.

-- Whether people invite others: as the room's category says, or not at all.
ALTER TABLE room ADD COLUMN invitations TEXT NOT NULL DEFAULT 'inherit' CHECK (invitations IN ('inherit', 'off'));

-- Nobody is inside a room that is disabled, and nothing of it is seen; all of it is kept.
ALTER TABLE room ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1));
-- Why, for those who are shown out; empty in a room that is not disabled.
ALTER TABLE room ADD COLUMN disabled_reason TEXT NOT NULL DEFAULT '';

DROP INDEX room_listed;
CREATE INDEX room_listed ON room (jid, name) WHERE public = 1 AND locked_since IS NULL AND disabled = 0;

DROP INDEX room_open;
CREATE INDEX room_open ON room (id)
    WHERE public = 1 AND members_only = 0 AND password IS NULL AND locked_since IS NULL AND disabled = 0
        AND jid IS NOT NULL;

-- Few, and asked for with every search in many rooms.
CREATE INDEX room_disabled ON room (id) WHERE disabled = 1;
