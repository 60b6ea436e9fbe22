-- Who presents in an auditorium (a moderated room): people and whole domains.
CREATE TABLE presenter (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    jid  TEXT    NOT NULL,
    PRIMARY KEY (room, jid)
) STRICT, WITHOUT ROWID;

CREATE INDEX presenter_of_person ON presenter (jid, room);

CREATE TRIGGER presenter_comes AFTER INSERT ON presenter BEGIN
    INSERT INTO list_length VALUES (NEW.room, 'presenter', 1)
        ON CONFLICT (room, list) DO UPDATE SET entries = entries + 1;
END;
CREATE TRIGGER presenter_goes AFTER DELETE ON presenter BEGIN
    UPDATE list_length SET entries = entries - 1 WHERE room = OLD.room AND list = 'presenter';
END;

-- Until now every member of a moderated room could speak there; from now on only presenters can. So whoever could
-- speak is one.
INSERT INTO presenter (room, jid)
    SELECT affiliation.room, affiliation.jid FROM affiliation JOIN room ON room.id = affiliation.room
    WHERE affiliation.affiliation = 'member' AND room.moderated = 1;
