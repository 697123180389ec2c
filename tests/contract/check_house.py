#!/usr/bin/python3
"""The rules of the house that a compiler does not check. Usage: check_house.py ROOT | --self-test

The build already stops a folder from including a header of a folder it does not link; this checks that what it links is
what DESIGN section 3 allows, and the rules about names, lengths, printing and elementary functions. --self-test breaks
every rule in a scratch tree and expects the complaint: a check that cannot fail is no check.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

LAW = {  # folder: folders whose headers it may include
    "core": "",
    "kernel": "core",
    "nn": "core kernel",
    "data": "core",
    "theory": "core nn",
    "probe": "core kernel nn",
    "train": "core kernel nn data probe",
    "store": "core",
    "study": "core data train store theory",
    "plot": "core store theory",
    "report": "core store theory study plot",
    "experiments": "core nn data train store theory study plot",
    "cli": "core kernel nn data theory probe train store study plot report experiments",
    ".": "core kernel nn data theory probe train store study plot report experiments",  # src/gradpath.c, the C interface
}
OUTSIDERS = [  # (header, the only folders that include it)
    (r"(hdf5|H5\w*|hdf5_hl)\.h", "store"),
    (r"yaml\.h", "study"),
    (r"mpi\.h", "study"),
    (r"omp\.h", "study cli"),
    (r"zlib\.h", "data store"),
    (r"xxhash\.h", "core data"),
    (r"Random123/.*", "core"),
    (r"(imm|xmm|emm|pmm|x86|arm_neon|avx).*\.h", "core kernel"),
]
LIBRARY = "core kernel nn data theory probe train store study plot report".split()
MEASURED = "core kernel nn data theory probe train".split()  # what reaches a measured number is our own code
PRINTS = re.compile(r"\b(printf|vprintf|puts|putchar|perror|exit|_exit|_Exit|quick_exit|abort)\s*\(|\b(stdout|stderr)\b")
LIBM = re.compile(r"(?<![\w.>])(exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|tan|sincos|sinh|cosh|tanh|asin|acos|atan|"
                  r"atan2|erf|erfc|cbrt|hypot|tgamma|lgamma)f?\s*\(")
ENDS_A_CHILD = {"apart.c"}  # library code that ends a process: one that it began
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
REPEATED_NAMES = {"CMakeLists.txt", "README.md", ".clang-tidy"}  # by convention one per folder
FUNCTION_LINES, FILE_LINES = 60, 600


def code_of(text):
    """The text without comments and the insides of strings, line structure kept."""
    def blank(match):
        found = match.group(0)
        return '""' if found[0] == '"' else "''" if found[0] == "'" else re.sub(r"[^\n]", " ", found)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def folder_of(path, root):
    parts = path.relative_to(root).parts
    if parts[0] == "src":
        return parts[1] if len(parts) > 2 else "."
    return parts[0]


def check_includes(path, folder, owners, text):
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if not match or folder not in LAW:
            continue
        header = match.group(2)
        for pattern, allowed in OUTSIDERS:
            if re.fullmatch(pattern, header) and folder not in allowed.split():
                yield f"{path}:{number}: {header} may only be included in {allowed}"
        owner = owners.get(header)
        if match.group(1) == '"' and owner not in (None, folder) and owner not in LAW[folder].split():
            yield f"{path}:{number}: {folder} may not include {header} of {owner}"


def check_words(path, folder, code):
    for number, line in enumerate(code.splitlines(), 1):
        if folder in LIBRARY and not line.lstrip().startswith("#") and (found := PRINTS.search(line)) and \
                path.name not in ENDS_A_CHILD:
            yield f"{path}:{number}: library code does not use {found.group(1) or found.group(2)}"
        if folder in MEASURED and (found := LIBM.search(line)):
            yield f"{path}:{number}: {found.group(1)} of libm differs between machines: use core/elementary.h"


def check_links(path, folder, text):
    for match in re.finditer(r"^\s*(?:gradpath_folder|target_link_libraries)\(([^)]*)\)", text, re.M):
        for dep in re.findall(r"\bgp_(\w+)", match.group(1)):
            if folder in LAW and dep != folder and dep not in LAW[folder].split():
                yield f"{path}: {folder} may not link gp_{dep}"


def check_functions(root, files):
    ctags = shutil.which("ctags")
    if not ctags:
        return
    names = [str(f) for f in files if f.suffix in (".c", ".h") and folder_of(f, root) != "kernel"]
    out = subprocess.run([ctags, "-x", "--kinds-C=f", "--fields=+ne", "--_xformat=%F:%n:%{end}:%N", "-L", "-"],
                         input="\n".join(names), text=True, capture_output=True, check=True).stdout
    for line in out.splitlines():
        path, start, end, name = line.rsplit(":", 3)
        if end and int(end) - int(start) + 1 > FUNCTION_LINES:
            yield f"{path}:{start}: {name} has {int(end) - int(start) + 1} lines, {FUNCTION_LINES} is the limit"


def check_map(root, files):
    """src/README.md names every file of src: `name` for name.h with name.c, or the whole name."""
    path = root / "src/README.md"
    text = path.read_text() if path.exists() else ""
    for file in files:
        if "src" in file.parts and file.suffix in (".c", ".h", ".inl"):
            if not re.search(rf"`({re.escape(file.name)}|{re.escape(file.stem)})`", text):
                yield f"{path}: does not name {file.name}"
    for name in re.findall(r"`(\w+\.(?:c|h|inl))`", text):
        if not any(file.name == name for file in files) and not name.startswith(("hdf5", "yaml")):
            yield f"{path}: names {name}, which is not there"


def check(root):
    """Every complaint about the tree at `root`, as text."""
    files = sorted(f for top in ("src", "tests", "experiments", "scripts") for f in (root / top).rglob("*")
                   if f.is_file() and "__pycache__" not in f.parts)
    owners = {f.name: folder_of(f, root) for f in files if f.suffix in (".h", ".inl") and "tests" not in f.parts}
    seen = {}
    for path in files:
        if path.name not in REPEATED_NAMES:
            if path.name in seen:
                yield f"{path}: the name is taken by {seen[path.name]}"
            seen[path.name] = path
        if path.name == "CMakeLists.txt" or path.suffix == ".cmake":
            text = path.read_text()
            yield from check_links(path, folder_of(path, root), text)
            if re.search(r"-ffast-math|-Ofast|-funsafe-math", text):
                yield f"{path}: fast-math changes numbers"
        if path.suffix not in (".c", ".h", ".inl"):
            continue
        text, folder = path.read_text(), folder_of(path, root)
        if text.count("\n") > FILE_LINES:
            yield f"{path}: has {text.count(chr(10))} lines, {FILE_LINES} is the limit"
        if found := UNFINISHED.search(text):
            yield f"{path}: says {found.group(1)}"
        yield from check_includes(path, folder, owners, text)
        yield from check_words(path, folder, code_of(text))
    yield from check_functions(root, files)
    yield from check_map(root, files)


BROKEN = [  # (file, its text, a part of the complaint)
    ("src/core/a.c", '#include "spec.h"\n', "core may not include spec.h of train"),
    ("src/plot/b.c", '#  include "spec.h" /* indented */\n', "plot may not include spec.h of train"),
    ("src/nn/c.c", "#include <hdf5.h>\n", "hdf5.h may only be included in store"),
    ("src/store/d.c", "#include <yaml.h>\n", "yaml.h may only be included in study"),
    ("src/cli/twice.c", "int gp_x;\n", "the name is taken by"),
    ("src/data/e.c", 'void gp_e(void) { printf("%d", 1); }\n', "library code does not use printf"),
    ("src/data/f.c", "void gp_f(void) { exit(1); }\n", "library code does not use exit"),
    ("src/probe/g.c", "void gp_g(void) { abort (); }\n", "library code does not use abort"),
    ("src/store/h.c", 'void gp_h(void) { fprintf(stderr, "x"); }\n', "library code does not use stderr"),
    ("src/theory/i.c", "double gp_i(double x) { return 2 * log(x); }\n", "log of libm differs"),
    ("src/cli/j.c", "void gp_j(void)\n{\n" + "  gp_x++;\n" * 58 + "}\n", "gp_j has 61 lines"),
    ("src/cli/k.c", "int gp_k;\n" * 601, "has 601 lines"),
    ("src/nn/CMakeLists.txt", "gradpath_folder(nn gp_core gp_store)\n", "nn may not link gp_store"),
    ("src/cli/CMakeLists.txt", "add_compile_options(-ffast-math)\n", "fast-math changes numbers"),
    ("src/cli/l.c", "/* TO" + "DO: later */\n", "says TO" + "DO"),
]
UNMAPPED = "src/nn/unmapped.c"
BROKEN += [(UNMAPPED, "int gp_u;\n", "does not name unmapped.c"), ("src/README.md", "`gone.c`", "names gone.c")]
FINE = [
    ("src/train/spec.h", "int gp_spec_count;\n"),
    ("src/train/twice.c", '#include "spec.h"\n'),
    ("src/store/file.c", "#include <hdf5.h>\n"),
    ("src/store/words.c", '/* printf exit( */ const char *gp_w = "abort(1) log(2)"; void gp_p(void *f) { fprintf(f, "x"); }\n'),
    ("src/theory/ours.c", "double gp_o(double x) { return gp_log(x) + sqrt(x); }\n"),
    ("src/kernel/long.c", "void gp_long(void)\n{\n" + "  gp_x++;\n" * 80 + "}\n"),
    ("src/cli/edge.c", "void gp_edge(void)\n{\n" + "  gp_x++;\n" * 57 + "}\n"),
]


def complaints_about(files):
    with tempfile.TemporaryDirectory() as folder:
        names = " ".join(f"`{pathlib.Path(name).name}`" for name, _ in files if name not in (UNMAPPED, "src/README.md"))
        for name, text in [("src/README.md", ""), *files]:
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(names + text if path.name == "README.md" else text)
        return list(check(pathlib.Path(folder)))


def self_test():
    bad = [f"complained about a fine tree: {c}" for c in complaints_about(FINE)]
    for name, text, part in BROKEN:
        if " lines" in part and "gp_j" in part and not shutil.which("ctags"):
            continue
        found = complaints_about(FINE + [(name, text)])
        if len(found) != 1 or part not in found[0]:
            bad.append(f"{name}: wanted one complaint with '{part}', got {found}")
    return bad


def main():
    self_testing = sys.argv[1] == "--self-test"
    complaints = self_test() if self_testing else list(check(pathlib.Path(sys.argv[1])))
    if not shutil.which("ctags"):
        print("ctags is not installed: lengths of functions were not checked")
    for complaint in complaints:
        print(complaint)
    print(f"house rules: {len(BROKEN)} broken on purpose, all found" if self_testing and not complaints
          else f"house rules: {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
