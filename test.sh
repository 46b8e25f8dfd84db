#!/bin/sh
# Everything that must hold before a change is accepted. The last lines are the test runner's own summary.
# A shell script and no Makefile, because a fresh Debian has a shell and no make.
set -eu
cd "$(dirname "$0")"

say() {
    printf '\n== %s\n' "$1"
}

sh .ci/need-libpcap.sh

say "formatting"
cargo fmt --all -- --check

say "clippy, with warnings as errors"
cargo clippy --locked --all-targets --all-features -- -D warnings

say "without default features: no C library needed"
cargo clippy --locked --no-default-features --all-targets -- -D warnings
cargo build --locked --no-default-features

say "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --all-features
cargo test --locked --all-features --doc

say "tests"
cargo test --locked --all-features --lib --bins --tests
