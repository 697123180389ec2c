/* explain: its numbers are those of dump, its written sums come out, its width holds, and what is too large is refused. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_case.h"

static void begin(void) {
  cli_case_begin();
  cli_result r =
      cli_sh("printf 'study: small\\ndata: {name: blobs, samples: 8, test: 0, classes: 3}\\n"
             "model: {activation: tanh, depth: 2, width: 3}\\n"
             "train: {loss: cross_entropy, learning_rate: 0.5, batch: 4, steps: 20}\\nseed: 1\\n' > s.yaml");
  cr_assert_eq(r.exit, 0);
}

TestSuite(cli_explain, .init = begin, .fini = cli_case_end, .timeout = 300);

/* Runs of blanks and line ends become one blank, so that tables and broken lines can be searched. */
static char *squeezed(const char *text) {
  char *out = malloc(strlen(text) + 1), *at = out;
  for (; *text != '\0'; text++)
    if (!isspace((unsigned char)*text))
      *at++ = *text;
    else if (at == out || at[-1] != ' ')
      *at++ = ' ';
  *at = '\0';
  return out;
}

/* ---- against dump ---- */

static hsize_t read_array(hid_t file, const char *path, double *x, hsize_t most, hsize_t *cols) {
  hid_t set = H5Dopen2(file, path, H5P_DEFAULT), space = H5Dget_space(set);
  hsize_t dims[2] = {1, 1};
  int rank = H5Sget_simple_extent_dims(space, dims, NULL);
  *cols = rank == 2 ? dims[1] : 1;
  hsize_t count = rank == 0 ? 1 : dims[0] * (rank == 2 ? dims[1] : 1);
  cr_assert_leq(count, most);
  cr_assert_geq(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x), 0, "%s", path);
  H5Sclose(space);
  H5Dclose(set);
  return count / *cols;
}

/* Every row of the array stands in the page as "ROW 2 a b c". */
static void stands(const char *page, hid_t file, const char *path, const char *row) {
  double x[64];
  hsize_t cols, rows = read_array(file, path, x, 64, &cols);
  for (hsize_t r = 0; r < rows; r++) {
    char line[256];
    int at = snprintf(line, sizeof line, "%s %d", row, (int)r + 1);
    for (hsize_t c = 0; c < cols; c++)
      at +=
          snprintf(line + at, sizeof line - (size_t)at, " %.6g", x[r * cols + c] == 0 ? 0 : x[r * cols + c]);
    cr_assert_not_null(strstr(page, line), "%s: '%s' is missing in:\n%s", path, line, page);
  }
}

/* "W1[2,1] ... change new": what the update table says of a weight. */
static void changes(const char *page, hid_t file, const char *from, const char *to, int layer) {
  double u[64], w[64];
  char path[64], line[128];
  hsize_t cols;
  snprintf(path, sizeof path, "%s/layer_%02d/weight_update", from, layer);
  hsize_t rows = read_array(file, path, u, 64, &cols);
  snprintf(path, sizeof path, "%s/layer_%02d/weight", to, layer);
  read_array(file, path, w, 64, &cols);
  for (hsize_t i = 0; i < rows * cols; i++) {
    const char *update = strstr(page, "Update ");
    cr_assert_not_null(update);
    snprintf(line, sizeof line, " %.6g %.6g ", u[i] == 0 ? 0 : u[i], w[i]);
    cr_assert_not_null(strstr(update, line), "'%s' is missing in:\n%s", line, update);
  }
}

static void agrees_with_dump(const char *settings, int step) {
  static const char *const arrays[][2] = {{"weight", "unit"},
                                          {"preactivation", "example"},
                                          {"activation", "example"},
                                          {"delta", "example"},
                                          {"weight_gradient", "unit"}};
  cli_result d = cli_sh("$G dump s.yaml %s --steps %d,%d -o d.h5", settings, step, step + 1);
  cr_assert_eq(d.exit, 0, "%s", d.err);
  cli_result r = cli_sh("$G explain s.yaml %s --step %d", settings, step);
  cr_assert_eq(r.exit, 0, "%s%s", r.out, r.err);
  char *page = squeezed(r.out), path[96], file_name[512], from[32], to[32];
  snprintf(file_name, sizeof file_name, "%s/d.h5", cli_case_folder());
  hid_t file = H5Fopen(file_name, H5F_ACC_RDONLY, H5P_DEFAULT);
  snprintf(from, sizeof from, "/step_%06d", step);
  snprintf(to, sizeof to, "/step_%06d", step + 1);
  for (int l = 1; l <= 3; l++) {
    for (size_t i = 0; i < 5; i++) {
      snprintf(path, sizeof path, "%s/layer_%02d/%s", from, l, arrays[i][0]);
      stands(page, file, path, arrays[i][1]);
    }
    changes(page, file, from, to, l);
  }
  snprintf(path, sizeof path, "%s/input_gradient", from);
  stands(page, file, path, "example");
  H5Fclose(file);
  free(page);
}

Test(cli_explain, numbers_are_those_of_dump) {
  agrees_with_dump("", 0);
  agrees_with_dump("optimizer=adam activation=relu", 7);
  agrees_with_dump("optimizer=nesterov weight_decay=0.01 clip=norm activation=sigmoid loss=mse", 3);
  agrees_with_dump("norm=layer residual=scaled precision=float64 activation=gelu", 2);
}

/* ---- the written sums ---- */

/* number | ( sum ), with the texts of the page: a product is *, or a factor before a bracket. */
static double sum_at(const char **at);

static double factor_at(const char **at) {
  if (**at == '(') {
    (*at)++;
    double x = sum_at(at);
    cr_assert_eq(**at, ')', "at '%.40s'", *at);
    (*at)++;
    return x;
  }
  char *end;
  double x = strtod(*at, &end);
  cr_assert_neq(end, *at, "no number at '%.40s'", *at);
  *at = end;
  return x;
}

static double product_at(const char **at) {
  double x = factor_at(at);
  for (;;) {
    if (strncmp(*at, " * ", 3) == 0)
      *at += 3, x *= factor_at(at);
    else if (**at == '*' || strncmp(*at, " (", 2) == 0)
      *at += 1, x *= factor_at(at);
    else if (**at == '/')
      *at += 1, x /= factor_at(at);
    else
      return x;
  }
}

static double sum_at(const char **at) {
  double x = product_at(at);
  while (strncmp(*at, " + ", 3) == 0) *at += 3, x += product_at(at);
  return x;
}

/* Every "NAME[...] = sum = result" of the page, broken lines joined; results have 6 digits. Returns how many. */
static int check_sums(const char *text, const char *name) {
  char *page = squeezed(text);
  int count = 0;
  for (const char *at = page; (at = strstr(at, name)) != NULL;) {
    const char *start = at++;
    if (start[strlen(name)] == '.') continue; /* the heading of a table */
    count++;
    at = strstr(at, "] = ") + 4;
    double sum = sum_at(&at), result;
    cr_assert_eq(strncmp(at, " = ", 3), 0, "'%.80s'", start);
    at += 3;
    result = strtod(at, NULL);
    cr_assert_float_eq(sum, result, 4e-5, "'%.120s': %.9g", start, sum);
  }
  free(page);
  return count;
}

Test(cli_explain, written_sums_come_out) {
  cli_result r = cli_sh("$G explain s.yaml --all --step 5 parametrization=ntk");
  cr_assert_eq(r.exit, 0, "%s", r.err);
  cr_assert_eq(check_sums(r.out, " z2["), 12, "%s", r.out);
  cr_assert_eq(check_sums(r.out, " z3["), 12);
  cr_assert_eq(check_sums(r.out, " dC/dh1["), 12);
  cr_assert_eq(check_sums(r.out, " delta1[1] = "), 4);
  cr_assert_eq(check_sums(r.out, " dC/dW2["), 9);
  const char *c = strstr(r.out, "  C = ") + 6;
  double mean = sum_at(&c);
  cr_assert_float_eq(mean, strtod(c + 3, NULL), 1e-5);
  r = cli_sh("$G explain s.yaml --step 5 residual=identity norm=batch");
  cr_assert_eq(check_sums(r.out, " dC/dh1["), 3, "%s", r.out); /* with what came along the connection */
}

/* The worst disagreement of the hand-worked step, as a share: it has to be rounding of the run's precision. */
static double worst_of(const char *out) {
  const char *at = strstr(out, "agrees with the engine's");
  cr_assert_not_null(at);
  return strtod(strstr(at, "to ") + 3, NULL);
}

static void holds(const char *settings) {
  cli_result r = cli_sh("$G explain s.yaml precision=float64 --all %s", settings);
  cr_assert_eq(r.exit, 0, "%s: %s", settings, r.err);
  cr_assert_not_null(strstr(r.out, ": agreed (limit"), "%s", settings);
  cr_assert_leq(worst_of(r.out), 1e-13, "%s: %g", settings, worst_of(r.out));
  for (const char *line = r.out; *line != '\0'; line += strcspn(line, "\n") + 1)
    cr_assert_leq(strcspn(line, "\n"), 80, "%s: '%.*s'", settings, (int)strcspn(line, "\n"), line);
}

/* What every item of a family does is followed, and every gradient of it is checked. */
static void every_item(const char *family, const char *settings) {
  cli_result list =
      cli_sh("$G list %s --json | grep -o '\"name\": *\"[a-z0-9_]*\"' | cut -d '\"' -f 4", family);
  int followed = 0;
  cr_assert(list.exit == 0 && strlen(list.out) > 3, "%s", list.err);
  char *names = strdup(list.out), *rest = names;
  for (char *name; (name = strtok_r(rest, "\n", &rest)) != NULL;) {
    char line[256];
    snprintf(line, sizeof line, "%s=%s %s", family, name, settings);
    if (cli_sh("$G plan s.yaml %s=%s %s", family, name, strncmp(settings, "--", 2) == 0 ? "" : settings)
            .exit != 0)
      continue; /* the name of a setting, or an item that needs other settings */
    holds(line);
    followed++;
  }
  cr_assert_geq(followed, 3, "%s: %d", family, followed);
  free(names);
}

Test(cli_explain, every_activation) {
  every_item("activation", "--step 3");
}

Test(cli_explain, every_optimizer) {
  every_item("optimizer", "--step 4");
}

Test(cli_explain, every_loss) {
  every_item("loss", "batch=2");
}

Test(cli_explain, every_modifier) {
  every_item("norm", "--step 2");
  every_item("residual", "depth=4");
  every_item("clip", "--step 1");
}

Test(cli_explain, every_start) {
  every_item("init", "--step 1");
  every_item("schedule", "--step 1");
}

Test(cli_explain, up_to_its_limits) {
  holds("width=8 depth=3 batch=8 optimizer=adam --step 2");
  holds("'norm={name: batch, place: after}' 'residual={name: identity, place: before}' depth=3 --step 2");
  holds("'norm={name: rms, affine: false}' 'residual={name: rezero, place: before, every: 2}' depth=5 --step "
        "2");
  holds("bias=false 'loss={name: mse, half: true}' output=sigmoid parametrization=mean_field --step 2");
}

/* ---- refusals ---- */

Test(cli_explain, refuses_what_cannot_be_followed) {
  static const struct {
    const char *settings, *says;
  } cases[] = {{"width=9", "the width 9 is more than 8; try width=3"},
               {"batch=full data.samples=9", "the batch of 9 is more than 8; try batch=2"},
               {"depth=40", "the depth 40 is more than 31"},
               {"precision=bfloat16", "bfloat16 is rounded between the lines"},
               {"seed=0,1", "this configuration has 2 runs"},
               {"--step 21", "from 0 to 20"},
               {"learning_rate=1e12 loss=mse activation=linear --step 9", "there is nothing to explain"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    cli_result r = cli_sh("$G explain s.yaml %s", cases[i].settings);
    cr_assert_eq(r.exit, 2, "%s", cases[i].settings);
    cr_assert_str_eq(r.out, "");
    cr_assert_not_null(strstr(r.err, cases[i].says), "%s: %s", cases[i].settings, r.err);
  }
}

/* The last step has no update, and says so. */
Test(cli_explain, the_last_step) {
  cli_result r = cli_sh("$G explain s.yaml --step 20");
  cr_assert_eq(r.exit, 0, "%s", r.err);
  cr_assert_not_null(strstr(r.out, "There is no update: this is the last step"));
}

/* ---- the tutorial's forward pass ---- */

static void write_array(hid_t file, const char *path, int rank, const hsize_t *dims, const double *x) {
  hid_t links = H5Pcreate(H5P_LINK_CREATE), space = H5Screate_simple(rank, dims, NULL);
  H5Pset_create_intermediate_group(links, 1);
  hid_t set = H5Dcreate2(file, path, H5T_NATIVE_DOUBLE, space, links, H5P_DEFAULT, H5P_DEFAULT);
  cr_assert_geq(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x), 0);
  H5Dclose(set);
  H5Sclose(space);
  H5Pclose(links);
}

/* 3-2-1, relu then sigmoid, x = (1, 2, 3): z1 = (0.3, -0.05), h1 = (0.3, 0), z2 = 0.35, y = 1/(1 + e^-0.35). */
Test(cli_explain, the_worked_example) {
  static const double w1[] = {.1, .2, -.1, .3, -.2, .05}, b1[] = {.1, -.1}, w2[] = {.5, -.3}, b2[] = {.2};
  cr_assert_eq(
      cli_sh(
          "printf 'a,b,c,y\\n1,2,3,1\\n' > w.csv; printf 'study: worked\\n"
          "data: {name: csv, file: w.csv, target: y, split: 1}\\n"
          "model: {activation: relu, depth: 1, width: 2, output: sigmoid, init: {name: file, path: w.h5}}\\n"
          "train: {loss: mse, learning_rate: 0.1, batch: full, steps: 1}\\n' > w.yaml")
          .exit,
      0);
  char path[512];
  snprintf(path, sizeof path, "%s/w.h5", cli_case_folder());
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  write_array(file, "layer_01/weight", 2, (const hsize_t[]){2, 3}, w1);
  write_array(file, "layer_01/bias", 1, (const hsize_t[]){2}, b1);
  write_array(file, "layer_02/weight", 2, (const hsize_t[]){1, 2}, w2);
  write_array(file, "layer_02/bias", 1, (const hsize_t[]){1}, b2);
  H5Fclose(file);
  cli_result r = cli_sh("$G explain w.yaml");
  cr_assert_eq(r.exit, 0, "%s", r.err);
  static const char *const lines[] = {
      "z1[1] = 0.1*1 + 0.2*2 + (-0.1)*3 + 0.1 = 0.3\n",
      "z1[2] = 0.3*1 + (-0.2)*2 + 0.05*3 + (-0.1) = -0.05\n", "h1[1] = relu(0.3) = 0.3\n",
      "h1[2] = relu(-0.05) = 0\n", "z2[1] = 0.5*0.3 + (-0.3)*0 + 0.2 = 0.35\n",
      "h2[1] = sigmoid(0.35) = 0.586618\n",
      /* y = 1: delta2 = 2 (p - 1) p (1 - p), delta1 = 0.5 delta2 */
      "delta2[1] = (-0.826765) * 0.242497 = -0.200488\n", "delta1[1] = (-0.100244) * 1 = -0.100244\n",
      "dC/dW1[1,1] = (-0.100244)*1 = -0.100244\n"};
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
    cr_assert_not_null(strstr(r.out, lines[i]), "no '%s' in:\n%s", lines[i], r.out);
}
