-- Registrations that wait for a manager of the room (XEP-0045 §9.9): one for each person.
CREATE TABLE registration_request (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    jid  TEXT    NOT NULL,
    nick TEXT    NOT NULL,
    PRIMARY KEY (room, jid)
) STRICT, WITHOUT ROWID;
