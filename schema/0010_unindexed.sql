-- Messages with many words are put into the index after they are stored: these wait for it, in their order. What they
-- are found by beside their words is in the index already.
CREATE TABLE unindexed (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE
) STRICT;
