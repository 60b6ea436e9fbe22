-- Destroyed rooms: whose they were.

-- Who had created the room; it counts among theirs until the tombstone goes. NULL: not known.
ALTER TABLE tombstone ADD COLUMN creator TEXT;

CREATE INDEX tombstone_of_creator ON tombstone (creator, at) WHERE creator IS NOT NULL;

-- Who owned it, and so may make it anew.
CREATE TABLE tombstone_owner (
    jid   TEXT NOT NULL REFERENCES tombstone ON DELETE CASCADE,
    owner TEXT NOT NULL,
    PRIMARY KEY (jid, owner)
) STRICT, WITHOUT ROWID;
