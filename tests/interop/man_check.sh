#!/bin/sh
# usage: man_check.sh GRADPATH
# The manual pages as the readers of manual pages see them: no warning from mandoc or groff, the name line that whatis wants, and
# nothing lost on the way from the tables. Exit 77 where none of the readers is installed.
set -eu
program=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
complain() { echo "man_check: $*" >&2; exit 1; }

command -v mandoc >/dev/null || command -v groff >/dev/null || { echo "skipped: neither mandoc nor groff is installed"; exit 77; }
SOURCE_DATE_EPOCH=0 "$program" help --man-pages "$scratch/a"
SOURCE_DATE_EPOCH=0 "$program" help --man-pages "$scratch/b"
diff -r "$scratch/a" "$scratch/b" || complain "two writings differ"
count=0
for page in "$scratch"/a/man?/*; do
  name=$(basename "$page"); name=${name%.?}
  count=$((count + 1))
  if command -v mandoc >/dev/null; then
    mandoc -Tlint -W warning "$page" >"$scratch/lint" || complain "mandoc: $(cat "$scratch/lint")"
    mandoc -Tutf8 "$page" | sed 's/.\x08//g' >"$scratch/text"
    grep -q "^ *$name . " "$scratch/text" || complain "$name has no name line"
  fi
  if command -v groff >/dev/null; then
    groff -ww -man -Tutf8 "$page" 2>"$scratch/groff" >/dev/null
    [ ! -s "$scratch/groff" ] || complain "groff: $name: $(head -3 "$scratch/groff")"
  fi
done
[ $count -ge 30 ] || complain "only $count pages"
# Every flag of the help stands in the page, as it is typed.
if command -v mandoc >/dev/null; then
  mandoc -Tutf8 "$scratch/a/man1/gradpath-run.1" | sed 's/.\x08//g' >"$scratch/text"
  for flag in $("$program" run --help | grep -o -- '--[a-z-]*'); do
    grep -q -- "$flag" "$scratch/text" || complain "gradpath-run.1 does not know $flag"
  done
  "$program" help show --man | mandoc >/dev/null || complain "help show --man"
fi
[ "$("$program" help --man | head -c 3)" = ".TH" ] || complain "help --man"
[ "$("$program" help config --man | sed -n 3p)" = 'gradpath\-config \- how a sweep is written' ] || complain "help config --man"
echo "man_check: $count pages"
