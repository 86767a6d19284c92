# Sourced by the other scripts: the only list of packages that hekla needs, and install_packages, which
# installs them.

packages=(
  build-essential cmake ninja-build
  libvulkan-dev libvulkan-volk-dev glslang-dev glslang-tools spirv-tools
  libfmt-dev doctest-dev zlib1g-dev libzip-dev libcli11-dev libstb-dev libbenchmark-dev nlohmann-json3-dev gnuplot-nox
  mesa-vulkan-drivers vulkan-validationlayers vulkan-tools
  dataset-fashion-mnist
)

# What some tests compare with; those tests are skipped with a message where it is missing.
judge_packages=(python3-torch python3-torchvision python3-venv libonnx-testdata g++-aarch64-linux-gnu g++-riscv64-linux-gnu qemu-user)

say() { printf 'hekla: %s\n' "$*" >&2; }

die() {
  say "$@"
  exit 1
}

# Runs a command silently; shows what it printed only when it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [ "$status" -ne 0 ]; then
    cat "$log" >&2
  fi
  rm -f "$log"
  return "$status"
}

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || printf '%s\n' "$package"
  done
}

# Without apt the installed packages are unknown: only the tools can be checked, and CMake names the first library it
# does not find.
check_tools() {
  local tool absent=()
  for tool in cmake ninja c++; do
    command -v "$tool" >/dev/null || absent+=("$tool")
  done
  if [ "${#absent[@]}" -gt 0 ]; then
    say "this system has no apt-get, and these tools are missing: ${absent[*]}"
    die "install what corresponds to these Debian packages: ${packages[*]}"
  fi
  say "this system has no apt-get; going on, as the tools are there. If the build misses something, install what"
  say "corresponds to these Debian packages: ${packages[*]}"
}

install_packages() {
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    check_tools
    return
  fi
  local missing=() as_root=()
  mapfile -t missing < <(missing_packages)
  if [ "${#missing[@]}" -eq 0 ]; then
    return
  fi
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "as root, run: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing with ${as_root[*]:+${as_root[*]} }apt-get: ${missing[*]}"
  # Asks for the password here, since `quietly` below would hide the prompt.
  if [ "${#as_root[@]}" -gt 0 ]; then
    sudo -v || die "sudo was refused; as root, run: apt-get install ${missing[*]}"
  fi
  quietly "${as_root[@]}" apt-get update || say "apt-get update failed; trying with the package lists at hand"
  quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "${missing[@]}" || die "apt-get install failed, see above"
}

# A virtual environment with what tests compare with and Debian does not have.
make_peers() {
  if "$1/bin/python" -c 'import numpy, onnx, onnxruntime; assert onnx.__version__ == "1.19.1"' 2>/dev/null; then
    return
  fi
  say "making the virtual environment $1"
  quietly python3 -m venv "$1" || die "python3 -m venv failed, see above"
  quietly "$1/bin/pip" install onnx==1.19.1 onnxruntime numpy || die "pip failed, see above"
}

processors() { getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2; }
