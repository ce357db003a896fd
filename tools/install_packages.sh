#!/usr/bin/env bash
# Installs what is missing of the named sections of packages.txt: tools/install_packages.sh build [test] [bench].
# With nothing missing it asks only dpkg's own database and returns at once.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
list=${TOKENPLANE_PACKAGES:-$root/packages.txt}

usage() {
  echo "usage: tools/install_packages.sh [--list] build|test|bench..." >&2
  exit 2
}

list_only=0
if [ "${1:-}" = --list ]; then
  list_only=1
  shift
fi
[ $# -gt 0 ] || usage

# The entries of one section, comments and blanks removed.
section() {
  awk -v want="[$1]" '
    { sub(/#.*/, ""); gsub(/[ \t]+/, "") }
    /^\[/ { inside = ($0 == want); found = found || inside; next }
    inside && $0 != "" { print }
    END { exit !found }' "$list"
}

entries=()
for name in "$@"; do
  if ! wanted=$(section "$name"); then
    echo "install_packages: packages.txt has no section [$name]" >&2
    usage
  fi
  mapfile -t -O "${#entries[@]}" entries <<<"$wanted"
done

packages=()
for entry in "${entries[@]}"; do
  if [[ $entry == *"|"* ]] && command -v "${entry#*|}" >/dev/null 2>&1; then
    continue
  fi
  packages+=("${entry%%|*}")
done

declare -A installed=()
while read -r package status; do
  [ "$status" = installed ] && installed[$package]=1
done < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true)

missing=()
for package in "${packages[@]}"; do
  [ -n "${installed[$package]:-}" ] || missing+=("$package")
done

if [ $list_only = 1 ]; then
  printf '%s\n' "${missing[@]}"
  exit 0
fi
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=(env)
elif command -v sudo >/dev/null 2>&1; then
  as_root=(sudo env)
else
  echo "install_packages: these packages are missing: ${missing[*]}" >&2
  echo "install_packages: become root or install sudo, then run this again (or: apt-get install ${missing[*]})" >&2
  exit 1
fi

echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
