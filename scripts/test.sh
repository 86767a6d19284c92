#!/usr/bin/env bash
# Installs what is missing, builds with warnings as errors and runs every test on a device that must be there,
# under the Vulkan validation layers. Arguments go to ctest: scripts/test.sh -R matmul
# scripts/test.sh --quick leaves out what trains, compares with peers or checks every operation.
set -euo pipefail
root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/scripts/packages.sh"

selection=()
if [ "${1:-}" = --quick ]; then
  shift
  selection=(--exclude-regex '^(trainer|accuracy|install|leaving|fuzz)$|^(examples|bench|check_op): |^random graphs of|^memory: steps')
fi
if [ "${HEKLA_REQUIRE_PYTORCH:-}" = 1 ]; then
  packages+=("${judge_packages[@]}")
fi
install_packages
build=$root/build/dev
cmake -S "$root" --preset dev
cmake --build "$build" --parallel "$(processors)"
export HEKLA_VALIDATE=1 HEKLA_REQUIRE_DEVICE=1
# As many tests as processors run at a time: on one each they are quicker than if each had threads on all.
export HEKLA_PIN=0
exec ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel "$(processors)" "${selection[@]}" "$@"
