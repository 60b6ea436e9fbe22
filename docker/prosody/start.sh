#!/bin/sh
# Starts Prosody in its container, and makes a certificate when there is none yet. Put one that
# clients trust in its place: certificates/example.org.crt and .key in the volume.

set -eu
certificates=/var/lib/prosody/certificates
mkdir -p "$certificates"
if [ ! -e "$certificates/example.org.crt" ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=example.org \
        -addext subjectAltName=DNS:example.org \
        -keyout "$certificates/example.org.key" -out "$certificates/example.org.crt" 2>/dev/null
fi
exec prosody -F
