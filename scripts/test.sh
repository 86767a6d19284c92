#!/usr/bin/env bash
# Installs missing packages, builds with warnings as errors and runs every test under the Vulkan validation layers; a
# missing Vulkan device is a failure. Arguments are passed to ctest: scripts/test.sh -R matmul
# scripts/test.sh --quick skips tests that train, compare with peers or check every operation.
set -euo pipefail
root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/scripts/packages.sh"

selection=()
if [ "${1:-}" = --quick ]; then
  shift
  selection=(--exclude-regex '^(trainer|accuracy|install|leaving|fuzz)$|^(examples|bench|check_op): |^random graphs of|^memory: steps')
fi
if [ "${HEKLA_REQUIRE_PYTORCH:-}" = 1 ] || [ "${HEKLA_REQUIRE_PEERS:-}" = 1 ]; then
  packages+=("${judge_packages[@]}")
fi
install_packages
if [ "${HEKLA_REQUIRE_PEERS:-}" = 1 ] && [ -z "${HEKLA_PEERS:-}" ]; then
  make_peers "$root/build/peers"
fi
build=$root/build/dev
cmake -S "$root" --preset dev
cmake --build "$build" --parallel "$(processors)"
export HEKLA_VALIDATE=1 HEKLA_REQUIRE_DEVICE=1
# As many tests as there are processors run in parallel. Each is quicker on one processor of its own than with threads
# on all.
export HEKLA_PIN=0
exec ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel "$(processors)" "${selection[@]}" "$@"
