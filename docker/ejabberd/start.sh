#!/bin/sh
# Starts ejabberd in its container: writes down the secret, since ejabberd takes none from the
# environment, and makes a certificate when there is none yet. Put one that clients trust in its
# place: example.org.pem in the volume, key and certificate in one file.

set -eu
certificate=/var/lib/ejabberd/example.org.pem
if [ ! -e "$certificate" ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=example.org \
        -addext subjectAltName=DNS:example.org -keyout "$certificate" -out "$certificate.new" 2>/dev/null
    cat "$certificate.new" >>"$certificate"
    rm "$certificate.new"
fi
umask 077
printf 'define_macro:\n  LYCEUM_PORT: 5347\n  LYCEUM_SECRET: "%s"\n' "$LYCEUM_SECRET" >/etc/ejabberd/secret.yml
exec ejabberdctl foreground
