-- The lists of rooms: how long each is, and each read by itself.

-- By kind: owners and admins are few among many.
CREATE INDEX affiliation_by_kind ON affiliation (room, affiliation, jid);

-- What makes two nicks the same to the eye. NULL until the program that knows has made it.
ALTER TABLE registration ADD COLUMN nick_key TEXT;

CREATE INDEX registration_of_nick ON registration (room, nick_key, jid);

-- How many entries a list has: one of the affiliations, 'registration' or 'voice'. Kept by the triggers below, whoever
-- writes.
CREATE TABLE list_length (
    room    INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    list    TEXT    NOT NULL,
    entries INTEGER NOT NULL,
    PRIMARY KEY (room, list)
) STRICT, WITHOUT ROWID;

INSERT INTO list_length SELECT room, affiliation, count(*) FROM affiliation GROUP BY room, affiliation;
INSERT INTO list_length SELECT room, 'registration', count(*) FROM registration GROUP BY room;
INSERT INTO list_length SELECT room, 'voice', count(*) FROM voice GROUP BY room;

CREATE TRIGGER affiliation_comes AFTER INSERT ON affiliation BEGIN
    INSERT INTO list_length VALUES (NEW.room, NEW.affiliation, 1)
        ON CONFLICT (room, list) DO UPDATE SET entries = entries + 1;
END;
CREATE TRIGGER affiliation_goes AFTER DELETE ON affiliation BEGIN
    UPDATE list_length SET entries = entries - 1 WHERE room = OLD.room AND list = OLD.affiliation;
END;
CREATE TRIGGER affiliation_changes AFTER UPDATE OF affiliation ON affiliation
    WHEN NEW.affiliation <> OLD.affiliation BEGIN
    UPDATE list_length SET entries = entries - 1 WHERE room = OLD.room AND list = OLD.affiliation;
    INSERT INTO list_length VALUES (NEW.room, NEW.affiliation, 1)
        ON CONFLICT (room, list) DO UPDATE SET entries = entries + 1;
END;

CREATE TRIGGER registration_comes AFTER INSERT ON registration BEGIN
    INSERT INTO list_length VALUES (NEW.room, 'registration', 1)
        ON CONFLICT (room, list) DO UPDATE SET entries = entries + 1;
END;
CREATE TRIGGER registration_goes AFTER DELETE ON registration BEGIN
    UPDATE list_length SET entries = entries - 1 WHERE room = OLD.room AND list = 'registration';
END;

CREATE TRIGGER voice_comes AFTER INSERT ON voice BEGIN
    INSERT INTO list_length VALUES (NEW.room, 'voice', 1)
        ON CONFLICT (room, list) DO UPDATE SET entries = entries + 1;
END;
CREATE TRIGGER voice_goes AFTER DELETE ON voice BEGIN
    UPDATE list_length SET entries = entries - 1 WHERE room = OLD.room AND list = 'voice';
END;
