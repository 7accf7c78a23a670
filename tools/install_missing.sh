#!/usr/bin/env bash
# Installs what the tests drive and this machine lacks, where it can; names what it cannot, and leaves those tests to skip.
set -euo pipefail
cd "$(dirname "$0")/.."

apt_is_fresh=

apt_install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
  if [ -z "$apt_is_fresh" ]; then
    apt-get update >/dev/null 2>&1 || return 1
    apt_is_fresh=yes
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1
}

missing() {
  echo "missing: $1. The tests that drive it are skipped (with CI=true they fail)." >&2
}

# Node.js and npm verify the webhook signature with a second, independent implementation.
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
  echo "installing Node.js and npm"
  apt_install nodejs npm || true
fi
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
  missing "Node.js with npm"
elif [ ! tests/npm/node_modules/.package-lock.json -nt tests/npm/package-lock.json ]; then
  echo "installing the npm packages of tests/npm"
  npm ci --prefix tests/npm --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null || missing "the npm packages of tests/npm"
  [ ! -f tests/npm/node_modules/.package-lock.json ] || touch tests/npm/node_modules/.package-lock.json
fi

# pdftotext reads the documents that we make with an independent program.
if ! command -v pdftotext >/dev/null 2>&1; then
  echo "installing pdftotext"
  apt_install poppler-utils || missing "pdftotext (poppler-utils)"
fi

# Prometheus and promtool read the metrics and the alert rules as they will be read.
if ! command -v promtool >/dev/null 2>&1 || ! command -v prometheus >/dev/null 2>&1; then
  echo "installing Prometheus"
  apt_install prometheus || missing "Prometheus with promtool"
fi

# A real Alertmanager takes the alerts of the channel that speaks to one.
if ! command -v prometheus-alertmanager >/dev/null 2>&1; then
  echo "installing Prometheus Alertmanager"
  apt_install prometheus-alertmanager || missing "prometheus-alertmanager"
fi

# curl follows the how-tos as their readers do.
if ! command -v curl >/dev/null 2>&1; then
  echo "installing curl"
  apt_install curl || missing "curl"
fi

# strace kills a process in the middle of a commit.
if ! command -v strace >/dev/null 2>&1; then
  echo "installing strace"
  apt_install strace || missing "strace"
fi

# gcc builds the recorder of what a process writes to its disk, which power cuts are replayed from.
if ! command -v gcc >/dev/null 2>&1 || [ ! -f /usr/include/stdio.h ]; then
  echo "installing gcc"
  apt_install gcc libc6-dev || missing "gcc"
fi
