-- Where rooms come from that were brought from the original product, so that they are known again.

-- As the room's old address had it: ma-chan: and the GUID of the room there.
ALTER TABLE room ADD COLUMN origin TEXT;

CREATE INDEX room_of_origin ON room (origin) WHERE origin IS NOT NULL;
