-- A pool has no two rooms of one name; those that are there already are kept.

-- What makes two names the same to the eye. NULL: the room has no name, or the program that knows has not made it yet.
ALTER TABLE room ADD COLUMN name_key TEXT;

CREATE INDEX room_of_name ON room (name_key, jid) WHERE name_key IS NOT NULL AND jid IS NOT NULL;
