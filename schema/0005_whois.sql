-- Who saw a sender's address when the message was said. The archive tells it to nobody else, however the room is set
-- later. Of messages before this step nobody knows how the room was set, and what nobody knows counts as the promise
-- that was made: moderators.
ALTER TABLE sender ADD COLUMN whois TEXT NOT NULL DEFAULT 'moderators' CHECK (whois IN ('anyone', 'moderators'));
