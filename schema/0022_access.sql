-- What somebody has asked for, in all rooms.
CREATE INDEX registration_request_of_person ON registration_request (jid, room);
