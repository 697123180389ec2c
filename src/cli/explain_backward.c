/* The backward pass of `explain`: deltas and gradients from the output to the input, and the check of every gradient
 * against finite differences. */
#include "explain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "norm.h"
#include "precision.h"
#include "sheet.h"

/* Whether a connection begins at the layer. */
static bool feeds(const explain_book *b, int l) {
  bool found = false;
  for (int j = l + 1; j <= b->layers; j++) found = found || b->layer[j].source == l;
  return found;
}

/* ---- the output layer ---- */

static void write_output(const explain_book *b, int64_t e) {
  const explain_layer *at = &b->layer[b->layers];
  const double *delta = explain_values(b, b->layers, "delta");
  char x[32], y[32], z[32];
  for (int64_t o = 0; o < at->out; o++) {
    int64_t i = e * at->out + o;
    if (at->activation == NULL)
      printf("    delta%d[%d] = %s  (p = %s, y = %s)\n", b->layers, (int)o + 1, explain_number(x, delta[i]),
             explain_number(y, explain_output(b, b->layers)[i]), explain_number(z, b->target[i]));
    else
      printf("    delta%d[%d] = %s * %s = %s\n", b->layers, (int)o + 1, explain_factor(x, b->slope[i]),
             explain_factor(y, at->slope[i]), explain_number(z, delta[i]));
  }
}

static void print_output_rule(const explain_book *b) {
  const explain_layer *at = &b->layer[b->layers];
  double weight = gp_loss_weight(&b->spec->loss, at->out);
  char x[32];
  bool weighted = weight != 1, slope = at->activation != NULL;
  printf("  %s%d = %s%s%s%s", slope ? "dC/dh" : "delta", b->layers, weighted ? explain_number(x, weight) : "",
         weighted ? " (" : "", gp_loss_of(&b->spec->loss)->delta, weighted ? ")" : "");
  if (slope)
    printf("\n  delta%d = dC/dh%d * %s'(z%d)\n    %s'(z) = %s", b->layers, b->layers,
           at->activation->item.name, b->layers, at->activation->item.name, at->activation->derivative);
  putchar('\n');
}

/* ---- hidden layers ---- */

/* dC/dh of unit i: what the layer above sends back, and what comes along connections. */
static void write_arrival(const explain_book *b, int l, int64_t e, int64_t i) {
  const explain_layer *at = &b->layer[l], *above = &b->layer[l + 1];
  const double *w = explain_values(b, l + 1, "weight"), *delta = explain_values(b, l + 1, "delta");
  char x[32], y[32];
  bool scaled = above->multiplier != 1;
  explain_begin("    dC/dh%d[%d] = ", l, (int)i + 1);
  if (scaled) explain_part("%s (", explain_number(x, above->multiplier));
  for (int64_t o = 0; o < above->out; o++)
    explain_part("%s%s*%s", o > 0 ? " + " : "", explain_factor(x, w[o * above->in + i]),
                 explain_factor(y, delta[e * above->out + o]));
  if (scaled) explain_part(")");
  for (int j = l + 1; j <= b->layers; j++)
    if (b->layer[j].source == l)
      explain_part(" + %s", explain_factor(x, b->layer[j].skipped[e * at->out + i]));
  explain_part(" = %s", explain_number(x, at->dh[e * at->out + i]));
  explain_end();
}

static void write_delta(const explain_book *b, int l, int64_t e, int64_t i) {
  const explain_layer *at = &b->layer[l];
  int64_t cell = e * at->out + i;
  char x[32], y[32], z[32];
  printf("    delta%d[%d] = %s * %s = %s\n", l, (int)i + 1, explain_factor(x, at->dh[cell]),
         explain_factor(y, at->slope[cell]), explain_number(z, explain_values(b, l, "delta")[cell]));
}

static void write_hidden(const explain_book *b, int l, int64_t e) {
  for (int64_t i = 0; i < b->layer[l].out; i++) {
    write_arrival(b, l, e, i);
    if (explain_is_plain(b, l)) write_delta(b, l, e, i);
  }
}

static void print_norm_rule(const explain_book *b, const char *x) {
  const gp_norm_options *o = gp_norm_options_of(&b->spec->norm);
  if (o->affine) printf("  g <- gamma g\n");
  printf("  g <- (g%s - n mean(g n))/sqrt(variance of %s + eps), means as for n\n",
         gp_norm_of(&b->spec->norm)->centred ? " - mean(g)" : "", x);
}

/* The way from dC/dh to delta, in the engine's order. */
static void print_hidden_rule(const explain_book *b, int l) {
  const explain_layer *at = &b->layer[l];
  const char *name = at->activation->item.name;
  bool norm = explain_values(b, l, "normalised") != NULL;
  bool after = norm && gp_norm_options_of(&b->spec->norm)->place == GP_NORM_AFTER;
  char alpha[32];
  printf("  dC/dh%d = W%d^T delta%d%s\n", l, l + 1, l + 1,
         feeds(b, l) ? " + what comes back along the connection" : "");
  if (explain_is_plain(b, l)) {
    printf("  delta%d = dC/dh%d * %s'(z%d)\n    %s'(z) = %s\n", l, l, name, l, name,
           at->activation->derivative);
    return;
  }
  printf("  delta%d is g after these steps, beginning with g = dC/dh%d:\n", l, l);
  if (at->source != 0 && !at->sums_before)
    printf("  g goes back to h%d; g <- %s g\n", at->source, explain_number(alpha, at->alpha));
  if (after) print_norm_rule(b, "a");
  printf("  g <- g * %s'(u)\n    %s'(z) = %s\n", name, name, at->activation->derivative);
  if (at->source != 0 && at->sums_before)
    printf("  g goes back to h%d; g <- %s g\n", at->source, explain_number(alpha, at->alpha));
  if (norm && !after) print_norm_rule(b, "z");
}

/* ---- gradients ---- */

static void write_gradient(const explain_book *b, int l, int64_t o, int64_t i) {
  const explain_layer *at = &b->layer[l];
  const double *delta = explain_values(b, l, "delta"), *h = explain_output(b, l - 1);
  double f = gp_loss_batch_factor(&b->spec->loss, b->batch) * at->multiplier;
  char x[32], y[32];
  explain_begin("    dC/dW%d[%d,%d] = ", l, (int)o + 1, (int)i + 1);
  if (f != 1) explain_part("%s (", explain_number(x, f));
  for (int64_t e = 0; e < b->batch; e++)
    explain_part("%s%s*%s", e > 0 ? " + " : "", explain_factor(x, delta[e * at->out + o]),
                 explain_factor(y, h[e * at->in + i]));
  if (f != 1) explain_part(")");
  explain_part(" = %s", explain_number(x, explain_values(b, l, "weight_gradient")[o * at->in + i]));
  explain_end();
}

/* Gradients of what is trained beside weights and biases, and how each follows from what stands above. */
static const struct {
  const char *array, *name, *formula;
} others[] = {
    {"weight_gain_gradient", "gain", "<row of dC/dW, v>/|v|"},
    {"weight_direction_gradient", "v", "gain/|v| (row of dC/dW - v <row of dC/dW, v>/|v|^2)"},
    {"norm_gamma_gradient", "gamma", "f sum over examples of dC/dy n"},
    {"norm_beta_gradient", "beta", "f sum over examples of dC/dy"},
    {"residual_alpha_gradient", "alpha", "f sum of g times the output of the block"},
};

static void print_others(const explain_book *b, int l) {
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    const explain_array *a = explain_find(b, l, others[i].array);
    char head[32];
    if (a == NULL) continue;
    printf("  dC/d%s%d = %s\n", others[i].name, l, others[i].formula);
    snprintf(head, sizeof head, "dC/d%s%d[%s", others[i].name, l, a->rows > 1 ? ".," : "");
    explain_table(a->rows > 1 ? "unit" : "", head, a->x, a->rows, a->cols, (explain_column){NULL, NULL});
  }
}

static void print_gradients(const explain_book *b, int l) {
  const explain_layer *at = &b->layer[l];
  double f = gp_loss_batch_factor(&b->spec->loss, b->batch);
  char head[32], bias[32], x[32];
  const char *factor = f != 1 ? "f " : "", *sum = b->batch > 1 ? "sum over examples of " : "";
  printf("  dC/dW%d = %s%s%sdelta%d h%d^T", l, factor, at->multiplier != 1 ? "m " : "", sum, l, l - 1);
  if (b->spec->bias) printf("\n  dC/db%d = %s%sdelta%d", l, factor, sum, l);
  if (f != 1) printf("\n  f = 1/%d, the mean over the batch", (int)b->batch);
  if (at->multiplier != 1)
    printf("%s m = %s, the multiplier", f != 1 ? ";" : "\n ", explain_number(x, at->multiplier));
  putchar('\n');
  for (int64_t o = 0; o < (b->all ? at->out : 1); o++)
    for (int64_t i = 0; i < (b->all ? at->in : 1); i++) write_gradient(b, l, o, i);
  snprintf(head, sizeof head, "dC/dW%d[.,", l);
  snprintf(bias, sizeof bias, "dC/db%d", l);
  explain_table("unit", head, explain_values(b, l, "weight_gradient"), at->out, at->in,
                (explain_column){b->spec->bias ? bias : NULL, explain_values(b, l, "bias_gradient")});
  print_others(b, l);
}

static void print_layer(const explain_book *b, int l) {
  char head[32];
  bool last = l == b->layers;
  explain_heading("Back through layer %d of %d", l, b->layers);
  if (last)
    print_output_rule(b);
  else
    print_hidden_rule(b, l);
  for (int64_t e = 0; e < (b->all ? b->batch : 1); e++) {
    printf("  example %d:\n", (int)e + 1);
    if (last)
      write_output(b, e);
    else
      write_hidden(b, l, e);
  }
  snprintf(head, sizeof head, "delta%d", l);
  if ((!b->all && b->batch > 1) || (!last && !explain_is_plain(b, l)))
    explain_table("example", head, explain_values(b, l, "delta"), b->batch, b->layer[l].out,
                  (explain_column){NULL, NULL});
  putchar('\n');
  print_gradients(b, l);
}

void explain_print_backward(const explain_book *b) {
  char x[32];
  explain_heading("Backward: delta is dC/dz of an example's own loss");
  for (int l = b->layers; l >= 1; l--) print_layer(b, l);
  explain_heading("Back to the input: dC/dx = %sW1^T delta1",
                  gp_loss_batch_factor(&b->spec->loss, b->batch) != 1 ? "f " : "");
  explain_table("example", "dC/dx", explain_values(b, 0, "input_gradient"), b->batch, b->data->features,
                (explain_column){NULL, NULL});
  snprintf(x, sizeof x, "%.1e", b->worst);
  printf("\nWorked again in plain double, every array agrees with the engine's %s\n"
         "to %s of its largest term%s%s.\n",
         gp_precision_words[b->spec->precision], x, b->worst > 0 ? "; the worst is " : "", b->where);
}

/* ---- check ---- */

enum { CHECK_SHOWN = 40 };

typedef struct entry {
  int layer;
  const char *name;
  int64_t index;
  double gradient, difference;
} entry;

typedef struct entries {
  const explain_book *book;
  sheet *g;
  gp_status status;
} entries;

/* "W2[1,3]", "b1[2]", "gamma1[2]", "x[1,2]": as the tables above call them. */
static void entry_name(char out[static 48], const explain_book *b, const entry *e) {
  const char *name = explain_symbol(e->name);
  int64_t in = e->layer > 0 ? b->layer[e->layer].in : b->batch;
  int row = (int)(e->index / in) + 1, col = (int)(e->index % in) + 1;
  if (e->layer == 0)
    snprintf(out, 48, "x[%d,%d]", col, row); /* the network keeps inputs as (features, B) */
  else if (strcmp(name, "W") == 0 || strcmp(name, "v") == 0)
    snprintf(out, 48, "%s%d[%d,%d]", name, e->layer, row, col);
  else
    snprintf(out, 48, "%s%d[%d]", name, e->layer, (int)e->index + 1);
}

static gp_status add_entry(entries *list, const entry *e) {
  char name[48];
  entry_name(name, list->book, e);
  GP_TRY(sheet_addf(list->g, "  %s", name));
  GP_TRY(sheet_addf(list->g, "%.9g", e->gradient));
  if (isnan(e->difference)) {
    GP_TRY(sheet_add(list->g, "a kink"));
    return sheet_add(list->g, "");
  }
  GP_TRY(sheet_addf(list->g, "%.9g", e->difference));
  return sheet_addf(list->g, "%.1e", e->gradient - e->difference);
}

static void see_entry(void *context, int layer, const char *name, int64_t index, double gradient,
                      double difference) {
  entries *list = context;
  entry e = {layer, name, index, gradient, difference};
  if (list->status == GP_OK) list->status = add_entry(list, &e);
}

/* Every entry where they are few or all were asked for, else one line per array. */
static gp_status print_arrays(const gp_gradcheck *check) {
  sheet *g = NULL;
  static const char *const heads[] = {"layer", "array", "entries", "largest gradient", "worst error"};
  GP_TRY(sheet_create(&g, 5));
  gp_status status = GP_OK;
  for (size_t c = 0; c < 5 && status == GP_OK; c++)
    status = sheet_head(g, c, heads[c], c == 1 ? SHEET_TEXT : SHEET_NUMBER);
  for (size_t i = 0; i < check->count && status == GP_OK; i++) {
    const gp_gradcheck_row *row = &check->rows[i];
    status = sheet_addf(g, "%d", row->layer);
    if (status == GP_OK) status = sheet_add(g, row->name);
    if (status == GP_OK) status = sheet_addf(g, "%lld", (long long)row->checked);
    if (status == GP_OK) status = sheet_addf(g, "%.6g", row->largest);
    if (status == GP_OK) status = sheet_addf(g, "%.1e", row->error * row->largest);
  }
  if (status == GP_OK) sheet_print(g, SHEET_ALIGNED, stdout);
  sheet_free(g);
  return status;
}

static int64_t entries_of(const gp_gradcheck *check) {
  int64_t count = 0;
  for (size_t i = 0; i < check->count; i++) count += check->rows[i].checked + check->rows[i].skipped;
  return count;
}

static gp_status print_check(const explain_book *b, gp_gradcheck *check, entries *list, bool *held) {
  static const char *const heads[] = {"entry", "gradient", "difference quotient", "error"};
  gp_gradcheck_how how = {.step = b->step, .as_it_is = true, .entry = see_entry, .context = list};
  for (size_t c = 0; c < 4; c++) GP_TRY(sheet_head(list->g, c, heads[c], c == 0 ? SHEET_TEXT : SHEET_NUMBER));
  GP_TRY(gp_gradcheck_at(check, b->spec, b->data, &how));
  GP_TRY(list->status);
  if (b->all || entries_of(check) <= CHECK_SHOWN)
    sheet_print(list->g, SHEET_ALIGNED, stdout);
  else
    GP_TRY(print_arrays(check));
  *held = check->worst <= GP_GRADCHECK_LIMIT;
  printf("\n%lld gradients; worst error %.1e of an array's largest: %s (limit %.0e)\n",
         (long long)entries_of(check), check->worst, *held ? "agreed" : "DISAGREE", GP_GRADCHECK_LIMIT);
  return GP_OK;
}

gp_status explain_print_check(const explain_book *b, bool *held) {
  gp_gradcheck check = {0};
  entries list = {.book = b};
  explain_heading("Check: dC/dw against (C(w + s) - C(w - s))/2s at s -> 0, in double");
  GP_TRY(sheet_create(&list.g, 4));
  gp_status status = print_check(b, &check, &list, held);
  sheet_free(list.g);
  gp_gradcheck_free(&check);
  return status;
}
