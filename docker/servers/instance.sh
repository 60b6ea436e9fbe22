# shellcheck shell=bash
# What prosody.sh, ejabberd.sh and lyceum.sh share: one process that lives in a directory of its own.
#
# Each of those scripts defines four functions and ends with `instance "$@"`:
#   prepare            writes the configuration into "$dir"; sets the variables it names in `settings`
#   start              becomes the process, by exec
#   listening          true when the process itself has said that it is ready
#   add_user NAME PASSWORD
# and two variables: `log`, the file that tells why something failed, and `settings`, the names
# that `ready` prints as NAME=VALUE lines.
#
# Usage, with S for one of the scripts:
#   S run DIR                       in the foreground, until its standard input is closed
#   S ready DIR                     waits until it is ready, then prints its settings
#   S add-user DIR NAME PASSWORD    makes an account, or gives it another password
#   S stop DIR                      ends it as an administrator would, and waits until it is gone
#   S kill DIR                      ends it as a power cut would, and waits until it is gone
#
# Standard input is the life line: whoever starts an instance holds the other end of a pipe, and
# when that end is closed, for whatever reason, the process is killed. So a test that panics, is
# interrupted or is killed leaves nothing behind. After `stop` or `kill`, `run DIR` starts the same
# instance again, with the same ports and the same data.
#
# Everything runs as the user who calls, root or not, and listens on 127.0.0.1 only. Secrets and passwords are in what it
# keeps, so nobody else may read any of it.

set -euo pipefail

# How long `ready` and `stop` wait, in seconds.
READY_TIMEOUT=${READY_TIMEOUT:-60}
STOP_TIMEOUT=${STOP_TIMEOUT:-15}

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# True when something listens on a port of 127.0.0.1.
answers() {
    (exec 9<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Prints a port nobody listens on. It lies below the range from which the kernel takes the ports of
# outgoing connections: otherwise any client could take it while its server is being restarted.
free_port() {
    local port
    while port=$((20000 + SRANDOM % 12000)); answers "$port"; do :; done
    echo "$port"
}

# Takes the port from the variable named $1, or gives that variable a free one.
choose_port() {
    local -n port=$1
    if [ -z "${port:-}" ]; then
        port=$(free_port)
    elif answers "$port"; then
        fail "port $port of 127.0.0.1 is in use; choose another with $1=NUMBER"
    fi
}

alive() {
    kill -0 "$1" 2>/dev/null
}

# True when the process with that number is the one of this directory, which its command line names.
# After a power cut the number may have gone to another.
is_ours() {
    grep -aqF "$dir" "/proc/$1/cmdline" 2>/dev/null
}

# Prints the end of what the process has written, for whoever has to find out why it failed.
tell_log() {
    local file
    for file in "$dir/output" "$log"; do
        if [ -s "$file" ]; then
            echo "--- the end of $file:" >&2
            tail -n 40 "$file" >&2
        fi
    done
}

# What an earlier run in the directory chose, its ports above all, holds for this one too.
read_settings() {
    # shellcheck source=/dev/null
    [ ! -e "$dir/settings" ] || . "$dir/settings"
}

run() {
    mkdir -p "$dir"
    rm -f "$dir/pid" "$dir/ended" "$log"
    trap 'touch "$dir/ended"' EXIT
    read_settings
    prepare
    for name in $settings; do
        printf '%s=%q\n' "$name" "${!name}"
    done >"$dir/settings"

    (start) </dev/null >"$dir/output" 2>&1 &
    local process=$!
    trap - EXIT
    echo "$process" >"$dir/pid.new" && mv "$dir/pid.new" "$dir/pid"
    trap 'kill -TERM "$process" 2>/dev/null || true' TERM INT HUP

    exec 3<&0
    cat <&3 >/dev/null &
    local lifeline=$!
    # The shell's own remarks about killed processes are of no use to anybody.
    {
        while alive "$process" && alive "$lifeline"; do
            wait -n "$process" "$lifeline" || true
        done
        kill -KILL "$process" "$lifeline" || true
        wait "$process" "$lifeline" || true
    } 2>/dev/null
    touch "$dir/ended"
    rm -f "$dir/pid"
}

ready() {
    local deadline=$((SECONDS + READY_TIMEOUT))
    until [ -e "$dir/pid" ] && read_settings && listening 2>/dev/null; do
        if [ -e "$dir/ended" ]; then
            tell_log
            fail "$dir: the process ended before it was ready"
        fi
        if [ "$SECONDS" -ge "$deadline" ]; then
            tell_log
            fail "$dir: not ready after $READY_TIMEOUT seconds"
        fi
        sleep 0.05
    done
    cat "$dir/settings"
}

end() {
    local signal=$1 process deadline=$((SECONDS + STOP_TIMEOUT))
    if process=$(cat "$dir/pid" 2>/dev/null) && is_ours "$process"; then
        kill -"$signal" "$process" 2>/dev/null || true
        while alive "$process"; do
            [ "$SECONDS" -lt "$deadline" ] || kill -KILL "$process" 2>/dev/null || true
            sleep 0.02
        done
        until [ -e "$dir/ended" ] || [ "$SECONDS" -ge "$((deadline + 5))" ]; do sleep 0.02; done
    fi
    # A later `ready` must not mistake what this run has left for that of the next.
    rm -f "$dir/ended" "$dir/pid"
}

instance() {
    [ $# -ge 2 ] || fail "usage: $(basename "$0") run|ready|add-user|stop|kill DIR [NAME PASSWORD]"
    local action=$1
    umask 077
    mkdir -p "$2"
    dir=$(cd "$2" && pwd -P)
    [ "$action" != run ] || chmod -R go= "$dir"
    log=$dir/$log
    shift 2
    case $action in
        run) run ;;
        ready) ready ;;
        add-user)
            [ $# -eq 2 ] || fail "usage: $(basename "$0") add-user DIR NAME PASSWORD"
            [[ $1 =~ ^[a-z0-9]+$ ]] || fail "an account's name here is of small letters and digits, not '$1'"
            [[ $2 =~ ^[A-Za-z0-9._-]+$ ]] || fail "a password here is of letters, digits, '.', '_' and '-'"
            [ -e "$dir/settings" ] || fail "$dir: nothing has run here yet"
            read_settings
            add_user "$1" "$2"
            ;;
        stop) end TERM ;;
        kill) end KILL ;;
        *) fail "unknown action '$action'" ;;
    esac
}
