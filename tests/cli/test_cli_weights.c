/* Weights from a file: `init: {name: file, path: ..., step: ...}`. */
#include <criterion/criterion.h>
#include <hdf5.h>
#include <stdio.h>
#include <string.h>

#include "cli_case.h"

#define ONE "activation=tanh depth=4 learning_rate=1 seed=0"

static void begin(void) {
  cli_case_begin();
  cli_result r = cli_sh("$G dump tiny.yaml " ONE " --steps 0,10 -o w.h5");
  cr_assert_eq(r.exit, 0, "%s", r.err);
}

TestSuite(cli_weights, .init = begin, .fini = cli_case_end, .timeout = 300);

static void ok(cli_result r) {
  cr_assert_eq(r.exit, 0, "exit %d: %s%s", r.exit, r.out, r.err);
}

static hid_t open_file(const char *name, bool make) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", cli_case_folder(), name);
  hid_t file = make ? H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)
                    : H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  cr_assert_geq(file, 0, "%s", path);
  return file;
}

/* A float32 array with easy numbers, as someone might make it by hand. */
static void put(hid_t file, const char *name, hsize_t rows, hsize_t cols, float start) {
  float values[64];
  const hsize_t dims[] = {rows, cols};
  for (int i = 0; i < 64; i++) values[i] = start + 0.125F * (float)(i % 7);
  hid_t space = H5Screate_simple(cols > 0 ? 2 : 1, dims, NULL), parents = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(parents, 1);
  hid_t set = H5Dcreate2(file, name, H5T_NATIVE_FLOAT, space, parents, H5P_DEFAULT, H5P_DEFAULT);
  cr_assert_geq(H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), 0);
  H5Dclose(set);
  H5Pclose(parents);
  H5Sclose(space);
}

/* Starting from the weights that an initialiser drew is that run again, every series to the last digit; and another
 * start, of course, another one. */
Test(cli_weights, a_dump_of_step_0_starts_the_same_run) {
  ok(cli_sh("$G run tiny.yaml " ONE " -o drawn.h5 && $G run tiny.yaml " ONE
            " init='{name: file, path: w.h5, step: [0, 10]}' -o given.h5"));
  ok(cli_sh("$G export drawn.h5 --table series -o x && $G export given.h5 --table series -o x"));
  ok(cli_sh("$G show given.h5 --csv --columns final_loss,best_loss,verdict | sed -n 2p > a && "
            "$G show drawn.h5 --csv --columns final_loss,best_loss,verdict | sed -n 2p > b && cmp a b"));
  ok(cli_sh("for f in drawn given; do python3 -c \"import csv, sys\nfor r in "
            "csv.DictReader(open('x/$f-series.csv')):\n"
            "  if r['run'] == '0': print([r[k] for k in sorted(r) if not k.startswith(('init', "
            "'predicted'))])\" > $f; "
            "done; cmp drawn given"));
  cr_assert_eq(cli_sh("$G show given.h5 --csv --columns final_loss | cut -d, -f 2 | sort -u | wc -l").out[0],
               '3');
}

/* The name of the file and the place in it do not count, what stands there does. */
Test(cli_weights, identity_is_of_the_content) {
  static const char id[] =
      "$G run tiny.yaml " ONE " init='{name: file, path: %s, step: 0}' -o %s.out --quiet && "
      "$G show %s.out --csv --columns run_id | tail -1 > %s.id";
  ok(cli_sh("cp w.h5 same.h5; cp w.h5 other.h5"));
  hid_t file = open_file("other.h5", false), set = H5Dopen2(file, "step_000000/layer_02/bias", H5P_DEFAULT);
  double bias[8] = {0, 1e-30};
  cr_assert_geq(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, bias), 0);
  H5Dclose(set);
  H5Fclose(file);
  static const char *const names[] = {"w.h5", "same.h5", "other.h5"};
  for (int i = 0; i < 3; i++) ok(cli_sh(id, names[i], names[i], names[i], names[i]));
  ok(cli_sh("cmp w.h5.id same.h5.id"));
  cr_assert_eq(cli_sh("cmp -s w.h5.id other.h5.id").exit, 1);
}

/* Layers at the root, float32, no biases: what h5py users write. The same bits in lanes and alone. */
Test(cli_weights, files_made_by_hand) {
  hid_t file = open_file("hand.h5", true);
  put(file, "layer_01/weight", 5, 2, -0.25F);
  put(file, "layer_02/weight", 2, 5, -0.5F);
  H5Fclose(file);
  ok(cli_sh("for p in lanes single; do $G run tiny.yaml depth=1 width=5 activation=tanh seed=0..15 --plan $p "
            "init='{name: file, path: hand.h5}' bias_init='{name: normal, std: 0.1}' -o $p.h5; done; $G diff "
            "lanes.h5 single.h5"));
  ok(cli_sh("$G dump tiny.yaml depth=1 width=5 activation=tanh seed=0 learning_rate=1 init='{name: file, "
            "path: hand.h5}' "
            "--steps 0 -o back.h5"));
  double weights[10];
  file = open_file("back.h5", false);
  hid_t set = H5Dopen2(file, "step_000000/layer_01/weight", H5P_DEFAULT);
  cr_assert_geq(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, weights), 0);
  for (int i = 0; i < 10; i++) cr_assert_eq(weights[i], -0.25 + 0.125 * (i % 7));
  H5Dclose(set);
  H5Fclose(file);
}

Test(cli_weights, refuses_what_does_not_fit) {
  static const struct {
    const char *settings, *message;
  } cases[] = {{"init='{name: file, path: w.h5}'", "it holds the steps 0, 10: say which (step: 0)"},
               {"init='{name: file, path: w.h5, step: 5}'", "there is no step_000005/layer_01/weight in it"},
               {"init='{name: file, path: none.h5}'", "none.h5: there is no such file"},
               {"init='{name: file, path: tiny.yaml}'", "it is not an HDF5 file"},
               {"init='{name: file, path: /dev/zero}'", "it is not a regular file"},
               {"init='{name: file}'", "init 'file' needs 'path'"},
               {"init='{name: file, path: w.h5, step: 0}' bias=false", "the model has no biases"},
               {"init='{name: file, path: w.h5, step: 0}' width=9", "(8, 2), and the model needs (9, 2)"},
               {"init='{name: file, path: link.h5}'", "there is no layer_01/weight in it"},
               {"init='{name: file, path: text.h5}'", "layer_01/weight is no array"},
               {"init='{name: file, path: cut.h5, step: 0}'", "cut.h5: cannot open as an HDF5 file"}};
  hid_t file = open_file("link.h5", true);
  H5Gclose(H5Gcreate2(file, "layer_01", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Lcreate_external("w.h5", "step_000000/layer_01/weight", file, "layer_01/weight", H5P_DEFAULT,
                     H5P_DEFAULT);
  H5Fclose(file);
  file = open_file("text.h5", true);
  H5Gclose(H5Gcreate2(file, "layer_01", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Gclose(H5Gcreate2(file, "layer_01/weight", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Fclose(file);
  ok(cli_sh("head -c 3000 w.h5 > cut.h5"));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cli_result r = cli_sh("$G run tiny.yaml activation=tanh depth=4 learning_rate=1 seed=0 %s -o no.h5",
                          cases[i].settings);
    cr_assert_eq(r.exit, 2, "%s: exit %d", cases[i].settings, r.exit);
    cr_assert_not_null(strstr(r.err, cases[i].message), "%s: %s", cases[i].settings, r.err);
    cr_assert(!cli_has_file("no.h5") && !cli_has_file("no.h5.journal"));
  }
  cr_assert_not_null(strstr(
      cli_sh("$G run tiny.yaml activation=tanh depth=3 init='{name: file, path: w.h5, step: 0}' -o no.h5")
          .err,
      "has the shape (8, 8), and the model needs (2, 8)"));
}
