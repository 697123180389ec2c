#!/bin/sh
# usage: abi_check.sh LIBRARY.so HEADER SONAME
# The shared library gives away what the public header names and nothing else, under the soname of its minor version.
set -eu
library=$1 header=$2 soname=$3
complain() { echo "abi_check: $*" >&2; exit 1; }

given=$(nm -D --defined-only "$library" | awk '$2 ~ /[A-Z]/ {print $3}' | sort -u)
# Names in the header: a declaration is GP_API ... gp_name( over one line or more.
named=$(grep -v '^#' "$header" | tr '\n' ' ' | grep -o 'GP_API[^;]*' | sed -n 's/^GP_API[^(]*[ *]\(gp_[a-z0-9_]*\)(.*/\1/p' | sort -u)
[ -n "$named" ] || complain "no function in $header"
[ "$given" = "$named" ] || complain "the library gives away: $given; the header names: $named"
objdump -p "$library" | grep -q "SONAME *$soname\$" || complain "the soname is not $soname: $(objdump -p "$library" | grep SONAME)"
echo "abi_check: $(echo "$named" | wc -l) functions, $soname"
