-- The xml:lang of what people wrote beside what they did; NULL when they gave none. RFC 6120 8.1.5.
ALTER TABLE affiliation ADD COLUMN reason_language TEXT;
ALTER TABLE tombstone ADD COLUMN reason_language TEXT;
