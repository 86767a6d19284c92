#!/usr/bin/env bash
# Installs missing packages, builds (Release) and runs the Fashion-MNIST program, which trains when it gets no
# arguments. Arguments are passed to it; try --help.
set -euo pipefail
root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/scripts/packages.sh"

install_packages
build=$root/build/release
[ -x "$build/examples/fashion_mnist/fashion_mnist" ] || say "building in $build (once; some minutes)"
quietly cmake -S "$root" --preset release -DHEKLA_BUILD_EXAMPLES=ON || die "configuring failed, see above"
quietly cmake --build "$build" --target fashion_mnist --parallel "$(processors)" || die "building failed, see above"
exec "$build/examples/fashion_mnist/fashion_mnist" "$@"
