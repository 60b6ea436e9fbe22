-- Who was where, said what, read what and changed what, for those who must prove it. Empty unless it is switched on.
-- What is written here stays, also when the message or the room is removed: nothing changes or removes a row.
CREATE TABLE compliance (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    event   TEXT    NOT NULL
                    CHECK (event IN ('join', 'part', 'chat', 'whisper', 'backchat', 'administration')),
    -- NULL: the service as a whole.
    room    TEXT,
    -- The full JID; NULL: the operator on the command line, or the service itself.
    person  TEXT,
    nick    TEXT,
    -- The stanza id of what was said.
    message TEXT,
    -- What was said, as its XML elements.
    content BLOB,
    -- What was done, looked for or to whom it was whispered, as a JSON object.
    detail  TEXT
) STRICT;

CREATE INDEX compliance_of_time ON compliance (at);

CREATE TRIGGER compliance_is_not_changed BEFORE UPDATE ON compliance
    BEGIN SELECT RAISE(ABORT, 'the compliance log is only added to'); END;
CREATE TRIGGER compliance_is_not_removed BEFORE DELETE ON compliance
    BEGIN SELECT RAISE(ABORT, 'the compliance log is only added to'); END;
