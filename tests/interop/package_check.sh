#!/bin/sh
# usage: package_check.sh BUILD_DIR
# Makes the packages, unpacks them into a scratch root and uses the program from there, as a stranger would. Lets lintian look at
# them where it is installed. Exit 77 where there is no dpkg.
set -eu
build=$1
command -v dpkg-deb >/dev/null && command -v dpkg-shlibdeps >/dev/null || { echo "skipped: no dpkg here"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
complain() { echo "package_check: $*" >&2; exit 1; }

(cd "$build" && cpack -B "$scratch/packages" -G 'DEB;TGZ') >"$scratch/cpack.log" 2>&1 || { cat "$scratch/cpack.log"; complain "cpack"; }
cd "$scratch"
field() { dpkg-deb -f "$1" "$2"; }
program=$(ls packages/gradpath_*.deb) development=$(ls packages/libgradpath-dev_*.deb)

# What it needs is named; nobody can install it half.
for library in libc6 libhdf5 libyaml libxxhash zlib1g libgomp1 'gnuplot-nox | gnuplot'; do
  field "$program" Depends | grep -q "$library" || complain "gradpath does not depend on $library: $(field "$program" Depends)"
done
if field "$program" Depends | grep -q openmpi; then complain "gradpath depends on MPI; its module is a package of its own"; fi
field "$development" Depends | grep -q libhdf5-dev || complain "libgradpath-dev depends on: $(field "$development" Depends)"
for package in packages/*.deb; do
  [ -n "$(field "$package" Description)" ] && [ -n "$(field "$package" Maintainer)" ] || complain "$package says nothing of itself"
done

root=$scratch/root
for package in packages/*.deb; do dpkg -x "$package" "$root"; done
for file in bin/gradpath include/gradpath.h share/man/man1/gradpath.1.gz share/man/man1/gradpath-run.1.gz \
  share/man/man7/gradpath-config.7.gz share/bash-completion/completions/gradpath share/zsh/vendor-completions/_gradpath \
  share/gradpath/configs/smoke.yaml share/doc/gradpath/copyright \
  share/doc/gradpath/result-files.md share/doc/libgradpath-dev/copyright; do
  [ -s "$root/usr/$file" ] || complain "/usr/$file is missing"
done
ls "$root"/usr/share/doc/gradpath/experiments/*/README.md >/dev/null || complain "no README of a study"
if command -v man >/dev/null; then
  man -l "$root/usr/share/man/man1/gradpath.1.gz" >page.txt 2>page.err || complain "man: $(cat page.err)"
  grep -q "gradient flow" page.txt || complain "man shows something else"
fi

# The smoke study, in an empty home and an empty folder, with nothing but what was installed.
mkdir home empty
cd empty
run() { env -i HOME="$scratch/home" PATH="$root/usr/bin:/usr/bin:/bin" "$@"; }
run gradpath run smoke || complain "run smoke"
[ -s results/smoke.h5 ] || complain "run smoke wrote no file"
run gradpath show results/smoke.h5 | grep -q "36 done" || complain "show"
run gradpath plot results/smoke.h5 --format svg -o charts || complain "plot"
ls charts/*.svg >/dev/null || complain "plot drew nothing"
run gradpath verify results/smoke.h5 --runs 2 || complain "verify"
run gradpath watch results/smoke.h5 --once | grep -q finished || complain "watch"
if [ -e "$root/usr/lib/gradpath" ] || ls "$root"/usr/lib/*/gradpath/gradpath-mpi* >/dev/null 2>&1; then echo "with MPI"; fi
cd ..

# The archive holds the same program, under one folder.
mkdir archive
tar -xzf packages/gradpath-*.tar.gz -C archive
binary=$(find archive -path '*/bin/gradpath')
cmp "$binary" "$root/usr/bin/gradpath" || complain "the archive holds another program"
find archive -name gradpath.h | grep -q . || complain "the archive holds no header"

if command -v lintian >/dev/null; then
  # Left as they are: the address is for who distributes the packages (GRADPATH_CONTACT), and so is a bug number in Debian; CPack
  # has ldconfig called for any shared object; a build for /usr/local has no multiarch folder for its .pc file.
  lintian --allow-root --fail-on error,warning --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog,\
initial-upload-closes-no-bugs,maintscript-calls-ldconfig,pkg-config-unavailable-for-cross-compilation packages/*.deb ||
    complain "lintian"
else
  echo "lintian is not installed: not asked"
fi
echo "package_check: all checks passed"
