#!/usr/bin/env bash
# The same training steps in hekla and its peers, alternating. Each round runs hekla with the default threads of its
# driver, on the submitting thread alone and on one worker, then every peer with 1 and 2 threads. Prints the best of
# all rounds and the ratios as a table; the JSON files stay in OUT.
#   bench/peers/run.sh [OUT] [ROUNDS] [SECONDS_PER_STEP_KIND]
set -euo pipefail
root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/scripts/packages.sh"
source "$root/bench/peers/packages.sh"
out=${1:-$root/build/bench}
rounds=${2:-3}
seconds=${3:-0.4}
build=$root/build/release

mapfile -t missing < <(missing_peer_packages)
if [ "${#missing[@]}" -gt 0 ]; then
  say "left out or slower than it can be, for want of: ${missing[*]}"
  say "to compare with every peer: apt-get install --no-install-recommends ${peer_packages[*]}"
fi
quietly cmake -S "$root" --preset release -DHEKLA_BUILD_PEERS=ON || die "configuring failed, see above"
quietly cmake --build "$build" --target bench_step || die "building failed, see above"
quietly cmake --build "$build" --target dlib_step || say "dlib's program was not built and is left out"

# Debian's OpenBLAS does not detect recent processors and would use its oldest kernels.
if grep -qm1 avx512f /proc/cpuinfo; then
  export OPENBLAS_CORETYPE=SkylakeX
fi

mkdir -p "$out"
rm -f "$out"/peer-*.json
for round in $(seq "$rounds"); do
  for threads in default 0 1; do
    lp=()
    [ "$threads" = default ] || lp=("LP_NUM_THREADS=$threads")
    quietly env "${lp[@]}" "$build/bench/bench_step" --benchmark_filter='^trainer/' --benchmark_min_time="$seconds" \
      --benchmark_out="$out/peer-hekla-$threads-$round.json" || die "bench_step failed, see above"
  done
  for threads in 1 2; do
    export OPENBLAS_NUM_THREADS=$threads OMP_NUM_THREADS=$threads
    # Debian's PyTorch package is installed for Debian's interpreter.
    if /usr/bin/python3 -c 'import torch' 2>/dev/null; then
      /usr/bin/python3 "$root/bench/peers/torch_step.py" "$threads" "$seconds" >"$out/peer-PyTorch-$threads-$round.json"
    fi
    if [ -x "$build/bench/peers/dlib_step" ]; then
      "$build/bench/peers/dlib_step" "$seconds" >"$out/peer-dlib-$threads-$round.json"
    fi
    unset OPENBLAS_NUM_THREADS OMP_NUM_THREADS
  done
done
exec /usr/bin/python3 "$root/bench/peers/ratios.py" "$out"
