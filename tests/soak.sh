#!/usr/bin/env bash
# Can rdpwhy -i be left running? Sends a flood of half-open connections, then handshakes, scans and smaller floods in turns
# over a veth pair in a network namespace of its own, and watches what the program holds meanwhile.
#
#   tests/soak.sh                       (root; util-linux, iproute2, python3, jq)
#
#   RDPWHY=target/release/rdpwhy        the program; a release build
#   MINUTES=20  FLOOD=1000000  MEMORY=256M  OPTIONS=""
#
# Fails when memory or open files keep growing, when the totals are not what was sent (packets that the kernel dropped are
# told, and then only make them smaller), or when a quiet line keeps the processor busy.
set -euo pipefail
if [ "${SOAK_INSIDE:-}" != 1 ]; then
    for program in unshare ip python3 jq; do
        command -v "$program" >/dev/null || { echo "SKIPPED: no $program here" >&2; exit 0; }
    done
    [ "$(id -u)" = 0 ] || { echo "SKIPPED: wants root for a network namespace" >&2; exit 0; }
    SOAK_INSIDE=1 exec unshare -n "$0" "$@"
fi
root=$(cd "$(dirname "$0")/.." && pwd)
rdpwhy=$(realpath "${RDPWHY:-$root/target/release/rdpwhy}")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
sysctl -qw net.ipv6.conf.default.disable_ipv6=1 2>/dev/null || true
ip link add near type veth peer name far
ip link set near up
ip link set far up
cd "$place"
# shellcheck disable=SC2086
"$rdpwhy" --json -i far --memory "${MEMORY:-256M}" -B 65536 ${OPTIONS:-} >out.json 2>told &
watched=$!
sleep 1
cat >send.py <<'PY'
import os, socket, struct, sys, time
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
out.bind(("near", 0))
ETHERNET = bytes.fromhex("020000000002020000000001") + b"\x08\x00"
SERVER = bytes([203, 0, 113, 20])
REQUEST = bytes([3, 0, 0, 19, 14, 0xE0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 1, 0, 0, 0])
REFUSAL = bytes([3, 0, 0, 19, 14, 0xD0, 0, 0, 0x12, 0x34, 0, 3, 0, 8, 0, 5, 0, 0, 0])
SYN, ACK, FIN, RST, PSH = 2, 16, 1, 4, 8
packets = sessions = deaths = 0

def send(client, port, to_server, flags, seq, ack, payload=b""):
    global packets
    ips = client + SERVER if to_server else SERVER + client
    ports = (port, 3389) if to_server else (3389, port)
    length = 40 + len(payload)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, length, packets & 0xFFFF, 0x4000, 64 if to_server else 128, 6, 0) + ips
    tcp = struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 64240, 0, 0)
    while True:
        try:
            out.send(ETHERNET + ip + tcp + payload)
            break
        except OSError:
            time.sleep(0.001)
    packets += 1

def peer():
    global sessions
    sessions += 1
    number = sessions
    return bytes([10, number >> 24 & 255, number >> 16 & 255, number >> 8 & 255]), 20000 + (number & 255)

def half_open():
    client, port = peer()
    send(client, port, True, SYN, 1000, 0)

def scan():
    client, port = peer()
    send(client, port, True, SYN, 1000, 0)
    send(client, port, False, SYN | ACK, 5000, 1001)
    send(client, port, True, RST, 1001, 0)

def refused():
    global deaths
    deaths += 1
    client, port = peer()
    send(client, port, True, SYN, 1000, 0)
    send(client, port, False, SYN | ACK, 5000, 1001)
    send(client, port, True, ACK, 1001, 5001)
    send(client, port, True, PSH | ACK, 1001, 5001, REQUEST)
    send(client, port, False, PSH | ACK, 5001, 1020, REFUSAL)
    send(client, port, False, FIN | ACK, 5020, 1020)
    send(client, port, True, FIN | ACK, 1020, 5021)
    send(client, port, False, ACK, 5021, 1021)

def many(act, count, rate):
    begin = time.monotonic()
    for index in range(count):
        act()
        if index % 64 == 0:
            ahead = index / rate - (time.monotonic() - begin)
            if ahead > 0:
                time.sleep(ahead)

flood, until = int(sys.argv[1]), time.monotonic() + float(sys.argv[2])
many(half_open, flood, 40000)
while time.monotonic() < until:
    many(refused, 2000, 400)
    many(scan, 4000, 1000)
    many(half_open, 40000, 10000)
print(packets, sessions, deaths)
PY
held() { awk '/^VmRSS/ { print $2 }' "/proc/$watched/status"; }
files() { ls "/proc/$watched/fd" | wc -l; }
ticks() { awk '{ print $14 + $15 }' "/proc/$watched/stat"; }
seconds=$(awk -v minutes="${MINUTES:-20}" 'BEGIN { print int(minutes * 60) }')
python3 send.py "${FLOOD:-1000000}" "$seconds" >sent &
sender=$!
printf '%8s %10s %6s %8s\n' second 'RSS, KiB' files 'CPU, s'
began=$SECONDS
while kill -0 "$sender" 2>/dev/null; do
    sleep 10
    printf '%8d %10d %6d %8.1f\n' $((SECONDS - began)) "$(held)" "$(files)" \
        "$(ticks | awk -v hertz="$(getconf CLK_TCK)" '{ print $1 / hertz }')" | tee -a table
done
wait "$sender"
# What still waits is judged, and the rest is silence.
sleep 45
before=$(ticks)
sleep 30
idle=$(($(ticks) - before))
kill -INT "$watched"
wait "$watched" || true
read -r packets sessions deaths <sent
summary=$(tail -n 1 out.json)
told=$(jq '.sessions' <<<"$summary")
died=$(jq '.outcomes.died // .died // 0' <<<"$summary")
grep -v '^listening\|^(also' told >&2 || true
echo "sent     $packets packets, $sessions sessions, $deaths refused"
echo "told     $(tail -n 1 told | cut -d';' -f1), $told sessions, $died died"
echo "idle     $idle clock ticks of 1/$(getconf CLK_TCK) s in 30 s"
failed=0
fail() { echo "FAILED: $*"; failed=1; }
if ! grep -q 'none dropped' told; then
    echo "packets were dropped: totals can only be smaller"
    [ "$told" -le "$sessions" ] || fail "more sessions than were sent"
elif [ "$told" != "$sessions" ]; then
    fail "$told sessions told, $sessions sent"
fi
[ "$idle" -le 60 ] || fail "a quiet line takes more than 2 % of a processor"
# The second half against the first: memory and files may not grow any more.
awk '{ rss[NR] = $2; files[NR] = $3 }
     END {
         for (i = 1; i <= NR; i++) { if (i * 2 <= NR) { if (rss[i] > a) a = rss[i]; f = files[i] > f ? files[i] : f }
                                     else { if (rss[i] > b) b = rss[i]; g = files[i] > g ? files[i] : g } }
         printf "RSS, most  first half %d KiB, second half %d KiB; files %d, %d\n", a, b, f, g
         exit !(NR < 8 || (b <= a * 1.1 && g <= f)) }' table || fail "memory or open files keep growing"
exit "$failed"
