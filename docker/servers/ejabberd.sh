#!/bin/bash
# An ejabberd of one's own in a directory, with Lyceum's fragment included. Usage: see instance.sh.
#
# The node has no name: so it needs neither epmd nor a port for other nodes, any number of nodes
# can run side by side, and it runs as any user. Accounts are made over its HTTP interface.
#
# Environment: COMPONENT_SECRET; C2S_PORT, COMPONENT_PORT and EJABBERD_HTTP_PORT (free ones);
# SERVER_LOG_LEVEL (info). The domains are example.org and rooms.example.org, because the fragment
# says so. KEEP_ROOMS=mnesia or sql: the server's own rooms keep their history, in Mnesia or in SQLite.

here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=docker/servers/instance.sh
. "$here/instance.sh"

log=ejabberd.log
settings="SERVER USERS_DOMAIN ROOMS_DOMAIN COMPONENT_SECRET C2S_PORT COMPONENT_PORT EJABBERD_HTTP_PORT WEBSOCKET_URL"

prepare() {
    SERVER=ejabberd
    USERS_DOMAIN=example.org
    ROOMS_DOMAIN=rooms.example.org
    COMPONENT_SECRET=${COMPONENT_SECRET:-only-for-tests}
    choose_port C2S_PORT
    choose_port COMPONENT_PORT
    choose_port EJABBERD_HTTP_PORT
    WEBSOCKET_URL=ws://127.0.0.1:$EJABBERD_HTTP_PORT/ws
    command -v erl >/dev/null || fail "ejabberd is not installed: apt-get install ejabberd"
    configuration >"$dir/ejabberd.yml"
}

# What Debian's ejabberd.yml has and rooms can touch, without encryption, limits and other servers.
configuration() {
    cat <<CONFIGURATION
define_macro:
  LYCEUM_PORT: $COMPONENT_PORT
  LYCEUM_SECRET: "$COMPONENT_SECRET"
include_config_file: "$here/../ejabberd/lyceum.yml"

hosts: ["$USERS_DOMAIN"]
loglevel: ${SERVER_LOG_LEVEL:-info}
log_rotate_count: 0
$([ "${KEEP_ROOMS:-}" != sql ] || printf 'sql_type: sqlite\nsql_database: "%s"\n' "$dir/ejabberd.db")
s2s_access: none
listen:
  - port: $C2S_PORT
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 262144
    shaper: none
  - port: $EJABBERD_HTTP_PORT
    ip: "127.0.0.1"
    module: ejabberd_http
    request_handlers: { /api: mod_http_api, /ws: ejabberd_http_ws }
api_permissions:
  "this machine": { who: { ip: 127.0.0.1/8 }, what: "*" }
acl:
  local: { user_regexp: "" }
shaper_rules:
  max_user_sessions: 1000
modules:
  mod_admin_extra: {}
  mod_adhoc: {}
  mod_blocking: {}
  mod_caps: {}
  mod_carboncopy: {}
  mod_client_state: {}
  mod_disco: {}
  mod_http_api: {}
  mod_last: {}
$(rooms)
  mod_offline: {}
  mod_ping: {}
  mod_privacy: {}
  mod_private: {}
  mod_pubsub: { plugins: [flat, pep] }
  mod_roster: { versioning: true }
  mod_stream_mgmt: { resend_on_timeout: if_offline }
  mod_vcard: { search: false }
  mod_vcard_xupdate: {}
  mod_version: {}
CONFIGURATION
}

rooms() {
    case ${KEEP_ROOMS:-} in
        "") echo "  mod_muc: {}" ;;
        *)
            echo "  mod_muc: { db_type: $KEEP_ROOMS, default_room_options: { mam: true } }"
            echo "  mod_mam: { db_type: $KEEP_ROOMS }"
            ;;
    esac
}

start() {
    local beam
    # Debian puts the program under /usr/lib/MACHINE/ejabberd-VERSION; ejabberdctl knows it by heart.
    for beam in /usr/lib/*/ejabberd-*/ebin/ejabberd.beam; do
        ERL_LIBS=${beam%/ejabberd-*/ebin/ejabberd.beam}
    done
    export ERL_LIBS ERL_CRASH_DUMP_BYTES=0
    export EJABBERD_CONFIG_PATH=$dir/ejabberd.yml EJABBERD_LOG_PATH=$dir/ejabberd.log
    cd "$dir"
    exec erl -noinput +K true -mnesia dir "\"$dir/mnesia\"" -s ejabberd
}

# The log is asked first: a port that answers could be another process's.
listening() {
    local port
    for port in "$C2S_PORT" "$COMPONENT_PORT" "$EJABBERD_HTTP_PORT"; do
        grep -q "Start accepting TCP connections at 127.0.0.1:$port " "$log" && answers "$port" || return 1
    done
}

# Calls the HTTP interface; prints the status of the answer.
api() {
    local command=$1 body=$2 status
    exec 9<>"/dev/tcp/127.0.0.1/$EJABBERD_HTTP_PORT" || fail "the HTTP interface does not answer"
    printf 'POST /api/%s HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
        "$command" "${#body}" "$body" >&9
    read -r _ status _ <&9
    cat <&9 >/dev/null
    exec 9<&- 9>&-
    echo "$status"
}

add_user() {
    local status
    status=$(api register "{\"user\":\"$1\",\"host\":\"$USERS_DOMAIN\",\"password\":\"$2\"}")
    if [ "$status" = 409 ]; then
        status=$(api change_password "{\"user\":\"$1\",\"host\":\"$USERS_DOMAIN\",\"newpass\":\"$2\"}")
    fi
    [ "$status" = 200 ] || fail "ejabberd would not make the account $1 (HTTP status $status)"
}

instance "$@"
