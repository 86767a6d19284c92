# Sourced by run.sh: what the comparison needs beside hekla's own packages. Nothing of it is installed by a script of
# hekla's; a peer that is missing is left out and named.

peer_packages=(python3-torch libdlib-dev libopenblas-dev)

missing_peer_packages() {
  local package
  for package in "${peer_packages[@]}"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || printf '%s\n' "$package"
  done
}
