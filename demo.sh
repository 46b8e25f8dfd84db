#!/bin/sh
# Builds rdpwhy and asks it about a capture that comes with it. Installs libpcap's development files if they are missing.
# A shell script and no Makefile, because a fresh Debian has a shell and no make.
set -eu
cd "$(dirname "$0")"

sh .ci/need-libpcap.sh
cargo build --release --locked
capture=captures/tls.cert-expired--alert-45.pcap
target=${CARGO_TARGET_DIR:-target}
printf '\n$ rdpwhy %s\n' "$capture"
code=0
"$target/release/rdpwhy" "$capture" || code=$?
printf '$ echo $?\n%s\n' "$code"
# 1 is what it exits with when something died, and in this capture something did.
[ "$code" -eq 1 ]
