-- Prosody in the container of compose.yaml: users of one domain, which .env names, and Lyceum.

log = { info = "*console" }
certificates = "/var/lib/prosody/certificates"

-- Lyceum is in another container; only the two are in that network.
component_interfaces = { "*" }

-- Without this a page of history takes six times as long to reach some clients.
network_settings = { nagle = false }

authentication = "internal_hashed"
modules_enabled = {
	"blocklist"; "bookmarks"; "carbons"; "csi_simple"; "disco"; "mam"; "offline"; "pep"; "ping"; "private";
	"roster"; "saslauth"; "smacks"; "time"; "tls"; "uptime"; "vcard4"; "vcard_legacy"; "version";
}

-- Speaking to other servers needs a public name and certificate; take this out when you have them.
modules_disabled = { "s2s" }

VirtualHost (ENV_USERS_DOMAIN or "example.org")

Include "lyceum.cfg.lua"
