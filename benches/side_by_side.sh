#!/usr/bin/env bash
# CPU (user + system, whole process, median of 5, in turns) of rdpwhy and its neighbours over the same captures.
#
#   benches/side_by_side.sh FILE...      pcap files, Ethernet; without any, workloads are made first (3 GB)
#
# A program that is not installed is left out, and named (Debian has Suricata among its backports). RDPWHY=... measures another
# build. Suricata writes only its records of RDP, TLS and flows.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=5
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cargo build --release --quiet --bins --example workload
cargo build --release --quiet --bench floor
rdpwhy=${RDPWHY:-target/release/rdpwhy}
floor=$(find target/release/deps -maxdepth 1 -name 'floor-*' -type f -perm -u+x -printf '%T@ %p\n' | sort -rn | head -n 1 | cut -d ' ' -f 2)

if [ $# -eq 0 ]; then
    for kind in bulk storm needle nasty tiny; do
        [ -e "target/workloads/$kind.pcap" ] && continue
        mkdir -p target/workloads
        target/release/examples/workload "$kind" "target/workloads/$kind.pcap" "target/workloads/$kind.jsonl"
    done
    set -- target/workloads/{bulk,storm,needle,nasty,tiny}.pcap
fi

names=("floor (b)" "rdpwhy -q" "rdpwhy --json" "tshark fields" "suricata" "tcpdump -w")

# What each row runs; {} is the file.
run() {
    case $1 in
        "floor (b)") "$floor" --floor "$2" ;;
        "rdpwhy -q") "$rdpwhy" -q "$2" ;;
        "rdpwhy --json") "$rdpwhy" --json "$2" ;;
        "tshark fields")
            tshark -n -r "$2" -Y 'rdp or tls.handshake or tls.alert_message or tcp.flags.reset == 1' -T fields \
                -e frame.number -e tcp.stream -e rdp.neg_type -e tls.handshake.type -e x509sat.printableString \
                -e x509af.notAfter -e tls.alert_message.desc -e tcp.flags.reset
            ;;
        "suricata")
            suricata -c benches/suricata.yaml -S /dev/null -r "$2" -l "$scratch" -k none --runmode single
            ;;
        "tcpdump -w") tcpdump -r "$2" -w /dev/null 'tcp port 3389' ;;
    esac
}

installed() {
    case $1 in
        tshark*) command -v tshark ;;
        suricata) command -v suricata ;;
        tcpdump*) command -v tcpdump ;;
        *) true ;;
    esac > /dev/null
}

# CPU seconds of one run.
TIMEFORMAT='%U %S'
once() {
    # A verdict makes the exit code 1; that is no failure here.
    { time run "$1" "$2" > "$scratch/out" 2> "$scratch/err" || true; } 2>&1 | tail -n 1 | awk '{ printf "%.3f\n", $1 + $2 }'
}

median() { sort -n "$1" | sed -n "$(((rounds + 1) / 2))p"; }

for file; do
    echo
    printf '%-16s %10s %10s   %s\n' "$(basename "$file")" 'CPU s' 'x floor' "$(stat -c %s "$file") bytes"
    index=0
    for name in "${names[@]}"; do
        : > "$scratch/$index"
        index=$((index + 1))
    done
    for ((round = 0; round < rounds; round++)); do
        index=0
        for name in "${names[@]}"; do
            # The slow ones are slow enough to be known from one run.
            if installed "$name" && { [ "$round" -eq 0 ] || ! [[ $name =~ ^(tshark|suricata) ]]; }; then
                once "$name" "$file" >> "$scratch/$index"
            fi
            index=$((index + 1))
        done
    done
    index=0
    for name in "${names[@]}"; do
        if ! installed "$name"; then
            printf '%-16s %10s\n' "$name" 'not there'
        else
            [ "$(wc -l < "$scratch/$index")" -eq 1 ] && seconds=$(cat "$scratch/$index") || seconds=$(median "$scratch/$index")
            least=$(median "$scratch/0")
            awk -v name="$name" -v seconds="$seconds" -v least="$least" 'BEGIN {
                ratio = least > 0 ? sprintf("%.2f", seconds / least) : "-"
                printf "%-16s %10.3f %10s\n", name, seconds, ratio
            }'
        fi
        index=$((index + 1))
    done
done
