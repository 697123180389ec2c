#!/bin/sh
# usage: install_check.sh BUILD_DIR SOURCE_DIR CC
# Installs into a scratch prefix and uses what was installed, from an empty folder, as a stranger would.
set -eu
build=$1 source=$2 compiler=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
prefix=$scratch/usr
mkdir "$scratch/empty"
cd "$scratch/empty"

complain() { echo "install_check: $*" >&2; exit 1; }

cmake --install "$build" --prefix "$prefix" >"$scratch/install.log" 2>&1 || { cat "$scratch/install.log"; complain "install"; }

# The program finds its own configs, and not because the source tree is still there.
"$prefix/bin/gradpath" --version
"$prefix/bin/gradpath" list activation | grep -q relu || complain "list names no relu"
"$prefix/bin/gradpath" run smoke -o smoke.h5 || complain "run smoke"
[ -s smoke.h5 ] || complain "run smoke wrote no file"
"$prefix/bin/gradpath" plot smoke.h5 --format svg -o charts || complain "plot"
ls charts/*.svg >/dev/null || complain "plot drew nothing"
if GRADPATH_DATA=$scratch/nowhere "$prefix/bin/gradpath" run smoke -o other.h5 2>message; then
  complain "GRADPATH_DATA was not used"
fi
mv "$prefix" "$scratch/moved"
"$scratch/moved/bin/gradpath" plan smoke >/dev/null || complain "an installation that was moved"
mv "$scratch/moved" "$prefix"

# Two ways to link. This prefix is not the one chosen when configuring, so the library must be told where its configs are.
export GRADPATH_DATA="$prefix/share/gradpath"
cmake -S "$source/tests/interop/consumer" -B by-cmake -DCMAKE_C_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$prefix" \
  >configure.log 2>&1 || { cat configure.log; complain "find_package"; }
cmake --build by-cmake >build.log 2>&1 || { cat build.log; complain "link through find_package"; }
by-cmake/consumer
rm consumer.h5
library=$(find "$prefix" -name libgradpath.a)
PKG_CONFIG_PATH=$(dirname "$library")/pkgconfig
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # flags are words
"$compiler" -Wall -Werror "$source/tests/interop/consumer/consumer.c" -o consumer \
  $(pkg-config --cflags --libs gradpath) -lm || complain "link through pkg-config"
./consumer
# The README's program, as it stands there: it runs the smoke study and says one line per run.
awk '/^```c$/ && ++found {inside = 1; next} /^```$/ {inside = 0} inside' "$source/README.md" \
  | awk '/^#include <gradpath.h>/ {from = 1} from' >example.c
grep -q 'int main' example.c || complain "the README has no C program"
"$compiler" -Wall -Wextra -Werror example.c -o example $(pkg-config --cflags --libs gradpath) -lm || complain "the README's program"
[ "$(./example | grep -c '^seed .*: gradient factor')" -gt 0 ] || complain "the README's program said nothing"
# Every symbol that the archive gives away is ours.
foreign=$(nm -g --defined-only "$library" 2>/dev/null | awk 'NF == 3 && $3 !~ /^gp_/ {print $3}' | sort -u)
[ -z "$foreign" ] || complain "symbols without the prefix gp_: $foreign"
echo "install_check: all checks passed"
