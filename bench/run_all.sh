#!/usr/bin/env bash
# Builds and runs every benchmark and the comparison with the peers, and prints the tables of
# docs/performance.md. The JSON files stay in OUT. Takes about five minutes on two cores; the machine should
# be idle otherwise.
#   bench/run_all.sh [OUT]
set -euo pipefail
root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/scripts/packages.sh"
out=${1:-$root/build/bench}
build=$root/build/release
topics=(matmul convolution elementwise dispatch step fit start planning embedding sorting baked)

install_packages
quietly cmake -S "$root" --preset release || die "configuring failed, see above"
quietly cmake --build "$build" --target "${topics[@]/#/bench_}" || die "building failed, see above"
mkdir -p "$out"
for topic in "${topics[@]}"; do
  say "bench_$topic"
  quietly "$build/bench/bench_$topic" --benchmark_min_time=0.2 --benchmark_out="$out/bench-$topic.json" ||
    die "bench_$topic failed, see above"
done
say "peers"
"$root/bench/peers/run.sh" "$out" >"$out/peers.md"
/usr/bin/python3 "$root/bench/tables.py" "$out" "${topics[@]}"
