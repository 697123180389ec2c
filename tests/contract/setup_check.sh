#!/bin/sh
# usage: setup_check.sh SOURCE_DIR
# scripts/setup on machines that are not this one: stand-ins for dpkg-query, apt-get, sudo and id say what is there.
set -eu
setup=$1/scripts/setup
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
complain() { echo "setup_check: $*" >&2; cat "$scratch/out" >&2; exit 1; }

# A machine: MISSING lists packages that are not installed, USER_ID who we are, HAS which stand-ins exist.
machine() {
  rm -rf "${scratch:?}/bin"
  mkdir "$scratch/bin"
  for tool in sh dirname basename sed tr fmt cat env; do ln -s "$(command -v $tool)" "$scratch/bin/$tool"; done
  : >"$scratch/calls"
  for tool in $HAS; do
    case $tool in
      dpkg-query) body="for last; do :; done; case ' $MISSING ' in *\" \$last \"*) exit 1 ;; *) printf installed ;; esac" ;;
      apt-get) body="echo \"apt-get \$*\" >>'$scratch/calls'; exit ${APT_EXIT:-0}" ;;
      sudo) body="echo sudo >>'$scratch/calls'; exec \"\$@\"" ;;
      id) body="echo $USER_ID" ;;
    esac
    printf '#!/bin/sh\n%s\n' "$body" >"$scratch/bin/$tool"
    chmod +x "$scratch/bin/$tool"
  done
}
try() {
  wanted=$1
  shift
  status=0
  PATH=$scratch/bin "$setup" "$@" >"$scratch/out" 2>&1 || status=$?
  [ "$status" -eq "$wanted" ] || complain "exit $status instead of $wanted: setup $*"
}
called() { grep -q -- "$1" "$scratch/calls" || complain "apt-get was not called with '$1'"; }
said() { grep -q -- "$1" "$scratch/out" || complain "did not say '$1'"; }
everything='dpkg-query apt-get sudo id'

HAS=$everything MISSING='' USER_ID=0 machine; try 0 --tests
[ ! -s "$scratch/calls" ] || complain "nothing is missing and yet apt-get ran"
HAS=$everything MISSING='libyaml-dev libcriterion-dev' USER_ID=0 machine; try 0
called '^apt-get install .*libyaml-dev$'; said 'missing: libyaml-dev$'
try 0 --tests; called 'libyaml-dev libcriterion-dev'
try 1 --dry-run --tests; said 'missing: libyaml-dev libcriterion-dev'
HAS=$everything MISSING='gnuplot-nox pkg-config' USER_ID=0 machine; try 0 # another package of the same use is there
[ ! -s "$scratch/calls" ] || complain "installed gnuplot-nox beside another gnuplot"
HAS=$everything MISSING='cmake' USER_ID=1000 machine; try 0; called sudo; called 'install .* cmake'
HAS='dpkg-query apt-get id' MISSING='cmake' USER_ID=1000 machine; try 2; said 'apt-get install cmake'
HAS=$everything MISSING='cmake' USER_ID=0 APT_EXIT=100 machine; try 1; said 'could not install: cmake'
HAS='id' MISSING='' USER_ID=0 machine; try 2; said 'made for Debian 12'
try 2 --nonsense; said 'unknown argument'
try 0 --help; said '^usage: scripts/setup'
echo "setup_check: all checks passed"
