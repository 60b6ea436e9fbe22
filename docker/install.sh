#!/bin/bash
# Installs what a Debian machine lacks of the things named as arguments, and nothing else:
#   prosody, ejabberd   the servers, from Debian's packages, without starting them
#   sqlite              what these two lack to keep things in SQLite
#   ldap                OpenLDAP's slapd and its clients, from Debian's packages, without starting it
#   checks              what reads scripts, units and YAML: shellcheck, systemd-analyze, PyYAML
#   rust                the parts of the Rust toolchain that `make test` asks for
#   python              Debian's Python with venv, and the tests' clients in venv/ in the tree
#   browser             Debian's Chromium, Node.js if there is none, and Converse.js in tests/browser/node_modules
# Run as root or as a user with sudo. With nothing missing it needs neither, and no network.

set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd -P)

fail() {
    echo "install.sh: $*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "$* needs root: run this as root, install sudo, or install the packages yourself"
    fi
}

# Python as Debian has it: another one earlier on the PATH may come without venv.
python() {
    if [ -x /usr/bin/python3 ]; then /usr/bin/python3 "$@"; else python3 "$@"; fi
}

missing_packages() {
    for thing in "$@"; do
        case $thing in
            prosody)
                command -v prosody >/dev/null || echo prosody
                command -v openssl >/dev/null || echo openssl
                ;;
            ejabberd) ls /usr/lib/*/ejabberd-*/ebin/ejabberd.beam >/dev/null 2>&1 || echo ejabberd ;;
            sqlite)
                ls /usr/lib/*/lua/*/dbd/sqlite3.so >/dev/null 2>&1 || echo lua-dbi-sqlite3
                ls /usr/lib/erlang/lib/p1_sqlite3-* >/dev/null 2>&1 || echo erlang-p1-sqlite3
                ;;
            ldap)
                [ -x /usr/sbin/slapd ] || echo slapd
                command -v ldapmodify >/dev/null || echo ldap-utils
                ;;
            python) python -c 'import ensurepip, venv' 2>/dev/null || echo python3 python3-venv ;;
            checks)
                command -v shellcheck >/dev/null || echo shellcheck
                command -v systemd-analyze >/dev/null || echo systemd
                python -c 'import yaml' 2>/dev/null || echo python3-yaml
                ;;
            browser)
                [ -x /usr/bin/chromium ] || echo chromium
                # Debian's npm brings four hundred packages with it, so it is asked for only where it is missing.
                command -v node >/dev/null || echo nodejs
                command -v npm >/dev/null || echo npm
                ;;
            rust) command -v cc >/dev/null || echo gcc libc6-dev ;;
            *) fail "unknown thing to install: $thing" ;;
        esac
    done
}

# The part that runs as root. While /usr/sbin/policy-rc.d forbids it, no package starts its service.
# The lock makes two of these take turns, each restoring what it found.
install_as_root() {
    exec 9>/run/lock/lyceum-install.lock
    flock 9
    local policy=/usr/sbin/policy-rc.d kept=/usr/sbin/policy-rc.d.before-lyceum
    # What a run that was killed has left is not what it found.
    [ -e "$kept" ] || [ ! -e "$policy" ] || mv "$policy" "$kept"
    trap "rm -f $policy; [ ! -e $kept ] || mv $kept $policy" EXIT
    trap 'exit 1' INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    export DEBIAN_FRONTEND=noninteractive
    local wait_for_others=(-o "DPkg::Lock::Timeout=600")
    apt-get "${wait_for_others[@]}" update
    apt-get "${wait_for_others[@]}" install -y --no-install-recommends "$@"
}

install_packages() {
    local packages
    read -r -d '' -a packages < <(missing_packages "$@") || true
    [ ${#packages[@]} -gt 0 ] || return 0
    echo "install.sh: installing ${packages[*]}"
    command -v apt-get >/dev/null || fail "missing: ${packages[*]}; this is no Debian, so install them yourself"
    as_root bash "$root/docker/install.sh" --as-root "${packages[@]}" ||
        fail "could not install ${packages[*]}; is the Debian mirror reachable? (apt-get's own words are above)"
    read -r -d '' -a packages < <(missing_packages "$@") || true
    [ ${#packages[@]} -eq 0 ] || fail "installed, and yet missing: ${packages[*]}"
}

# How to get a Rust that is new enough. Debian's own is not, and must not come first on the PATH.
way_to_rust() {
    if command -v rustup >/dev/null; then
        echo "get it so: rustup update stable && rustup default stable"
    else
        echo "get it so: install rustup as its makers say (Debian 12 has no package of it), then in a new shell: rustup default stable"
    fi
}

is_older() {
    [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort --version-sort | head -n 1)" = "$1" ]
}

install_rust_parts() {
    local part needed found
    needed=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$root/Cargo.toml")
    command -v cargo >/dev/null || fail "there is no Rust here, and it needs $needed or newer; $(way_to_rust)"
    found=$(cd / && cargo --version | cut -d ' ' -f 2)
    ! is_older "$found" "$needed" || fail "Rust is too old: $found, needs $needed; $(way_to_rust)"
    for part in rustfmt clippy; do
        cargo "${part/rustfmt/fmt}" --version >/dev/null 2>&1 && continue
        command -v rustup >/dev/null || fail "cargo has no $part, and there is no rustup to add it"
        rustup component add "$part" || fail "could not add $part to the Rust toolchain"
    done
}

# The clients of the tests, in the versions their list names; made anew when the list has changed.
install_clients() {
    local list=$root/tests/clients/requirements.txt venv=$root/venv
    exec 8<"$list"
    flock 8
    if ! cmp -s "$list" "$venv/installed.txt" || ! "$venv/bin/python" -c 'import slixmpp' 2>/dev/null; then
        echo "install.sh: installing the test clients into venv/"
        rm -rf "$venv"
        python -m venv "$venv" || fail "could not make the Python environment $venv"
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$list" ||
            fail "could not install the test clients; is the Python package index reachable? (pip's own words are above)"
        cp "$list" "$venv/installed.txt"
    fi
    exec 8<&-
}

# The browser's pages, in the versions their lock file names; made anew when that has changed.
install_pages() {
    local folder=$root/tests/browser
    exec 8<"$folder/package-lock.json"
    flock 8
    if ! cmp -s "$folder/package-lock.json" "$folder/node_modules/installed.json"; then
        echo "install.sh: installing Converse.js into tests/browser/node_modules/"
        (cd "$folder" && npm ci --silent --no-audit --no-fund --ignore-scripts) ||
            fail "could not install Converse.js; is the npm registry reachable? (npm's own words are above)"
        cp "$folder/package-lock.json" "$folder/node_modules/installed.json"
    fi
    exec 8<&-
}

if [ "${1:-}" = --as-root ]; then
    shift
    install_as_root "$@"
    exit
fi
install_packages "$@"
for thing in "$@"; do
    case $thing in
        rust) install_rust_parts ;;
        python) install_clients ;;
        browser) install_pages ;;
    esac
done
