#!/usr/bin/env bash
# Installs what is missing, builds with warnings as errors and runs every test on a device that must be there,
# under the Vulkan validation layers. Arguments go to ctest: scripts/test.sh -R matmul
set -euo pipefail
root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/scripts/packages.sh"

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
exec ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel "$(processors)" "$@"
