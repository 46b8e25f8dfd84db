#!/usr/bin/env bash
# What does rdpwhy -i lose that tcpdump does not? Replays captures over a veth pair in a network namespace of its own, at
# rising rates, with both listening side by side at the same buffer size, and prints a table.
#
#   tests/live_rates.sh CAPTURE...          (root; util-linux, iproute2, tcpreplay, tcpdump)
#
#   RDPWHY=target/release/rdpwhy   the program; a release build
#   RATES="50000 100000 200000 400000 top"   packets a second
#   BUFFER=16384                   KiB that the kernel may hold, for both
#   SECONDS_EACH=5                 how long a round lasts, about
#   OPTIONS="--json"               further options of rdpwhy
#
# "sent" is what tcpreplay says. "got" and "dropped" are what each program says at its end. Both see the same interface at
# the same time, so on a small machine they also take processor time from each other, and from the sender.
set -euo pipefail
if [ "${RATES_INSIDE:-}" != 1 ]; then
    for program in unshare ip tcpreplay tcpdump; do
        command -v "$program" >/dev/null || { echo "SKIPPED: no $program here" >&2; exit 0; }
    done
    [ "$(id -u)" = 0 ] || { echo "SKIPPED: wants root for a network namespace" >&2; exit 0; }
    [ $# -gt 0 ] || { sed -n '2,15p' "$0"; exit 2; }
    RATES_INSIDE=1 exec unshare -n "$0" "$@"
fi
root=$(cd "$(dirname "$0")/.." && pwd)
rdpwhy=$(realpath "${RDPWHY:-$root/target/release/rdpwhy}")
buffer=${BUFFER:-16384}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
# Neighbour discovery and the like would be counted too.
sysctl -qw net.ipv6.conf.default.disable_ipv6=1 2>/dev/null || true
ip link add near type veth peer name far
ip link set near mtu 9000 up
ip link set far mtu 9000 up
filter='tcp port 3389 or udp port 3389 or icmp or icmp6'
filter="($filter) or (vlan and (($filter) or (vlan and ($filter))))"
printf '%-14s %8s %9s | %9s %9s %6s %6s | %9s %9s\n' \
    capture rate sent 'rdpwhy got' dropped user,s sys,s 'tcpdump got' dropped
for capture in "$@"; do
    for rate in ${RATES:-50000 100000 200000 400000 top}; do
        # -U: its account at the end must not depend on what waits in its own buffer.
        tcpdump -n -i far -B "$buffer" -w /dev/null "$filter" 2>"$place/tcpdump" &
        tcpdump=$!
        # shellcheck disable=SC2086
        "$rdpwhy" -q -i far -B "$buffer" ${OPTIONS:-} >"$place/out" 2>"$place/rdpwhy" &
        judge=$!
        sleep 1
        how=(--pps="$rate")
        [ "$rate" = top ] && how=(--topspeed)
        tcpreplay -q --preload-pcap --duration="${SECONDS_EACH:-5}" --loop=100000 --unique-ip "${how[@]}" -i near "$capture" \
            >"$place/replay" 2>&1 || true
        sleep 1.5
        kill -INT "$tcpdump"
        wait "$tcpdump" 2>/dev/null || true
        # Clock ticks of its threads, judging at the end left out.
        read -r user sys < <(awk -v hertz="$(getconf CLK_TCK)" '{ print $14 / hertz, $15 / hertz }' "/proc/$judge/stat")
        kill -INT "$judge"
        wait "$judge" || true
        sent=$(sed -n 's/^Actual: \([0-9]*\) packets.*/\1/p' "$place/replay")
        pps=$(sed -n 's/^Rated: .* \([0-9.]*\) pps.*/\1/p' "$place/replay")
        told=$(grep -E '^[0-9,]+ packets?, .* dropped' "$place/rdpwhy" | tr -d ,)
        got=$(sed -E 's/^([0-9]+) .*/\1/' <<<"$told")
        lost=$(sed -E 's/.* (none|[0-9]+) dropped.*/\1/; s/none/0/' <<<"$told")
        tgot=$(sed -n 's/^\([0-9]*\) packets captured/\1/p' "$place/tcpdump")
        tlost=$(sed -n 's/^\([0-9]*\) packets dropped by kernel/\1/p' "$place/tcpdump")
        printf '%-14s %8.0f %9s | %9s %9s %6s %6s | %9s %9s\n' \
            "$(basename "$capture" .pcap)" "${pps:-0}" "$sent" "$got" "$lost" "$user" "$sys" "$tgot" "$tlost"
    done
done
