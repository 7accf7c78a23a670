#!/usr/bin/env bash
# Walks the releases of a real package through the gate, in a database of its own: walk.sh [FOLDER]
#
# Wants `stillframe` on the PATH, and FOLDER to be empty or absent (by default a temporary one). Ends with 0 when every
# release went through the gate as it should: the first is taken in as it is, 2.2.0 is refused, all others pass.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-$(mktemp -d)}
project=itsdangerous
profile=$here/release.toml
first=1.1.0
passing=(2.0.0 2.0.1 2.1.0 2.1.1 2.1.2)
refused=2.2.0
# The folder that ruff was run in, as its reports name it.
root=/project

say() {
  printf '\n\033[1m$ %s\033[0m\n' "$*"
}

run() {
  say "$@"
  "$@"
}

# Fills `reports` with one --report for each report of a release.
reports_of() {
  local file
  reports=()
  for file in "$here/reports/$1"/*; do
    reports+=(--report "$file")
  done
}

# Asks the gate about a release, and insists on the exit code that it should have.
check() {
  local version=$1 expected=$2 code=0
  reports_of "$version"
  say "stillframe release check --project $project --profile release.toml --source-ref $version --report reports/$version/*"
  stillframe release check --project "$project" --profile "$profile" --source-ref "$version" --root "$root" \
    "${reports[@]}" || code=$?
  if [[ $code -ne $expected ]]; then
    echo "walk: the gate ended with $code for $version, and should have ended with $expected" >&2
    exit 1
  fi
}

mkdir -p "$folder"
cd "$folder"
if [[ -n $(ls -A) ]]; then
  echo "walk: $folder is not empty" >&2
  exit 2
fi
cat > stillframe.toml <<'TOML'
[compliance]
denied_licences = ["AGPL-3.0-only", "AGPL-3.0-or-later", "SSPL-1.0"]
TOML

run stillframe group create pallets
run stillframe project create "$project" --group pallets

reports_of "$first"
say "stillframe dashboard snapshot create --project $project --source-ref $first --report reports/$first/*"
stillframe dashboard snapshot create --project "$project" --source-ref "$first" --root "$root" "${reports[@]}"

for version in "${passing[@]}"; do
  check "$version" 0
done

run stillframe dashboard health "$project"
run stillframe dashboard trends "$project" --metric audit.score --metric audit.high --metric quality.coverage.line \
  --metric quality.documentation --metric quality.complexity

check "$refused" 1

# What was refused never was the project's state, so it is refused again.
check "$refused" 1
run stillframe dashboard trends "$project" --metric audit.high
run stillframe release history --project "$project"

echo
echo "The database of this walk is in $folder"
