-- The xml:lang of the presence that a session shows; NULL when its author gave none. RFC 6120 8.1.5.
ALTER TABLE session ADD COLUMN language TEXT;
