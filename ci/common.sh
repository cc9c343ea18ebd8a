# Sourced by every step: strict mode, the repository root as working directory, and three words to speak with.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
trap 'exit 130' INT
trap 'exit 143' TERM

# Exit codes follow the program's: 2 usage, 5 environment.
readonly exit_usage=2 exit_environment=5

say() { printf '== %s\n' "$*"; }

die() {  # die CODE MESSAGE
  printf '%s: %s\n' "${0##*/}" "$2" >&2
  exit "$1"
}
