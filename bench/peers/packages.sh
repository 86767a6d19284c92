# Sourced by run.sh: packages that the comparison needs besides hekla's own. No script of hekla installs them; a
# missing peer is named and skipped.

peer_packages=(python3-torch libdlib-dev libopenblas-dev)

missing_peer_packages() {
  local package
  for package in "${peer_packages[@]}"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || printf '%s\n' "$package"
  done
}
