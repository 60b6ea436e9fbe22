#!/bin/sh
# Runs the containers of prosody/compose.yaml or ejabberd/compose.yaml, with `docker compose` or, where there is no such
# command, with `docker-compose`:
#
#   USERS_DOMAIN=example.org docker/compose.sh prosody up --build --detach
#   docker/compose.sh prosody down
#
# At the first start it makes what the containers need: .env, with the domain of the users and a secret, which nobody
# else may read, and lyceum.toml. Both stay as they are from then on.

set -eu
here=$(cd "$(dirname "$0")" && pwd -P)

fail() {
    echo "compose.sh: $*" >&2
    exit 1
}

case ${1:-} in
    prosody | ejabberd) folder=$here/$1 ;;
    *) fail "usage: docker/compose.sh prosody|ejabberd COMMAND, such as: docker/compose.sh prosody up --build --detach" ;;
esac
shift

make_environment() {
    domain=${USERS_DOMAIN:-example.org}
    case $domain in
        *[!A-Za-z0-9.-]* | .* | *.) fail "USERS_DOMAIN is '$domain', which is no domain; write one such as example.org" ;;
    esac
    secret=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
    (umask 077 && printf 'USERS_DOMAIN=%s\nLYCEUM_SECRET=%s\n' "$domain" "$secret" >"$folder/.env.new")
    mv "$folder/.env.new" "$folder/.env"
    echo "compose.sh: made $folder/.env for the users of $domain" >&2
}

[ -e "$folder/.env" ] || make_environment
# What the environment says goes before the file for compose; the two must not differ.
USERS_DOMAIN=$(sed -n 's/^USERS_DOMAIN=//p' "$folder/.env")
export USERS_DOMAIN
[ -e "$folder/lyceum.toml" ] || sed "s/example\.org/$USERS_DOMAIN/g" "$here/lyceum.toml" >"$folder/lyceum.toml"

if docker compose version >/dev/null 2>&1; then
    set -- docker compose -f "$folder/compose.yaml" "$@"
elif command -v docker-compose >/dev/null; then
    set -- docker-compose -f "$folder/compose.yaml" "$@"
else
    fail "there is neither \`docker compose\` nor \`docker-compose\`; in Debian: apt-get install docker.io docker-compose"
fi
exec "$@"
