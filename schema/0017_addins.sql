-- The add-ins of the pool, and that of each room.

-- Numbers are never given again: a room may still have that of one that is removed, which stands for none.
CREATE TABLE addin (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT    NOT NULL,
    url      TEXT    NOT NULL,
    -- The room up to which people have been told of the last change, in the order of addresses: '' none yet; NULL all.
    told     TEXT
) STRICT;

ALTER TABLE room ADD COLUMN addin INTEGER;

CREATE INDEX room_of_addin ON room (addin, jid) WHERE addin IS NOT NULL;
