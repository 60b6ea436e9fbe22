#!/bin/sh
# Starts ejabberd in its container: puts the domain into its configuration and writes down the secret, since ejabberd
# takes neither from the environment, and makes a certificate for each host that has none. Put those that clients trust
# in their place: certificates/DOMAIN.crt and DOMAIN.key in the volume.
#
# Environment: USERS_DOMAIN and LYCEUM_SECRET, from .env; ROOT, another root directory, for the tests.

set -eu
# shellcheck source=docker/certificate.sh
. "$(dirname "$0")/../certificate.sh"
configuration=${ROOT:-}/etc/ejabberd
certificates=${ROOT:-}/var/lib/ejabberd/certificates

# The domain that stands in the files for that of the users. Lyceum is in another container, and only the two are in
# that network, so ejabberd listens for it at every address.
sed "s/example\.org/${USERS_DOMAIN:-example.org}/g" "$configuration/given/ejabberd.yml" >"$configuration/ejabberd.yml"
sed -e "s/example\.org/${USERS_DOMAIN:-example.org}/g" -e 's/ip: "127.0.0.1"/ip: "0.0.0.0"/' \
    "$configuration/given/lyceum.yml" >"$configuration/lyceum.yml"

# The items of the list `hosts`.
hosts() {
    sed -n '/^hosts:/,/^[^ ]*:/s/^ *- *"\{0,1\}\([^" ]*\)"\{0,1\} *$/\1/p' "$configuration/ejabberd.yml"
}

for host in $(hosts); do
    certificate "$certificates" "$host"
done
umask 077
printf 'define_macro:\n  LYCEUM_PORT: 5347\n  LYCEUM_SECRET: "%s"\n' "$LYCEUM_SECRET" >"$configuration/secret.yml"
exec ejabberdctl foreground
