#!/bin/bash
# A Prosody of one's own in a directory, with Lyceum's fragment included. Usage: see instance.sh.
#
# Environment: USERS_DOMAIN (example.org); ROOMS_DOMAIN, the component's (rooms.USERS_DOMAIN);
# COMPONENT_SECRET; C2S_PORT and COMPONENT_PORT (free ones); WITH_TLS=1 offers STARTTLS, with a
# certificate made for it, and anew in time; WITH_WEBSOCKET=1 lets browsers in, at WEBSOCKET_URL; SERVER_LOG_LEVEL (info).
# SERVERS_OWN_ROOMS=1: the server has rooms of its own, too, at conference.USERS_DOMAIN; KEEP_ROOMS=internal or sql: and
# they keep their history, in files or in SQLite.

here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=docker/servers/instance.sh
. "$here/instance.sh"
# shellcheck source=docker/certificate.sh
. "$here/../certificate.sh"

log=prosody.log
settings="SERVER USERS_DOMAIN ROOMS_DOMAIN COMPONENT_SECRET C2S_PORT COMPONENT_PORT HTTP_PORT WEBSOCKET_URL"

prepare() {
    SERVER=prosody
    USERS_DOMAIN=${USERS_DOMAIN:-example.org}
    ROOMS_DOMAIN=${ROOMS_DOMAIN:-rooms.$USERS_DOMAIN}
    COMPONENT_SECRET=${COMPONENT_SECRET:-only-for-tests}
    choose_port C2S_PORT
    choose_port COMPONENT_PORT
    HTTP_PORT=${HTTP_PORT:-} WEBSOCKET_URL=
    if [ "${WITH_WEBSOCKET:-}" = 1 ]; then
        choose_port HTTP_PORT
        WEBSOCKET_URL=ws://127.0.0.1:$HTTP_PORT/xmpp-websocket
    fi
    command -v prosody >/dev/null || fail "Prosody is not installed: apt-get install prosody"
    mkdir -p "$dir/data" "$dir/certificates"
    [ "${WITH_TLS:-}" != 1 ] || certificate "$dir/certificates" "$USERS_DOMAIN"
    configuration >"$dir/prosody.cfg.lua"
}

# Debian's usual modules, less those that speak to other servers; nothing is encrypted by force and
# nothing is limited, because everything stays on this machine.
configuration() {
    cat <<CONFIGURATION
umask = "077"
run_as_root = $([ "$(id -u)" = 0 ] && echo true || echo false)
data_path = "$dir/data"
certificates = "$dir/certificates"
log = { ${SERVER_LOG_LEVEL:-info} = "$dir/prosody.log" }
interfaces = { "127.0.0.1" }
component_interfaces = { "127.0.0.1" }
c2s_ports = { $C2S_PORT }
component_ports = { $COMPONENT_PORT }
authentication = "internal_plain"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
network_settings = { nagle = false }
modules_enabled = {
  "blocklist"; "bookmarks"; "carbons"; "csi_simple"; "disco"; "offline"; "pep"; "ping"; "private"; "roster";
  "saslauth"; "smacks"; "time"; $([ "${WITH_TLS:-}" != 1 ] || echo '"tls"; ')"uptime"; "vcard4"; "vcard_legacy"; "version"$([ -z "$WEBSOCKET_URL" ] || echo '; "websocket"')
}
modules_disabled = { "s2s" }
$(websocket)

VirtualHost "$USERS_DOMAIN"

$(own_rooms)

Include "$here/../prosody/lyceum.cfg.lua"
CONFIGURATION
}

# Pages come from another port than the one that browsers are to talk to, and nothing is encrypted.
websocket() {
    [ -n "$WEBSOCKET_URL" ] || return 0
    cat <<CONFIGURATION
http_ports = { $HTTP_PORT }
http_interfaces = { "127.0.0.1" }
https_ports = {}
http_external_url = "http://127.0.0.1:$HTTP_PORT/"
http_host = "127.0.0.1"
http_default_cors = true
cross_domain_websocket = true
consider_websocket_secure = true
CONFIGURATION
}

# To compare with. Whoever only wants Lyceum's would have to tell the two services apart.
own_rooms() {
    [ "${SERVERS_OWN_ROOMS:-}" = 1 ] || [ -n "${KEEP_ROOMS:-}" ] || return 0
    echo "Component \"conference.$USERS_DOMAIN\" \"muc\""
    [ -n "${KEEP_ROOMS:-}" ] || return 0
    echo '  modules_enabled = { "muc_mam" }'
    [ "$KEEP_ROOMS" = internal ] || echo "  storage = \"$KEEP_ROOMS\""
}

start() {
    export LYCEUM_DOMAIN=$ROOMS_DOMAIN LYCEUM_SECRET=$COMPONENT_SECRET
    exec prosody --config "$dir/prosody.cfg.lua" -F
}

# The log is asked first: a port that answers could be another process's.
listening() {
    grep -q "Activated service 'c2s' on .*:$C2S_PORT\b" "$log" &&
        grep -q "Activated service 'component' on .*:$COMPONENT_PORT\b" "$log" &&
        answers "$C2S_PORT" && answers "$COMPONENT_PORT" &&
        { [ -z "$WEBSOCKET_URL" ] || answers "$HTTP_PORT"; }
}

# Prosody reads an account from its file at every login, so writing the file is all there is to do.
add_user() {
    local accounts
    accounts=$dir/data/$(printf '%s' "$USERS_DOMAIN" | sed 's/\./%2e/g')/accounts
    mkdir -p "$accounts"
    printf 'return { ["password"] = "%s"; };\n' "$2" >"$accounts/$1.new"
    mv "$accounts/$1.new" "$accounts/$1.dat"
}

instance "$@"
