/* Charts as files: the numbers in the .dat against the closed forms of plot_case.h, pictures that are whole, hostile
 * text, and every way to fail. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "plot.h"
#include "plot_case.h"

typedef struct bench {
  char folder[256], path[300], out[400];
  gp_table *table;
  gp_plot_result result;
} bench;

static void remove_tree(const char *path) {
  DIR *folder = opendir(path);
  for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
    char name[1024];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    if (unlink(name) != 0) remove_tree(name);
  }
  if (folder != NULL) closedir(folder);
  rmdir(path);
}

static void bench_open(bench *b, const plot_case *study) {
  const char *base = getenv("TMPDIR");
  snprintf(b->folder, sizeof b->folder, "%s/gradpath-plot-XXXXXX",
           base != NULL && *base != '\0' ? base : "/tmp");
  cr_assert_not_null(mkdtemp(b->folder));
  snprintf(b->path, sizeof b->path, "%s/study.h5", b->folder);
  snprintf(b->out, sizeof b->out, "%s/charts/here", b->folder);
  const char *wrong = plot_case_write(study, b->path);
  cr_assert_null(wrong, "%s", wrong);
  cr_assert_eq(gp_table_open(&b->table, b->path), GP_OK, "%s", gp_message());
  b->result = (gp_plot_result){0};
}

static void bench_close(bench *b) {
  gp_plot_result_free(&b->result);
  gp_table_close(b->table);
  remove_tree(b->folder);
}

static gp_status draw(bench *b, const char *chart, unsigned formats) {
  const char *const charts[] = {chart, NULL};
  gp_plot_request request = {.charts = chart != NULL ? charts : NULL,
                             .formats = formats,
                             .directory = b->out,
                             .command = "gradpath plot study.h5"};
  gp_plot_result_free(&b->result);
  return gp_plot_draw(b->table, b->path, &request, &b->result);
}

static char *file_text(const bench *b, const char *name, size_t *length) {
  char path[600];
  snprintf(path, sizeof path, "%s/%s", b->out, name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) return NULL;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  char *text = calloc((size_t)size + 1, 1);
  size_t got = fread(text, 1, (size_t)size, file);
  fclose(file);
  if (length != NULL) *length = got;
  return text;
}

static bool holds(const bench *b, const char *name, const char *wanted) {
  size_t length = 0;
  char *text = file_text(b, name, &length);
  bool found = text != NULL && memmem(text, length, wanted, strlen(wanted)) != NULL;
  free(text);
  return found;
}

enum { COLUMNS = 8, ROWS = 64 };

/* Block `index` of NAME.dat; returns its rows. */
static size_t read_block(const bench *b, const char *name, size_t index, double rows[ROWS][COLUMNS]) {
  char *text = file_text(b, name, NULL), *at = text, *rest = NULL;
  cr_assert_not_null(text);
  for (size_t i = 0; i < index; i++) {
    at = strstr(at, "\n\n\n");
    cr_assert_not_null(at, "%s has no block %zu", name, index);
    at += 3;
  }
  char *end = strstr(at, "\n\n\n");
  if (end != NULL) *end = '\0';
  size_t count = 0;
  for (char *line = strtok_r(at, "\n", &rest); line != NULL && count < ROWS;
       line = strtok_r(NULL, "\n", &rest)) {
    if (*line == '#') continue;
    char *cursor = line;
    for (int c = 0; c < COLUMNS; c++) rows[count][c] = strtod(cursor, &cursor);
    count++;
  }
  free(text);
  return count;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Sorted values of five seeds: median and the type 7 quantiles at positions 0.4 and 3.6. */
static void expect_band(const double row[COLUMNS], double values[5], const char *what) {
  qsort(values, 5, sizeof *values, ascending);
  double low = values[0] + 0.4 * (values[1] - values[0]), high = values[3] + 0.6 * (values[4] - values[3]);
  /* Both ways round a few times: 1e-12 of the value. */
  cr_assert(fabs(row[1] - values[2]) <= 1e-12 * fabs(values[2]), "%s: median %g, not %g", what, row[1],
            values[2]);
  cr_assert(fabs(row[2] - low) <= 1e-12 * fabs(low), "%s: p10 %g, not %g", what, row[2], low);
  cr_assert(fabs(row[3] - high) <= 1e-12 * fabs(high), "%s: p90 %g, not %g", what, row[3], high);
}

/* Panels are the depths of three layers or more: 3, 5, 8, 12, 20, 30. */
Test(plot, gradient_data_are_the_medians) {
  bench b;
  bench_open(&b, &plot_case_full);
  cr_assert_eq(draw(&b, "gradient-by-layer", GP_PLOT_SVG), GP_OK, "%s", gp_message());
  for (size_t p = 0; p < 6; p++) {
    for (size_t c = 0; c < 3; c++) {
      double rows[ROWS][COLUMNS], values[5];
      int depth = plot_case_full.depths[p + 2];
      size_t count = read_block(&b, "gradient-by-layer.dat", p * 3 + c, rows);
      cr_assert_eq(count, (size_t)depth);
      for (int l = 1; l <= depth; l++) {
        for (int s = 0; s < 5; s++) values[s] = plot_case_delta(plot_case_full.activations[c], depth, l, s);
        cr_assert_eq(rows[l - 1][0], l);
        expect_band(rows[l - 1], values, plot_case_full.activations[c]);
      }
      static const double theory[] = {0.236, 0.985, 1};
      /* Seed 2 is the median one and has delta 0.04 at the last layer. */
      cr_assert_float_eq(rows[0][4], 0.04 * pow(theory[c], depth - 1), 1e-12 * rows[0][4]);
    }
  }
  cr_assert(strstr(b.result.findings.data, "Sigmoid loses 0.63 decades per layer; tanh and ReLU keep") !=
                NULL,
            "%s", b.result.findings.data);
  cr_assert(holds(&b, "gradient-by-layer.txt", "0.2336") && holds(&b, "gradient-by-layer.txt", "0.2360"),
            "the caption has the measured and the predicted factor");
  cr_assert(holds(&b, "gradient-by-layer.txt", "gradpath plot study.h5"));
  bench_close(&b);
}

Test(plot, loss_data_are_the_medians_and_crosses) {
  bench b;
  bench_open(&b, &plot_case_full);
  cr_assert_eq(draw(&b, "loss-curves", GP_PLOT_SVG), GP_OK, "%s", gp_message());
  for (size_t p = 0; p < 3; p++) {
    for (int r = 0; r < 7; r++) {
      double rows[ROWS][COLUMNS], values[5];
      size_t count = read_block(&b, "loss-curves.dat", p * 7 + (size_t)r, rows);
      const char *activation = plot_case_full.activations[p];
      bool lost = strcmp(plot_case_verdict(activation, 30, r), "diverged") == 0;
      cr_assert(lost ? count < PLOT_CHECKPOINTS : count == PLOT_CHECKPOINTS, "%s %d: %zu rows", activation, r,
                count);
      cr_assert(lost == (rows[count - 1][6] == 2), "%s %d: a cross where there is a divergence only",
                activation, r);
      for (size_t k = 0; k + (lost ? 2 : 0) < count; k++) {
        for (int s = 0; s < 5; s++) values[s] = plot_case_loss(activation, 30, r, s, (int)k);
        cr_assert_eq(rows[k][7], (double)plot_case_step((int)k));
        expect_band(rows[k], values, activation);
      }
    }
  }
  bench_close(&b);
}

Test(plot, maps_hold_every_cell) {
  bench b;
  bench_open(&b, &plot_case_full);
  cr_assert_eq(draw(&b, "trainability-map", GP_PLOT_SVG), GP_OK, "%s", gp_message());
  cr_assert_eq(draw(&b, "verdict-map", GP_PLOT_SVG), GP_OK, "%s", gp_message());
  for (size_t p = 0; p < 3; p++) {
    double loss[ROWS][COLUMNS], verdict[ROWS][COLUMNS];
    cr_assert_eq(read_block(&b, "trainability-map.dat", p, loss), 56);
    cr_assert_eq(read_block(&b, "verdict-map.dat", p, verdict), 56);
    for (size_t i = 0; i < 56; i++) {
      int depth = plot_case_full.depths[i % 8], rate = (int)(i / 8);
      const char *activation = plot_case_full.activations[p],
                 *word = plot_case_verdict(activation, depth, rate);
      cr_assert(loss[i][0] == (double)(i % 8 + 1) && loss[i][1] == rate + 1 && loss[i][4] == depth);
      bool lost = strcmp(word, "diverged") == 0;
      cr_assert_eq(loss[i][3], lost ? 2 : 0);
      double median =
          plot_case_loss(activation, depth, rate, 2, PLOT_CHECKPOINTS - 1); /* rises with the seed */
      if (!lost) cr_assert_float_eq(loss[i][2], log10(median), 1e-12);
      /* The same word has the same kind everywhere, another word another. */
      for (size_t j = 0; j < i; j++) {
        const char *other = plot_case_verdict(activation, plot_case_full.depths[j % 8], (int)(j / 8));
        cr_assert((strcmp(word, other) == 0) == (verdict[i][3] == verdict[j][3]), "%s and %s", word, other);
      }
    }
  }
  bench_close(&b);
}

Test(plot, spans_are_the_medians) {
  bench b;
  bench_open(&b, &plot_case_full);
  cr_assert_eq(draw(&b, "depth-span", GP_PLOT_SVG), GP_OK, "%s", gp_message());
  double rows[ROWS][COLUMNS];
  cr_assert_eq(read_block(&b, "depth-span.dat", 0, rows), 8);
  cr_assert(isnan(rows[0][1]) && isnan(rows[1][1]), "no span below three layers");
  for (int i = 2; i < 8; i++) {
    int depth = plot_case_full.depths[i];
    cr_assert_float_eq(rows[i][1], (depth - 1) * log10(0.236 * 0.99), 1e-9);
    cr_assert_float_eq(rows[i][4], (depth - 1) * log10(0.236), 1e-9);
    cr_assert(rows[i][5] == rows[i][1] && rows[i][6] == 7, "a dot at every depth that was measured");
  }
  cr_assert(holds(&b, "depth-span.gp", "array x_low[1] = [1]\n"), "no net has less than one hidden layer");
  cr_assert(holds(&b, "depth-span.gp", "'of gradient; tanh and ReLU less than one'"),
            "a title of two lines is broken in the middle");
  bench_close(&b);
}

/* ---- pictures ---- */

static bool is_whole(const bench *b, const char *chart) {
  static const char *const signs[][2] = {{"svg", "</svg>"}, {"pdf", "%%EOF"}, {"png", "IEND"}};
  for (size_t i = 0; i < 3; i++) {
    char name[128];
    snprintf(name, sizeof name, "%s.%s", chart, signs[i][0]);
    if (!holds(b, name, signs[i][1])) return false;
  }
  return true;
}

Test(plot, default_set_is_whole_and_runs_alone, .timeout = 60) {
  static const char *const names[] = {"gradient-by-layer", "loss-curves", "trainability-map", "verdict-map",
                                      "depth-span"};
  bench b;
  bench_open(&b, &plot_case_full);
  cr_assert_eq(draw(&b, NULL, 0), GP_OK, "%s", gp_message());
  cr_assert(b.result.notes.length == 0, "%s", b.result.notes.data);
  char command[700];
  for (size_t i = 0; i < 5; i++) {
    cr_assert(is_whole(&b, names[i]), "%s", names[i]);
    /* The script stands alone: run in its folder without the source tree it makes the same SVG. */
    char svg[64];
    snprintf(svg, sizeof svg, "%s.svg", names[i]);
    size_t before = 0, after = 0;
    char *first = file_text(&b, svg, &before);
    snprintf(command, sizeof command, "cd '%s' && rm %s && gnuplot %s.gp", b.out, svg, names[i]);
    cr_assert_eq(system(command), 0);
    char *second = file_text(&b, svg, &after);
    cr_assert(second != NULL && before == after && memcmp(first, second, before) == 0, "%s", names[i]);
    free(first);
    free(second);
  }
  bench_close(&b);
}

Test(plot, one_run_draws_what_it_can, .timeout = 60) {
  bench b;
  bench_open(&b, &plot_case_single);
  cr_assert_eq(draw(&b, NULL, GP_PLOT_PNG | GP_PLOT_SVG | GP_PLOT_PDF), GP_OK, "%s", gp_message());
  cr_assert(is_whole(&b, "gradient-by-layer") && is_whole(&b, "loss-curves"));
  cr_assert(strstr(b.result.notes.data, "trainability-map was not drawn") != NULL);
  cr_assert(strstr(b.result.notes.data, "depth-span was not drawn") != NULL);
  cr_assert_eq(draw(&b, "verdict-map", 0), GP_ERR_USAGE);
  cr_assert(strstr(gp_message(), "two swept columns") != NULL, "%s", gp_message());
  bench_close(&b);
}

Test(plot, hostile_names_are_only_text, .timeout = 60) {
  static const plot_case hostile = {.activations = {"`touch owned1`", "$(touch owned2)",
                                                    "'; system('touch owned3') #", "\"; !touch owned4 \"",
                                                    "a_b^{x}@y&z~w\\ %s %d", "<b>&amp;\xff\n!touch owned5\\",
                                                    "relu"},
                                    .depths = {3, 6},
                                    .rates = {0.1, 1},
                                    .seeds = 2,
                                    .axes = "activation, depth, learning_rate, no_such_column, seed"};
  bench b;
  bench_open(&b, &hostile);
  cr_assert_eq(draw(&b, NULL, 0), GP_OK, "%s", gp_message());
  for (int i = 1; i <= 5; i++) {
    char name[32];
    snprintf(name, sizeof name, "owned%d", i);
    cr_assert_null(file_text(&b, name, NULL), "%s was made", name);
    cr_assert_neq(access(name, F_OK), 0);
  }
  cr_assert(is_whole(&b, "gradient-by-layer") && is_whole(&b, "verdict-map") && is_whole(&b, "loss-curves"));
  cr_assert(holds(&b, "gradient-by-layer.svg", "`touch owned1`"), "the name is shown as it is");
  cr_assert(holds(&b, "gradient-by-layer.svg", "_b^{x}@y&amp;z~w\\ %s %d"));
  bench_close(&b);
}

/* ---- failures ---- */

/* Puts a program called gnuplot that is this script, or none, in front of nothing else. */
static void fake_gnuplot(const bench *b, const char *script) {
  char path[600];
  snprintf(path, sizeof path, "%s/bin", b->folder);
  mkdir(path, 0777);
  setenv("PATH", path, 1);
  if (script == NULL) return;
  snprintf(path, sizeof path, "%s/bin/gnuplot", b->folder);
  FILE *file = fopen(path, "w");
  fprintf(file, "#!/bin/sh\n%s\n", script);
  fclose(file);
  chmod(path, 0755);
}

static void expect_failure(const char *script, const char *wanted) {
  bench b;
  bench_open(&b, &plot_case_single);
  fake_gnuplot(&b, script);
  cr_assert_eq(draw(&b, "loss-curves", GP_PLOT_PNG), GP_ERR_IO, "%s", script);
  cr_assert(strstr(gp_message(), wanted) != NULL, "%s", gp_message());
  cr_assert(holds(&b, "loss-curves.gp", "set terminal") && holds(&b, "loss-curves.dat", "median"),
            "script and data are there for a later try");
  bench_close(&b);
}

Test(plot, missing_gnuplot_is_said) {
  expect_failure(NULL, "gnuplot was not found on PATH");
}
Test(plot, failing_gnuplot_is_quoted) {
  expect_failure("echo some reason >&2; exit 3", "some reason");
}
Test(plot, killed_gnuplot_is_said) {
  expect_failure("kill -9 $$", "signal 9");
}
Test(plot, silent_gnuplot_is_found_out) {
  expect_failure("exit 0", "left no");
}
Test(plot, half_a_picture_is_found_out) {
  expect_failure("printf '\\211PNG and nothing more that would end a picture' > loss-curves.png",
                 "not complete");
}
/* More than a pipe holds, and more than is kept: neither may block or overrun. */
Test(plot, talkative_gnuplot_is_heard_out) {
  expect_failure("i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); "
                 "done; exit 1",
                 "0123456789");
}

Test(plot, an_old_picture_does_not_pass_for_a_new_one) {
  bench b;
  bench_open(&b, &plot_case_single);
  cr_assert_eq(draw(&b, "loss-curves", GP_PLOT_PNG), GP_OK, "%s", gp_message());
  fake_gnuplot(&b, "exit 0");
  cr_assert_eq(draw(&b, "loss-curves", GP_PLOT_PNG), GP_ERR_IO);
  bench_close(&b);
}

Test(plot, unwritable_folder_is_an_io_error) {
  bench b;
  bench_open(&b, &plot_case_single);
  snprintf(b.out, sizeof b.out, "%s.journal/charts", b.path); /* below a file */
  cr_assert_eq(draw(&b, "loss-curves", GP_PLOT_PNG), GP_ERR_IO);
  bench_close(&b);
}

Test(plot, unknown_names_are_refused) {
  bench b;
  bench_open(&b, &plot_case_single);
  cr_assert_eq(draw(&b, "los-curves", 0), GP_ERR_USAGE);
  cr_assert(strstr(gp_message(), "did you mean 'loss-curves'?") != NULL, "%s", gp_message());
  gp_plot_request request = {.directory = b.out, .color = "colour"};
  cr_assert_eq(gp_plot_draw(b.table, b.path, &request, &b.result), GP_ERR_USAGE);
  cr_assert(strstr(gp_message(), "'colour' is not a swept column") != NULL, "%s", gp_message());
  bench_close(&b);
}

/* With the activations in panels the truth is the same, so the sentence is. */
Test(plot, a_title_holds_in_another_layout) {
  const char *const charts[] = {"gradient-by-layer", NULL};
  bench b;
  bench_open(&b, &plot_case_full);
  gp_plot_request request = {
      .charts = charts, .formats = GP_PLOT_SVG, .directory = b.out, .color = "depth", .panel = "activation"};
  cr_assert_eq(gp_plot_draw(b.table, b.path, &request, &b.result), GP_OK, "%s", gp_message());
  cr_assert(strstr(b.result.findings.data, "Sigmoid loses 0.63 decades per layer; tanh and ReLU keep") !=
                NULL,
            "%s", b.result.findings.data);
  gp_plot_result_free(&b.result);
  const char *const spans[] = {"depth-span", NULL};
  request.charts = spans, request.color = "learning_rate";
  cr_assert_eq(gp_plot_draw(b.table, b.path, &request, &b.result), GP_OK, "%s", gp_message());
  cr_assert(strstr(b.result.findings.data,
                   "sigmoid loses up to 18.3 decades of gradient; tanh and ReLU less") != NULL,
            "%s", b.result.findings.data);
  bench_close(&b);
}

Test(plot, roles_follow_the_request) {
  const char *const charts[] = {"loss-curves", NULL};
  bench b;
  bench_open(&b, &plot_case_full);
  gp_plot_request request = {
      .charts = charts, .formats = GP_PLOT_SVG, .directory = b.out, .color = "activation", .panel = "depth"};
  cr_assert_eq(gp_plot_draw(b.table, b.path, &request, &b.result), GP_OK, "%s", gp_message());
  cr_assert(holds(&b, "loss-curves.gp", "'30 hidden layers'") && holds(&b, "loss-curves.gp", "lines = 3"));
  cr_assert(holds(&b, "loss-curves.gp", "learning rate 0.1"), "what is held is said");
  bench_close(&b);
}

Test(plot, formats_are_read) {
  unsigned formats = 0;
  cr_assert_eq(gp_plot_formats(&formats, "svg,png"), GP_OK);
  cr_assert_eq(formats, GP_PLOT_SVG | GP_PLOT_PNG);
  cr_assert_eq(gp_plot_formats(&formats, "svg,jpg"), GP_ERR_USAGE);
  cr_assert(strstr(gp_message(), "'jpg'") != NULL && strstr(gp_message(), "svg, pdf, png") != NULL);
  cr_assert_eq(gp_plot_formats(&formats, ""), GP_ERR_USAGE);
}

Test(plot, every_chart_says_what_it_is) {
  size_t count = 0;
  for (const gp_plot_entry *c = gp_plot_charts(); c->name != NULL; c++, count++)
    cr_assert(c->summary[0] != '\0' && c->needs[0] != '\0', "%s", c->name);
  cr_assert_geq(count, 6);
}

/* Cells and series of both files stand in the joined table as in their own, one file after the other. */
Test(plot, two_files_are_one_table) {
  bench a, b;
  gp_table *joined;
  const double *whole, *part;
  bench_open(&a, &plot_case_full);
  bench_open(&b, &plot_case_single);
  gp_table *const tables[] = {a.table, b.table};
  const char *const labels[] = {"first", "second"};
  cr_assert_eq(gp_table_join(&joined, tables, labels, 2), GP_OK, "%s", gp_message());
  size_t first = gp_table_runs(a.table), layers = gp_table_schema(joined)->layer_count;
  cr_assert_eq(gp_table_runs(joined), first + 1);
  cr_assert_eq(layers, gp_table_schema(a.table)->layer_count);
  char buffer[32];
  int file = gp_table_find(joined, "file"), depth = gp_table_find(joined, "depth");
  cr_assert_str_eq(gp_table_word(joined, file, first - 1, buffer), "first");
  cr_assert_str_eq(gp_table_word(joined, file, first, buffer), "second");
  cr_assert_eq(gp_table_real(joined, depth, first),
               gp_table_real(b.table, gp_table_find(b.table, "depth"), 0));
  cr_assert(strstr(gp_table_attribute(joined, "axes"), "learning_rate seed file") != NULL);
  int delta = gp_table_find(joined, "delta_rms"), own = gp_table_find(b.table, "delta_rms");
  cr_assert_eq(gp_table_series(joined, delta, &whole), GP_OK);
  cr_assert_eq(gp_table_series(b.table, own, &part), GP_OK);
  size_t few = gp_table_schema(b.table)->layer_count, steps = gp_table_schema(joined)->checkpoint_count;
  for (size_t l = 0; l < layers; l++) {
    double value = whole[first * steps * layers + l];
    cr_assert(l < few ? value == part[l] || (isnan(value) && isnan(part[l])) : isnan(value), "layer %zu",
              l + 1);
  }
  gp_table_close(joined);
  bench_close(&b);
  bench_close(&a);
}

/* More bytes than are read at once: the caption's hash is that of the whole file, and of nothing else. */
Test(plot, captions_hold_the_hash_of_the_file) {
  enum { BYTES = 50000 };
  static char bytes[BYTES];
  char whole[GP_HASH_TEXT], read[GP_HASH_TEXT], other[600];
  bench b;
  bench_open(&b, &plot_case_single);
  for (size_t i = 0; i < BYTES; i++) bytes[i] = (char)(i * i % 251);
  snprintf(other, sizeof other, "%s/other.h5", b.folder);
  FILE *file = fopen(other, "wb");
  cr_assert_eq(fwrite(bytes, 1, BYTES, file), (size_t)BYTES);
  fclose(file);
  gp_hash_text(whole, bytes, BYTES);
  cr_assert(gp_hash_file(read, other));
  cr_assert_str_eq(read, whole);
  cr_assert_not(gp_hash_file(read, b.out), "a folder that is not there has no hash");
  const char *const charts[] = {"loss-curves", NULL}, *const paths[] = {other, NULL};
  gp_plot_request request = {.charts = charts, .formats = GP_PLOT_SVG, .directory = b.out, .paths = paths};
  cr_assert_eq(gp_plot_draw(b.table, b.path, &request, &b.result), GP_OK, "%s", gp_message());
  cr_assert(holds(&b, "loss-curves.txt", whole));
  bench_close(&b);
}
