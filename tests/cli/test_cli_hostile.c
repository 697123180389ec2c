/* Data is data: nothing that stands in a configuration, a result file or a file's name is executed, and nothing is written
 * where no one asked for it. Every payload would leave a file called `pwned`. */
#include <criterion/criterion.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_case.h"

TestSuite(cli_hostile, .init = cli_case_begin, .fini = cli_case_end, .timeout = 300);

/* For a shell, for gnuplot in its three kinds of quotes and in substitution, for a terminal, for HTML and LaTeX. None holds
 * a NUL or a slash; each is tried in every place. */
static const char *const payloads[] = {
    "`touch pwned`",
    "$(touch pwned)",
    "'; touch pwned; '",
    "\"; touch pwned; \"",
    "' ; system('touch pwned') ; '",
    "\" . system(\"touch pwned\") . \"",
    "a\nsystem('touch pwned')\n",
    "a\\\n!touch pwned\n",
    "@{system('touch pwned')} %s%s%n %1$n",
    "|touch pwned",
    "< touch pwned",
    "\033]0;owned\007\033[2J\xc2\x9b[31m",
    "<script>alert(1)<img src=x onerror=y>&",
    "\\input{x}\\write18{touch pwned} $x$ _^{} # ~ &",
    "\xff\xfe\xc0\x80 \xf5",
    "--help",
};
enum { PAYLOADS = sizeof payloads / sizeof payloads[0] };

/* The end of a good outcome: it said what it did or what is wrong, and nothing else happened. */
static void harmless(cli_result r, const char *what) {
  cr_assert(r.exit == 0 || r.exit == 1 || r.exit == 2 || r.exit == 74, "%s: exit %d: %s%s", what, r.exit,
            r.out, r.err);
  cr_assert(!cli_has_file("pwned") && !cli_has_file("charts/pwned"), "%s was executed", what);
  cr_assert_null(strchr(r.out, '\033'), "%s reached the terminal: %s", what, r.out);
  cr_assert_null(strchr(r.err, '\033'), "%s reached the terminal: %s", what, r.err);
}

/* The payload as a shell word. */
static const char *quoted(const char *payload) {
  static char word[512];
  char *to = word;
  *to++ = '\'';
  for (; *payload != '\0'; payload++)
    to += *payload == '\'' ? sprintf(to, "'\\''") : sprintf(to, "%c", *payload);
  strcpy(to, "'");
  return word;
}

/* A double-quoted scalar of YAML that is the payload, byte by byte (invalid UTF-8 becomes the characters of Latin-1). */
static void write_config(const char *name, const char *payload) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", cli_case_folder(), name);
  FILE *file = fopen(path, "w");
  cr_assert_not_null(file);
  fputs("study: odd\nquestion: \"", file);
  for (; *payload != '\0'; payload++) fprintf(file, "\\x%02x", (unsigned char)*payload);
  fputs(
      "\"\ndata: {name: spirals, samples: 32, test: 16}\nmodel: {depth: [1, 2], width: 4, activation: [tanh, "
      "relu]}\n"
      "train: {learning_rate: [0.1, 1], batch: 16, steps: 4}\nseed: 0..1\nrecord: {checkpoints: {log: 3}}\n",
      file);
  cr_assert_eq(fclose(file), 0);
}

static bool has_control(const char *text) {
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < 0x20 && *text != '\n') return true;
  return false;
}

/* One command on a file; the rest of it follows the file's name. */
static cli_result on_file(const char *command, const char *file, const char *rest) {
  return cli_sh("timeout 60 $G %s %s %s --color=never <&-", command, file, rest);
}

/* The commands that say or draw what stands in a file. */
static void readers(const char *file, const char *what) {
  harmless(on_file("show", file, ""), what);
  harmless(on_file("show", file, "--run 0"), what);
  harmless(on_file("plot", file, "--chart loss-curves --format svg -o charts"), what);
}

/* And all others, on one file for all payloads. */
static void other_readers(const char *file, const char *what) {
  harmless(on_file("show", file, "--theory"), what);
  harmless(on_file("plot", file, "--format svg -o charts"), what);
  harmless(on_file("verify", file, "--runs 1"), what);
  harmless(on_file("rules", file, ""), what);
  harmless(on_file("pack", file, ""), what);
  on_file("export", file, "-o tables"); /* its output is for programs: the bytes as they are */
  cr_assert(!cli_has_file("pwned") && !cli_has_file("tables/pwned"), "%s was executed", what);
}

Test(cli_hostile, questions) {
  for (size_t p = 0; p < PAYLOADS; p++) {
    write_config("odd.yaml", payloads[p]);
    cli_result r = cli_sh("$G run odd.yaml -q -o a%zu.h5", p);
    cr_assert_eq(r.exit, has_control(payloads[p]) ? 2 : 0, "%s: %s", payloads[p], r.err);
    if (r.exit != 0) continue;
    char file[32];
    snprintf(file, sizeof file, "a%zu.h5", p);
    harmless(cli_sh("$G plan odd.yaml && $G explain odd.yaml"), payloads[p]);
    readers(file, payloads[p]);
  }
}

Test(cli_hostile, study_names_stay_in_the_folder) {
  static const char *const names[] = {"../up", "/tmp/abs", "a/b", ".hidden", "-rf", "..", ""};
  cli_sh("mkdir sub");
  for (size_t p = 0; p < PAYLOADS + sizeof names / sizeof names[0]; p++) {
    const char *name = p < PAYLOADS ? payloads[p] : names[p - PAYLOADS];
    if (strcmp(name, "--help") == 0) continue; /* said to begin with a dash like the others, below */
    cli_result r = cli_sh("cd sub && $G run ../tiny.yaml study=%s -q", quoted(name));
    cr_assert_eq(r.exit, 2, "'%s' was taken: exit %d %s", name, r.exit, r.err);
    harmless(r, name);
    cr_assert_eq(cli_sh("test \"$(find . ../up* /tmp/abs* -name '*.h5*' 2>/dev/null | wc -l)\" = 0").exit, 0);
  }
}

/* A configuration can name files to read; whatever is in them, it stays there or in a message. */
Test(cli_hostile, data_paths_are_only_read) {
  static const char *const paths[] = {"/etc/passwd", "../../../../etc/shadow", "/dev/zero", "/dev/stdin", ".",
                                      "tiny.yaml"};
  for (size_t p = 0; p < PAYLOADS + sizeof paths / sizeof paths[0]; p++) {
    const char *path = p < PAYLOADS ? payloads[p] : paths[p - PAYLOADS];
    cli_result r = cli_sh(
        "cp tiny.yaml d.yaml; sed -i /^data/d d.yaml; printf 'data: {name: csv, file: %%s, target: x}\\n' "
        "'\"'\"$(printf %%s %s | sed 's/[\\\\\"]/\\\\&/g' | tr '\\n\\033\\007' '   ')\"'\"' >> d.yaml; "
        "timeout 60 $G run d.yaml -q -o d.h5 <&-",
        quoted(path));
    cr_assert_eq(r.exit, 2, "%s: exit %d: %s", path, r.exit, r.err);
    harmless(r, path);
    cr_assert(!cli_has_file("d.h5") && !cli_has_file("d.h5.journal"));
  }
}

/* Who types a name with an escape sequence has it already; nothing may be executed all the same. */
Test(cli_hostile, file_names) {
  cli_sh("$G run tiny.yaml depth=1 learning_rate=0.01 -q -o good.h5");
  for (size_t p = 0; p < PAYLOADS; p++) {
    char file[560];
    snprintf(file, sizeof file, "./%s.h5",
             quoted(payloads[p])); /* the quotes end before the suffix: still one word */
    cr_assert(cli_sh("mkdir -p \"$(dirname %s)\" && cp good.h5 %s", file, file).exit ==
              0); /* some hold a slash */
    cli_sh("$G show %s; $G verify %s --runs 1; $G merge m.h5 %s", file, file, file);
    cli_sh("$G diff %s good.h5; $G plot %s good.h5 --chart loss-curves --format svg -o ./%s", file, file,
           quoted(payloads[p]));
    cli_result r = cli_sh("cp tiny.yaml %s && $G run %s depth=1 -q -o %s --fresh", file, file, file);
    cr_assert(r.exit == 0, "%s: %s", payloads[p], r.err);
    cr_assert(cli_sh("test -z \"$(find . -name pwned)\"").exit == 0, "%s was executed", payloads[p]);
  }
}

/* Writes over the first bytes of every cell of a text column of a.h5. */
static void overwrite(const char *variable, const char *payload) {
  char path[256];
  snprintf(path, sizeof path, "%s/a.h5", cli_case_folder());
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), set = H5Dopen2(file, variable, H5P_DEFAULT);
  hid_t space = H5Dget_space(set), type = H5Dget_type(set);
  hsize_t dims[2];
  cr_assert_eq(H5Sget_simple_extent_dims(space, dims, NULL), 2);
  char *cells = calloc(dims[0], dims[1]);
  for (hsize_t r = 0; r < dims[0]; r++) strncpy(cells + r * dims[1], payload, dims[1]);
  cr_assert_geq(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells), 0);
  free(cells);
  H5Tclose(type), H5Sclose(space), H5Dclose(set);
  cr_assert_geq(H5Fclose(file), 0);
}

/* Gives an attribute of the root or of a variable another text. */
static void reword(const char *object, const char *name, const char *text) {
  char path[256];
  snprintf(path, sizeof path, "%s/a.h5", cli_case_folder());
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), type = H5Tcopy(H5T_C_S1),
        space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, strlen(text));
  H5Adelete_by_name(file, object, name, H5P_DEFAULT);
  hid_t attribute = H5Acreate_by_name(file, object, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  cr_assert_geq(H5Awrite(attribute, type, text), 0);
  H5Aclose(attribute), H5Tclose(type), H5Sclose(space);
  cr_assert_geq(H5Fclose(file), 0);
}

/* Gives every text of a.h5 another meaning: activations, title, units. */
static void reword_all(const char *text) {
  overwrite("activation", text);
  reword("/", "title", text);
  reword("final_loss", "units", text);
  reword("final_loss", "long_name", text);
}

static void make_file(void) {
  write_config("odd.yaml", "why");
  cli_result r = cli_sh("$G run odd.yaml -q --no-provenance -o keep.h5");
  cr_assert_eq(r.exit, 0, "%s", r.err);
}

/* What only a file made by someone else can hold. */
Test(cli_hostile, texts_of_result_files) {
  make_file();
  for (size_t p = 0; p < PAYLOADS; p++) {
    cli_sh("cp keep.h5 a.h5");
    reword_all(payloads[p]);
    reword("verdict", "flag_meanings", payloads[p]);
    reword("/", "axes", payloads[p]);
    readers("a.h5", payloads[p]);
  }
}

/* The configuration in a file is parsed again by verify and pack: it can name files to read, no more. */
Test(cli_hostile, configurations_of_result_files) {
  make_file();
  for (size_t p = 0; p < PAYLOADS; p += 3) {
    cli_sh("cp keep.h5 a.h5");
    reword_all(payloads[p]);
    other_readers("a.h5", payloads[p]);
    reword("/", "config", payloads[p]);
    harmless(on_file("verify", "a.h5", ""), payloads[p]);
    harmless(on_file("pack", "a.h5", ""), payloads[p]);
  }
}

/* A variable's name goes to every program that reads the file: what is no name is refused. */
Test(cli_hostile, names_of_variables) {
  make_file();
  for (size_t p = 0; p < PAYLOADS; p++) {
    char path[256];
    if (strchr(payloads[p], '/') != NULL) continue;
    cli_sh("cp keep.h5 a.h5");
    snprintf(path, sizeof path, "%s/a.h5", cli_case_folder());
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    cr_assert_geq(H5Lmove(file, "learning_rate", file, payloads[p], H5P_DEFAULT, H5P_DEFAULT), 0);
    H5Fclose(file);
    reword("/", "axes", payloads[p]);
    readers("a.h5", payloads[p]);
    if (strpbrk(payloads[p], "\n\033") != NULL)
      cr_assert_eq(cli_sh("$G show a.h5").exit, 2, "%s", payloads[p]);
  }
}

/* Numbers that would be sizes: refused before memory is asked for (4 GiB are more than any of these needs). */
Test(cli_hostile, sizes_are_checked_before_allocation) {
#ifdef __SANITIZE_ADDRESS__
  cr_skip("its shadow memory does not fit under the limit");
#endif
  static const char *const keys[] = {"width=65536 depth=1000",
                                     "data.samples=100000000000",
                                     "seed=0..18446744073709551615",
                                     "batch=99999999999",
                                     "steps=9223372036854775807",
                                     "depth=1..1000000000",
                                     "learning_rate=log(1e-9,1,2000000000)",
                                     "record.checkpoints=1..2000000000"};
  for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
    cli_result r = cli_sh("ulimit -v 4194304; timeout 20 $G plan tiny.yaml '%s'", keys[k]);
    cr_assert(r.exit == 0 || r.exit == 2, "%s: exit %d: %s", keys[k], r.exit, r.err);
    cr_assert(r.exit == 0 || strstr(r.err, "error") != NULL, "%s: %s", keys[k], r.err);
  }
}
