#!/bin/bash
# Whether what runs in a container is well, for its health check: nothing but bash is needed.
#
#   health.sh listens PORT    something listens on the port
#   health.sh is-well PORT    GET /healthz there says so: Lyceum's link to the server stands

set -euo pipefail
exec 9<>"/dev/tcp/127.0.0.1/$2"
case $1 in
    listens) ;;
    is-well)
        printf 'GET /healthz HTTP/1.0\r\n\r\n' >&9
        read -r _ status _ <&9
        [ "$status" = 200 ]
        ;;
    *) exit 2 ;;
esac
