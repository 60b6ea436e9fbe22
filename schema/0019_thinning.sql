-- Above this number of occupants not everybody's presence is told to everybody; NULL: it always is.
ALTER TABLE room ADD COLUMN participant_updates_max INTEGER DEFAULT 75;

-- Sessions of a room are numbered as they come in. By those below a number an occupant has been shown; NULL: by all,
-- and each newcomer is shown them, too.
ALTER TABLE session ADD COLUMN arrival INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN seen_below INTEGER;

-- Rooms that hide somebody; when they are no longer large, these are to be announced.
CREATE INDEX session_hidden ON session (room) WHERE seen_below IS NOT NULL;
