# shellcheck shell=sh disable=SC2034 # the variables are for the scripts that source this
# Shared by the scripts of this folder (sourced, not run). POSIX sh.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
name=$(basename -- "$0")

say() { printf '%s\n' "$*"; }
warn() { printf '%s: %s\n' "$name" "$*" >&2; }

# A usage error: message, pointer to --help, exit 2.
usage_error() {
  warn "$*"
  warn "try: scripts/$name --help"
  exit 2
}

# help FILE: the comment block at the top of the script is its help.
help() { sed -n '2,/^[^#]/{/^#/!d;s/^# \{0,1\}//;p;}' "$1"; }

# step LABEL COMMAND...: runs the command with its output in build/log/LABEL.log; prints one line with the time, and on
# failure the end of the log. The command's exit status is returned.
step() {
  label=$1
  shift
  mkdir -p "$root/build/log"
  log=$root/build/log/$(printf '%s' "$label" | tr ' /' '--').log
  began=$(date +%s)
  result=0
  ("$@") >"$log" 2>&1 </dev/null || result=$?
  took=$(($(date +%s) - began))
  if [ "$result" -eq 0 ]; then
    printf '%-34s ok      %4d s\n' "$label" "$took"
  else
    printf '%-34s FAILED  %4d s   (exit %d, %s)\n' "$label" "$took" "$result" "${log#"$root"/}"
    say "---- the end of its output:"
    grep -v '^\[[0-9]*/[0-9]*\] ' "$log" | tail -n 60 # without the lines of what compiled well
    say "----"
  fi
  return "$result"
}
