-- The archive as it can be searched: who said what, what is about what, and the words.

-- People who have said something anywhere.
CREATE TABLE person (
    id  INTEGER PRIMARY KEY,
    -- The bare JID.
    jid TEXT    NOT NULL UNIQUE
) STRICT;

-- As whom they said it: most messages share theirs with many others.
CREATE TABLE sender (
    id          INTEGER PRIMARY KEY,
    room        INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    nick        TEXT    NOT NULL,
    -- NULL: brought from elsewhere, and never had one.
    occupant_id TEXT,
    -- The address as it was known, full or bare. NULL: brought from elsewhere, where it was not kept.
    author      TEXT,
    -- The same person, whatever the session; NULL with the author.
    person      INTEGER REFERENCES person
) STRICT;

CREATE INDEX sender_known ON sender (room, nick, author, occupant_id);
CREATE INDEX sender_of_person ON sender (person, room);

ALTER TABLE message RENAME TO message_before;

-- The archive. The order of id is the order that everybody has seen, and `at` never goes back within a room.
CREATE TABLE message (
    id          INTEGER PRIMARY KEY,
    room        INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    -- The stanza id (XEP-0359), by which clients name the message. Ids, here and in content_id, that are UUIDs are
    -- blobs: of 16 bytes when written with hex digits alone, of 17, the first a hyphen, when written with hyphens.
    archive_id  ANY     NOT NULL UNIQUE,
    at          INTEGER NOT NULL,
    -- 0 speech, 1 subject, 2 signal, 3 correction, 4 retraction, 5 moderation, 6 tombstone.
    kind        INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 6),
    -- NULL: the room itself. No reference: looking for the messages of a sender would need an index of its own.
    sender      INTEGER,
    content_id  ANY     NOT NULL,
    language    TEXT,
    -- The message that this one is about.
    original    INTEGER,
    payload     BLOB    NOT NULL
) STRICT;

INSERT INTO person (jid)
    SELECT DISTINCT substr(author, 1, instr(author, '/') - 1) FROM message_before;
INSERT INTO sender (room, nick, occupant_id, author, person)
    SELECT DISTINCT room, nick, occupant_id, author,
        (SELECT id FROM person WHERE jid = substr(author, 1, instr(author, '/') - 1))
    FROM message_before;
INSERT INTO message (id, room, archive_id, at, kind, sender, content_id, language, payload)
    SELECT id, room, CASE
            WHEN length(archive_id) = 32 AND lower(hex(unhex(archive_id))) = archive_id THEN unhex(archive_id)
            ELSE archive_id
        END, at, kind = 'subject',
        (SELECT id FROM sender WHERE sender.room = old.room AND sender.nick = old.nick
            AND sender.author = old.author AND sender.occupant_id = old.occupant_id),
        content_id, language, payload
    FROM message_before AS old ORDER BY id;
DROP TABLE message_before;

-- The index of the archive in order: it ends in the id. Since time and id go together, it finds times as well.
CREATE INDEX message_of_room ON message (room);
-- Those that are not there to be read, so that the others can be counted without being looked at.
CREATE INDEX message_uncounted ON message (room) WHERE kind <> 0;
CREATE INDEX message_about ON message (original) WHERE original IS NOT NULL;

-- The words of every message, and tokens that name its room, its person and its content_id, so that each of them
-- can be asked for together with words. The store makes all tokens; FTS5 only keeps them.
CREATE VIRTUAL TABLE word USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

-- How long a room keeps its messages; 0: for ever, and all; NULL: as the pool says.
ALTER TABLE room ADD COLUMN keep_days INTEGER CHECK (keep_days >= 0);
ALTER TABLE room ADD COLUMN keep_messages INTEGER CHECK (keep_messages >= 0);

-- Rooms in whose archive everybody may search who is not banned: those that are listed and open.
CREATE INDEX room_open ON room (id)
    WHERE public = 1 AND members_only = 0 AND password IS NULL AND locked_since IS NULL AND jid IS NOT NULL;

-- Who took what back, or removed it, when and why. Nothing is ever changed here.
CREATE TABLE act (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    -- By address: what is on record outlives the room.
    room    TEXT    NOT NULL,
    -- The bare JID; NULL: the operator, on the command line.
    actor   TEXT,
    deed    TEXT    NOT NULL CHECK (deed IN ('moderated', 'removed', 'replaced', 'cleared')),
    -- The stanza id; NULL: many messages.
    message TEXT,
    -- Whose it was, by bare JID, if that is known.
    author  TEXT,
    reason  TEXT
) STRICT;

CREATE INDEX act_of_room ON act (room, at);

CREATE TRIGGER act_is_not_changed BEFORE UPDATE ON act
    BEGIN SELECT RAISE(ABORT, 'what is on record is not changed'); END;
CREATE TRIGGER act_is_not_removed BEFORE DELETE ON act
    BEGIN SELECT RAISE(ABORT, 'what is on record is not removed'); END;
