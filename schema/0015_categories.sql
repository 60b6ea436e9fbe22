-- Categories: each room is in one, which says whom it is for.

CREATE TABLE category (
    id          INTEGER PRIMARY KEY,
    name        TEXT    NOT NULL,
    -- What the names of two categories may not have in common: the name without case.
    name_key    TEXT    NOT NULL UNIQUE,
    description TEXT    NOT NULL,
    history     INTEGER NOT NULL CHECK (history IN (0, 1)),
    invitations INTEGER NOT NULL CHECK (invitations IN (0, 1)),
    uploads     INTEGER NOT NULL CHECK (uploads IN (0, 1))
) STRICT;

-- Its lists, an entry each as it is written: a JID, a domain, *, group:NAME, ldap:DN.
CREATE TABLE category_principal (
    category  INTEGER NOT NULL REFERENCES category ON DELETE CASCADE,
    list      TEXT    NOT NULL CHECK (list IN ('allowed', 'denied', 'creators')),
    principal TEXT    NOT NULL,
    PRIMARY KEY (category, list, principal)
) STRICT, WITHOUT ROWID;

-- The one that every pool has out of the box, for the people whom it serves.
INSERT INTO category VALUES (1, 'General', 'general', '', 1, 1, 1);
INSERT INTO category_principal VALUES (1, 'allowed', 'group:served'), (1, 'creators', 'group:served');

ALTER TABLE room ADD COLUMN category INTEGER NOT NULL DEFAULT 1 REFERENCES category;

CREATE INDEX room_of_category ON room (category, jid) WHERE jid IS NOT NULL;
