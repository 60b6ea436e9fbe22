-- Lyceum beside Prosody: the component, as Prosody has to know it.
--
-- Copy this file to /etc/prosody/conf.d/ (Debian's prosody.cfg.lua includes that directory at its
-- end), put your own domain and secret in the place of the two quoted texts, and restart Prosody.
-- The same two belong into lyceum.toml, as `domain` and `secret`. Where Prosody runs in a container,
-- the environment variables LYCEUM_DOMAIN and LYCEUM_SECRET can say them instead.

Component (ENV_LYCEUM_DOMAIN or "rooms.example.org")
	component_secret = ENV_LYCEUM_SECRET or "replace-this-secret"

	-- After a crash or a lost network Prosody may still hold the dead connection. Without this line
	-- it refuses the new one until it notices, which can take minutes.
	component_conflict_resolve = "kick_old"

	-- What a client's list of services shows while Lyceum is not connected.
	name = "Rooms"
