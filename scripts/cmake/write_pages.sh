#!/bin/sh
# usage: write_pages.sh PROGRAM DIR
# Has the program write its manual pages (compressed, as installed) and its completions into DIR.
set -eu
program=$1 out=$2
rm -rf "$out"
mkdir -p "$out"
"$program" help --man-pages "$out/man"
gzip -9n "$out"/man/man?/*
"$program" completion bash >"$out/gradpath"
"$program" completion zsh >"$out/_gradpath"
