#!/bin/bash
# A Lyceum of one's own in a directory, beside a server that prosody.sh or ejabberd.sh runs. Usage:
# see instance.sh; there are no accounts to add.
#
# Environment, for `run`: LYCEUM, the program; SERVER_DIR, the server's directory; OPERATORS, the
# operators' addresses as TOML text (["admin@USERS_DOMAIN"]); LYCEUM_LOG, what it logs.

here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=docker/servers/instance.sh
. "$here/instance.sh"

log=lyceum.log
settings="SERVER USERS_DOMAIN ROOMS_DOMAIN COMPONENT_SECRET COMPONENT_PORT CONFIGURATION"

prepare() {
    [ -x "${LYCEUM:-}" ] || fail "LYCEUM has to name the program, not '${LYCEUM:-}'"
    [ -e "${SERVER_DIR:-}/settings" ] || fail "no server has run in SERVER_DIR, '${SERVER_DIR:-}'"
    # shellcheck source=/dev/null
    . "$SERVER_DIR/settings"
    CONFIGURATION=$dir/lyceum.toml
    # The secret is nobody else's to read.
    rm -f "$CONFIGURATION"
    (umask 077 && : >"$CONFIGURATION")
    cat >"$CONFIGURATION" <<CONFIGURATION
[[pool]]
domain = "$ROOMS_DOMAIN"
server = "127.0.0.1:$COMPONENT_PORT"
secret = "$COMPONENT_SECRET"
database = "lyceum.db"
operators = ${OPERATORS:-[\"admin@$USERS_DOMAIN\"]}
served = ["$USERS_DOMAIN"]
CONFIGURATION
}

start() {
    exec "$LYCEUM" serve --config "$CONFIGURATION" >"$dir/lyceum.log" 2>&1
}

# The link is up once the server has accepted the secret.
listening() {
    grep -q "link: up" "$log"
}

add_user() {
    fail "accounts belong to the server: use its script"
}

instance "$@"
