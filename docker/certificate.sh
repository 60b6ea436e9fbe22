# shellcheck shell=sh
# A certificate for a domain whose users are being tried out, signed by nobody but itself.
#
#   certificate DIRECTORY DOMAIN
#
# makes DOMAIN.crt and DOMAIN.key there. What is there already stays, unless it is such a certificate too and ends
# within a month: then it is made anew. So whoever puts a certificate that clients trust in its place keeps it.

certificate() {
    if [ -e "$1/$2.crt" ] && ! { certificate_is_of_itself "$1/$2.crt" && certificate_ends_soon "$1/$2.crt"; }; then
        return 0
    fi
    mkdir -p "$1"
    # Whoever reads the key can pretend to be the server.
    (umask 077 && openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj "/CN=$2" -addext "subjectAltName=DNS:$2" \
        -keyout "$1/$2.key.new" -out "$1/$2.crt.new" 2>/dev/null)
    mv "$1/$2.key.new" "$1/$2.key"
    mv "$1/$2.crt.new" "$1/$2.crt"
}

certificate_is_of_itself() {
    [ "$(openssl x509 -in "$1" -noout -subject_hash)" = "$(openssl x509 -in "$1" -noout -issuer_hash)" ]
}

# 30 days, in seconds.
certificate_ends_soon() {
    ! openssl x509 -in "$1" -noout -checkend 2592000 >/dev/null
}
