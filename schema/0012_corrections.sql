-- Corrections: how many a message has, and how they are taken back.

-- What corrects a message, however much else is about it.
CREATE INDEX message_correcting ON message (original) WHERE kind = 3;

-- Messages whose corrections are being taken back, a slice at a time. As long as a message is here, nothing of its
-- corrections is read but what remains.
CREATE TABLE retracting (
    -- The message that they correct. No reference: it may be removed before they are.
    original INTEGER PRIMARY KEY,
    -- The last of them; what comes later is another matter.
    last     INTEGER NOT NULL,
    remains  BLOB    NOT NULL
) STRICT;
