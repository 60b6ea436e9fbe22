-- What a presence shows is sent to everybody who enters. Until now it had no bound: of whoever shows more than the
-- default of `presence_size_max` it is forgotten; they stay inside, and may show themselves again.
UPDATE session SET presence = x'' WHERE length(presence) > 4096;
