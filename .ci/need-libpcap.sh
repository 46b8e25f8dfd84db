#!/bin/sh
# Makes sure that programs can be linked with libpcap, which understands capture filters. Does nothing when they can.
set -eu

links() {
    # What counts is what the linker finds, whoever put it there.
    out=$(mktemp)
    echo 'int main(void) { return 0; }' | cc -x c - -lpcap -o "$out" 2>/dev/null
    status=$?
    rm -f "$out"
    return $status
}

if links; then
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "libpcap's development files are missing; install them (libpcap-devel, libpcap) and try again" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    as_root=sudo
    if ! command -v sudo >/dev/null; then
        echo "libpcap's development files are missing; as root: apt-get install gcc libc6-dev libpcap-dev" >&2
        exit 1
    fi
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >&2
$as_root apt-get install -q -y --no-install-recommends gcc libc6-dev libpcap-dev >&2
links
