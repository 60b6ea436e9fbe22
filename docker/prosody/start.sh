#!/bin/sh
# Starts Prosody in its container, and makes a certificate for each of its hosts that has none. Put those that clients
# trust in their place: certificates/DOMAIN.crt and DOMAIN.key in the volume.
#
# Environment: USERS_DOMAIN, from .env; ROOT, another root directory, for the tests.

set -eu
# shellcheck source=docker/certificate.sh
. "$(dirname "$0")/../certificate.sh"
configuration=${ROOT:-}/etc/prosody/prosody.cfg.lua
certificates=${ROOT:-}/var/lib/prosody/certificates

# The hosts that the configuration names, the one of the environment among them: Prosody takes the certificate that is
# called as the host is, and without it nobody can log in.
hosts() {
    sed -n -e 's/^VirtualHost *"\([^"]*\)".*/\1/p' \
        -e "s/^VirtualHost *(ENV_USERS_DOMAIN or \"\([^\"]*\)\").*/${USERS_DOMAIN:-\\1}/p" "$configuration"
}

for host in $(hosts); do
    certificate "$certificates" "$host"
done
exec prosody -F
