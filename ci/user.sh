#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# What a program gets that depends on nogil: nothing of the models in its Cargo.lock; and a library that builds with the oldest versions that Cargo.toml allows.
nogil=$PWD
user=$(mktemp -d)
trap 'rm -rf "$user"' EXIT
mkdir "$user/src"
cat >"$user/Cargo.toml" <<END
[package]
name = "user"
edition = "2024"
[dependencies]
nogil = { path = "$nogil" }
END
echo 'fn main() { nogil::Queue::unbounded().put("built").unwrap() }' >"$user/src/main.rs"
cd "$user"
cargo generate-lockfile --quiet

echo "in its Cargo.lock: $(sed -n 's/^name = "\(.*\)"/\1/p' Cargo.lock | grep -vx user | tr '\n' ' ')"
if grep -E '^name = "(loom|shuttle)"' Cargo.lock; then
    echo "broken: a user's Cargo.lock names what only the models need"
    exit 1
fi

# The oldest of each: `name = "1.2.3"` or `name = { version = "1.2.3", .. }`, the first of that name in our Cargo.toml.
oldest=
for name in crossbeam-epoch crossbeam-utils libc; do
    version=$(sed -n "s/^$name = .*\"\([0-9]*\.[0-9]*\.[0-9]*\)\".*/\1/p" "$nogil/Cargo.toml" | head -1)
    [ -n "$version" ] || { echo "broken: Cargo.toml names no version of $name in three parts"; exit 1; }
    cargo update --quiet --package "$name" --precise "$version"
    oldest="$oldest $name $version"
done
cargo run --quiet --target-dir "$nogil/target/user"
echo "built with the oldest:$oldest"
