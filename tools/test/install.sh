#!/usr/bin/env bash
# Installs what the tests need on Debian or Ubuntu; without root or sudo it prints the one line to run.
set -euo pipefail

need=()
want() { # want PACKAGE COMMAND…: any of the commands is enough
  local package=$1
  shift
  for c in "$@"; do
    if command -v "$c" >/dev/null 2>&1 || [ -e "$c" ]; then return; fi
  done
  need+=("$package")
}
postgres=(/usr/lib/postgresql/*/bin/postgres)
want gcc gcc
want libc6-dev /usr/include/stdio.h
want default-jre-headless java
want chromium chromium chromium-browser
want postgresql "${postgres[0]}"
want qpdf qpdf
want poppler-utils pdftotext
want libxml2-utils xmllint
want make make

for c in go node npm; do
  command -v "$c" >/dev/null 2>&1 || { echo "Es fehlt: $c (Go 1.26 und Node 20 oder neuer werden vorausgesetzt)." >&2; exit 1; }
done
[ ${#need[@]} -eq 0 ] && exit 0

line="apt-get install -y --no-install-recommends ${need[*]}"
if [ "$(id -u)" = 0 ]; then sudo=(); elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo=(sudo -n)
else
  echo "Für die Tests fehlen Pakete. Bitte ausführen:" >&2
  echo "  sudo $line" >&2
  exit 1
fi
echo "Installiere: ${need[*]}"
"${sudo[@]}" apt-get -o DPkg::Lock::Timeout=600 update -q
# shellcheck disable=SC2086
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 ${line#apt-get }
