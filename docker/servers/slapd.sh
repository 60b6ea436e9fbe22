#!/bin/bash
# An OpenLDAP directory of one's own in a directory, from Debian's slapd. Usage: see instance.sh; its
# people are made with ldapadd, not with add-user.
#
# Its root is dc=example,dc=org; cn=admin below it may do everything with LDAP_PASSWORD, cn=reader
# may only read, with the same password. It gives at most 100 entries for one search that is not paged.
#
# Environment: LDAP_PASSWORD; LDAP_PORT and LDAPS_PORT (free ones).

here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=docker/servers/instance.sh
. "$here/instance.sh"

log=slapd.log
settings="LDAP_BASE LDAP_PASSWORD LDAP_PORT LDAPS_PORT LDAP_CERTIFICATE"

prepare() {
    LDAP_BASE=dc=example,dc=org
    LDAP_PASSWORD=${LDAP_PASSWORD:-only-for-tests}
    LDAP_CERTIFICATE=$dir/certificate.pem
    choose_port LDAP_PORT
    choose_port LDAPS_PORT
    [ -x /usr/sbin/slapd ] || fail "slapd is not installed: apt-get install slapd ldap-utils"
    [ -e "$LDAP_CERTIFICATE" ] ||
        openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost \
            -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -addext basicConstraints=CA:FALSE \
            -keyout "$dir/key.pem" -out "$LDAP_CERTIFICATE" 2>/dev/null
    rm -f "$dir/slapd.pid"
    configuration >"$dir/slapd.conf"
    if [ ! -e "$dir/data" ]; then
        mkdir "$dir/data"
        entries | /usr/sbin/slapadd -f "$dir/slapd.conf" || fail "slapd does not take its first entries"
    fi
}

configuration() {
    cat <<CONFIGURATION
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile "$dir/slapd.pid"
TLSCertificateFile "$LDAP_CERTIFICATE"
TLSCertificateKeyFile "$dir/key.pem"
sizelimit size=100 size.prtotal=unlimited
disallow bind_anon
require authc
database mdb
suffix "$LDAP_BASE"
rootdn "cn=admin,$LDAP_BASE"
rootpw "$LDAP_PASSWORD"
directory "$dir/data"
maxsize 268435456
dbnosync
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,$LDAP_BASE" read by * none
CONFIGURATION
}

entries() {
    cat <<ENTRIES
dn: $LDAP_BASE
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: cn=reader,$LDAP_BASE
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: $LDAP_PASSWORD

dn: ou=people,$LDAP_BASE
objectClass: organizationalUnit
ou: people

dn: ou=groups,$LDAP_BASE
objectClass: organizationalUnit
ou: groups
ENTRIES
}

start() {
    exec /usr/sbin/slapd -d none -f "$dir/slapd.conf" \
        -h "ldap://127.0.0.1:$LDAP_PORT ldaps://127.0.0.1:$LDAPS_PORT" >"$log" 2>&1
}

# What answers could be another process's; only this one has written its number here.
listening() {
    [ -s "$dir/slapd.pid" ] && answers "$LDAP_PORT" && answers "$LDAPS_PORT"
}

add_user() {
    fail "people are made with ldapadd"
}

instance "$@"
