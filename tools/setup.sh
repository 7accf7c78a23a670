#!/usr/bin/env bash
# Makes .venv and installs one lock into it: tools/setup.sh runtime | dev | bench. `make` calls it when a lock has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

what=${1:?runtime, dev or bench}
venv=.venv
oldest='import sys; sys.exit(sys.version_info < (3, 11))'

fail() {
  echo "setup: $*" >&2
  exit 1
}

pick_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "$oldest" >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  fail "Python 3.11 or newer is needed. Install it, or name one: make setup PYTHON=/path/to/python3"
}

can_make_venv() {
  "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

make_venv() {
  local python
  python=$(pick_python)
  if ! can_make_venv "$python"; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
      echo "setup: installing python3-venv"
      { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-venv; } >/dev/null
    fi
    can_make_venv "$python" || fail "$python cannot make environments. On Debian and Ubuntu: apt-get install python3-venv"
  fi
  rm -rf "$venv"
  "$python" -m venv "$venv"
}

install() {
  "$venv/bin/python" -m pip --disable-pip-version-check --quiet install "$@"
}

# An environment that a removed or upgraded Python left behind cannot be mended, only made again.
"$venv/bin/python" -c "$oldest; import pip" >/dev/null 2>&1 || make_venv

case $what in
  runtime)
    echo "setup: installing the locked packages into $venv"
    install --require-hashes -r requirements/runtime.txt -r requirements/build.txt
    install --no-deps --no-build-isolation --editable .
    ;;
  dev | bench)
    echo "setup: installing the locked packages for $what into $venv"
    install --require-hashes -r "requirements/$what.txt"
    ;;
  *) fail "runtime, dev or bench, not $what" ;;
esac
touch "$venv/.$what"
