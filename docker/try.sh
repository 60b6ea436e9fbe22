#!/bin/bash
# Tries Lyceum out: a Prosody of its own with Lyceum beside it, two accounts, and how to connect.
# Ctrl-C ends both. Everything they keep is in run/ in the tree; remove it to begin anew.
#
# Environment: C2S_PORT (5222), where clients connect; COMPONENT_PORT (a free one); USERS_DOMAIN
# (localhost, which clients find without being told where it is); RUN, another directory than run/; LYCEUM, a program that
# is tried instead of what is built of the tree.

set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd -P)
scripts=$root/docker/servers
run=${RUN:-$root/run}

say() {
    printf '%s\n' "$*"
}

in_use() {
    (exec 9<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

mkdir -p "$run"
# The passwords of the accounts and the secret are in it.
chmod 700 "$run"
exec 7>"$run/lock"
if ! flock -n 7; then
    say "Lyceum is being tried out already in $run; end that with Ctrl-C first."
    exit 1
fi

export USERS_DOMAIN=${USERS_DOMAIN:-localhost} WITH_TLS=1
export C2S_PORT=${C2S_PORT:-5222}
if in_use "$C2S_PORT"; then
    say "Port $C2S_PORT of 127.0.0.1 is in use, perhaps by an XMPP server. Choose another: C2S_PORT=5223 make run"
    exit 1
fi

if [ -z "${LYCEUM:-}" ]; then
    "$root/docker/install.sh" rust prosody
    say "Building Lyceum (the first time this takes some minutes) ..."
    (cd "$root" && cargo build --locked --release --bin lyceum 7>&-)
    LYCEUM=${CARGO_TARGET_DIR:-$root/target}/release/lyceum
else
    "$root/docker/install.sh" prosody
fi
export LYCEUM SERVER_DIR=$run/prosody
COMPONENT_SECRET=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
export COMPONENT_SECRET
export OPERATORS="[\"ann@$USERS_DOMAIN\"]"

# The ports and the secret of an earlier try hold no longer; what Prosody and Lyceum have kept does.
rm -f "$run/prosody/settings" "$run/lyceum/settings"

# What is opened here are the life lines: the two end at the latest when this script ends.
stop() {
    trap - EXIT
    "$scripts/lyceum.sh" stop "$run/lyceum" || true
    "$scripts/prosody.sh" stop "$run/prosody" || true
    say "Stopped. Rooms and accounts are kept in $run."
}
trap stop EXIT
trap 'exit 0' INT TERM HUP
"$scripts/prosody.sh" stop "$run/prosody"
"$scripts/lyceum.sh" stop "$run/lyceum"

exec {life_of_prosody}> >(exec "$scripts/prosody.sh" run "$run/prosody")
"$scripts/prosody.sh" ready "$run/prosody" >/dev/null
"$scripts/prosody.sh" add-user "$run/prosody" ann pw-ann
"$scripts/prosody.sh" add-user "$run/prosody" bob pw-bob
exec {life_of_lyceum}> >(exec "$scripts/lyceum.sh" run "$run/lyceum")
"$scripts/lyceum.sh" ready "$run/lyceum" >/dev/null

# What profanity is told to connect to; it asks for the password.
connect="ann@$USERS_DOMAIN server 127.0.0.1 port $C2S_PORT tls trust"
install="if it is missing: apt-get install profanity"
! command -v profanity >/dev/null || install="which is installed"

cat <<MESSAGE

Lyceum runs beside a Prosody of its own. In another terminal, with the client profanity ($install):

    profanity -a '$connect'

and then the password, pw-ann, and: /join hall@rooms.$USERS_DOMAIN
Or with any other XMPP client on this machine:

    server     127.0.0.1, port $C2S_PORT (encryption is on offer, with a certificate nobody has signed)
    account    ann@$USERS_DOMAIN    password  pw-ann    (the operator: may do everything)
    account    bob@$USERS_DOMAIN    password  pw-bob
    room       hall@rooms.$USERS_DOMAIN         join it; the first to come creates it

Configuration, database and logs: $run
Ctrl-C stops both.
MESSAGE

# Whichever ends first ends the other. Sleeping in the background lets Ctrl-C through at once.
until [ -e "$run/prosody/ended" ] || [ -e "$run/lyceum/ended" ]; do
    sleep 0.5 &
    wait $! || true
done
for name in prosody lyceum; do
    if [ -e "$run/$name/ended" ]; then
        say "$name has ended by itself; the end of its log:"
        tail -n 20 "$run/$name/$name.log"
    fi
done
exit 1
