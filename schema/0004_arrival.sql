-- Rooms that are being brought from elsewhere: they have no address until all of them is there. What is found here when
-- the database is opened was interrupted, and is removed as an ended room is.
CREATE TABLE arriving (
    room INTEGER PRIMARY KEY REFERENCES room ON DELETE CASCADE
) STRICT;
