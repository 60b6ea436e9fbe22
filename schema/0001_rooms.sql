-- Rooms and what lasts in them.
--
-- Times are microseconds since 1970-01-01 00:00 UTC. JIDs are normalised, so bytewise order is the order that the
-- service knows. Booleans are 0 and 1. Words (affiliations, roles, …) are those of XEP-0045.

-- A room and its configuration (XEP-0045 §16.5.3), its lock and its subject.
CREATE TABLE room (
    id                  INTEGER PRIMARY KEY,
    -- NULL: the room has ended, and only messages are left of it, to be removed bit by bit.
    jid                 TEXT    UNIQUE,
    -- The secret that occupant ids (XEP-0421) are derived with.
    salt                BLOB    NOT NULL CHECK (length(salt) = 32),
    created_at          INTEGER NOT NULL,
    -- Who created it, by bare JID; he stays that when others own it.
    creator             TEXT,
    -- Set while the room waits for its first configuration (§10.1.3).
    locked_since        INTEGER,

    name                TEXT    NOT NULL,
    description         TEXT    NOT NULL,
    language            TEXT    NOT NULL,
    persistent          INTEGER NOT NULL CHECK (persistent IN (0, 1)),
    public              INTEGER NOT NULL CHECK (public IN (0, 1)),
    members_only        INTEGER NOT NULL CHECK (members_only IN (0, 1)),
    moderated           INTEGER NOT NULL CHECK (moderated IN (0, 1)),
    password            TEXT,
    occupants_max       INTEGER,
    whois               TEXT    NOT NULL CHECK (whois IN ('anyone', 'moderators')),
    subject_open        INTEGER NOT NULL CHECK (subject_open IN (0, 1)),
    invitations_open    INTEGER NOT NULL CHECK (invitations_open IN (0, 1)),
    private_messages    TEXT    NOT NULL
                                CHECK (private_messages IN ('anyone', 'participants', 'moderators', 'none')),
    -- Roles, separated by a space.
    presence_broadcast  TEXT    NOT NULL,
    member_list_readers TEXT    NOT NULL,
    logged              INTEGER NOT NULL CHECK (logged IN (0, 1)),
    history_max         INTEGER NOT NULL,
    pubsub_node         TEXT    NOT NULL,
    nick_locked         INTEGER NOT NULL CHECK (nick_locked IN (0, 1)),
    registration        TEXT    NOT NULL CHECK (registration IN ('open', 'approval', 'closed')),

    -- The subject as text, and the message that set it; nobody ever did while subject_nick is NULL.
    subject             TEXT    NOT NULL DEFAULT '',
    subject_nick        TEXT,
    subject_at          INTEGER,
    subject_id          TEXT,
    subject_language    TEXT,
    subject_payload     BLOB
) STRICT;

-- What service discovery lists, in its order, with what it shows.
CREATE INDEX room_listed ON room (jid, name) WHERE public = 1 AND locked_since IS NULL;

-- The few that have a deadline.
CREATE INDEX room_locked ON room (jid) WHERE locked_since IS NOT NULL;

-- How many rooms somebody has created.
CREATE INDEX room_of_creator ON room (creator) WHERE jid IS NOT NULL;

-- The room's picture (XEP-0486); apart, because it is large and read seldom.
CREATE TABLE avatar (
    room  INTEGER PRIMARY KEY REFERENCES room ON DELETE CASCADE,
    vcard BLOB    NOT NULL,
    hash  TEXT    NOT NULL
) STRICT;

-- Affiliations of bare JIDs and of whole domains, with why, by whom and when.
CREATE TABLE affiliation (
    room        INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    jid         TEXT    NOT NULL,
    affiliation TEXT    NOT NULL CHECK (affiliation IN ('outcast', 'member', 'admin', 'owner')),
    reason      TEXT,
    given_by    TEXT,
    given_at    INTEGER NOT NULL,
    PRIMARY KEY (room, jid)
) STRICT, WITHOUT ROWID;

CREATE INDEX affiliation_of_person ON affiliation (jid, affiliation);

-- Reserved nicks (XEP-0045 §7.10).
CREATE TABLE registration (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    jid  TEXT    NOT NULL,
    nick TEXT    NOT NULL,
    PRIMARY KEY (room, jid)
) STRICT, WITHOUT ROWID;

-- The role that somebody is to have again at the next visit.
CREATE TABLE voice (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    jid  TEXT    NOT NULL,
    role TEXT    NOT NULL CHECK (role IN ('none', 'visitor', 'participant', 'moderator')),
    PRIMARY KEY (room, jid)
) STRICT, WITHOUT ROWID;

-- Who is inside.
CREATE TABLE session (
    room        INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    real_jid    TEXT    NOT NULL,
    nick        TEXT    NOT NULL,
    role        TEXT    NOT NULL CHECK (role IN ('none', 'visitor', 'participant', 'moderator')),
    occupant_id TEXT    NOT NULL,
    presence    BLOB    NOT NULL,
    entered_at  INTEGER NOT NULL,
    -- Grows with each time a session of the room shows itself.
    shown       INTEGER NOT NULL,
    PRIMARY KEY (room, real_jid)
) STRICT, WITHOUT ROWID;

CREATE INDEX session_of_person ON session (real_jid, room);

-- The archive. The order of id is the order that everybody has seen.
CREATE TABLE message (
    id          INTEGER PRIMARY KEY,
    room        INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    -- The stanza id (XEP-0359), by which clients name the message.
    archive_id  TEXT    NOT NULL UNIQUE,
    at          INTEGER NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('speech', 'subject')),
    nick        TEXT    NOT NULL,
    occupant_id TEXT    NOT NULL,
    author      TEXT    NOT NULL,
    content_id  TEXT    NOT NULL,
    language    TEXT,
    payload     BLOB    NOT NULL
) STRICT;

-- Every index ends in the id: the first is the room's archive in order, the second finds a time in it.
CREATE INDEX message_of_room ON message (room);
CREATE INDEX message_of_time ON message (room, at);

-- What is left of destroyed rooms (XEP-0045 §10.9).
CREATE TABLE tombstone (
    jid       TEXT PRIMARY KEY,
    alternate TEXT,
    password  TEXT,
    reason    TEXT,
    -- Whether the room was secret, so that nobody is told that it ever was.
    secret    INTEGER NOT NULL CHECK (secret IN (0, 1)),
    at        INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX tombstone_of_time ON tombstone (at);

-- Single facts about the service itself.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
