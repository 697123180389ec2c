/* The claims of the trainability-fractal study: the dimension of the boundary, and the line that it is when only one layer
 * learns (Sohl-Dickstein 2024; SCIENCE section 4). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fractal.h"
#include "inspect.h"
#include "plan.h"
#include "study_view.h"

/* ---- the overview ---- */

static gp_status claim_dimension(gp_claims *out, const gp_fractal *f) {
  STUDY_CLAIM(claim, out, "the boundary of the overview is hardly rougher than a line");
  gp_claim_measured(claim, "box-counting dimension %.3f (%zu edges, %zu x %zu nets, %.1f %% converge)",
                    f->dimension, f->edges, f->columns, f->rows, 100 * f->share);
  gp_claim_expected(claim, "1.0 to 1.35");
  claim->held = f->dimension >= 1 && f->dimension <= 1.35;
  return GP_OK;
}

static gp_status claim_overview(gp_claims *out, gp_table *table) {
  gp_frame frame;
  gp_fractal f;
  gp_plot_request request = {0};
  gp_status status = gp_frame_make(&frame, table, &request);
  if (status == GP_OK) status = gp_fractal_make(&f, &frame);
  if (status == GP_OK) {
    status = claim_dimension(out, &f);
    gp_fractal_free(&f);
  }
  gp_frame_free(&frame);
  return status;
}

/* ---- only the last layer learns ---- */

/* The hidden activations at the start, (examples, width). */
typedef struct hidden {
  double *h;
  int64_t examples, width;
} hidden;

static gp_status keep_hidden(void *context, int64_t step, int layer, const char *name, int rank,
                             const int64_t *dims, const double *values) {
  hidden *out = context;
  (void)step;
  if (layer != 1 || rank != 2 || strcmp(name, "activation") != 0 || out->h != NULL) return GP_OK;
  out->examples = dims[0], out->width = dims[1];
  size_t bytes = (size_t)(dims[0] * dims[1]) * sizeof *values;
  out->h = malloc(bytes);
  if (out->h == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  memcpy(out->h, values, bytes);
  return GP_OK;
}

/* The largest eigenvalue of H = 2 / (N n^2) sum h h^T, by power iteration on the examples: y = w . h / n, loss the mean of
 * (y - t)^2. */
static double curvature(const hidden *in) {
  enum { MOST = 64, ROUNDS = 2000 };
  double v[MOST], next[MOST], length = 0;
  for (int64_t i = 0; i < in->width && i < MOST; i++) v[i] = 1 + 0.01 * (double)i;
  for (int round = 0; round < ROUNDS; round++) {
    memset(next, 0, sizeof next);
    for (int64_t e = 0; e < in->examples; e++) {
      const double *h = in->h + e * in->width;
      double dot = 0;
      for (int64_t i = 0; i < in->width; i++) dot += h[i] * v[i];
      for (int64_t i = 0; i < in->width; i++) next[i] += dot * h[i];
    }
    length = 0;
    for (int64_t i = 0; i < in->width; i++) length += next[i] * next[i];
    length = sqrt(length);
    for (int64_t i = 0; i < in->width; i++) v[i] = next[i] / length;
  }
  return 2 * length / ((double)in->examples * (double)in->width * (double)in->width);
}

static bool converges(const gp_trace *trace, const double *loss) {
  double total = 0;
  size_t count = 0;
  for (size_t k = 0; k < trace->checkpoint_count; k++) {
    if (trace->checkpoints[k] <= trace->checkpoints[trace->checkpoint_count - 1] - 20) continue;
    total += loss[k] / loss[0];
    count++;
  }
  return total / (double)count < 1;
}

static size_t loss_variable(void) {
  size_t count, v = 0;
  const gp_variable *variables = gp_train_variables(&count);
  while (v + 1 < count && strcmp(variables[v].name, "loss") != 0) v++;
  return v;
}

/* The largest rate of the last layer that still converges, by bisection to 1e-4. */
static gp_status boundary(double *out, gp_trainer *trainer, gp_spec *spec, const gp_dataset *data) {
  double low = spec->learning_rate_last / 4, high = spec->learning_rate_last * 4;
  size_t loss = loss_variable();
  while (high / low > 1.0001) {
    gp_trace trace;
    spec->learning_rate_last = sqrt(low * high);
    GP_TRY(gp_train_prepare(trainer, spec, data));
    gp_train_run(trainer, NULL, &trace);
    *(converges(&trace, trace.series[loss]) ? &low : &high) = spec->learning_rate_last;
  }
  *out = sqrt(low * high);
  return GP_OK;
}

static gp_status claim_line(gp_claims *out, gp_trainer *trainer, gp_spec *spec, const gp_dataset *data) {
  const int64_t first = 0;
  hidden in = {0};
  double rate = 0;
  gp_visitor visitor = {keep_hidden, &in};
  spec->learning_rate_first = 0, spec->learning_rate_last = 1;
  GP_TRY(gp_train_prepare(trainer, spec, data));
  gp_status status = gp_train_inspect(trainer, &first, 1, &visitor);
  double threshold = status == GP_OK && in.h != NULL ? 2 / curvature(&in) : (double)NAN;
  free(in.h);
  if (status != GP_OK) return status;
  spec->learning_rate_last = threshold;
  GP_TRY(boundary(&rate, trainer, spec, data));
  STUDY_CLAIM(claim, out, "with the hidden layer frozen the boundary is one rate, 2 / (largest curvature)");
  gp_claim_measured(claim, "%.5g, %.5f of 2 / curvature", rate, rate / threshold);
  gp_claim_expected(claim, "%.5g within 0.3 %%", threshold);
  claim->held = fabs(rate / threshold - 1) <= 0.003;
  return GP_OK;
}

/* The file's own first run, with another rate. */
static gp_status claim_frozen(gp_claims *out, gp_table *table) {
  const char *config = gp_table_attribute(table, "config");
  gp_plan *plan = NULL;
  gp_trainer *trainer = NULL;
  gp_spec spec;
  GP_TRY(gp_plan_load_text(&plan, "the file's configuration", config != NULL ? config : ""));
  gp_status status = gp_plan_spec(plan, 0, &spec);
  if (status == GP_OK) status = gp_trainer_create(&trainer, &(gp_train_options){"auto"});
  if (status == GP_OK) status = claim_line(out, trainer, &spec, gp_plan_dataset(plan, 0));
  gp_trainer_free(trainer);
  gp_plan_free(plan);
  return status;
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  GP_TRY(claim_overview(out, table));
  return claim_frozen(out, table);
}

static const char *const quick[] = {"learning_rate_first=log(1e-3,1e6,64)",
                                    "learning_rate_last=log(1e-3,1e6,64)", NULL};
static const char *const charts[] = {"trainability-fractal", NULL};

extern const gp_study gp_study_trainability_fractal;
const gp_study gp_study_trainability_fractal = {
    .item = {.name = "trainability-fractal",
             .summary = "65,536 trainings over two learning rates, and the dimension of the boundary",
             .source = "Sohl-Dickstein 2024; SCIENCE 4"},
    .question = "Where is the boundary between learning rates that train and rates that diverge?",
    .config = "trainability-fractal",
    .quick = quick,
    .charts = charts,
    .claims = state_claims,
};
