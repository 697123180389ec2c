/* The forward pass of `explain`: inputs, every layer, the loss. */
#include "explain.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "norm.h"

static const explain_column nothing = {NULL, NULL};

/* How many examples have their sums written out. */
static int64_t written(const explain_book *b) {
  return b->all ? b->batch : 1;
}

static void print_examples(const explain_book *b) {
  int64_t out = b->layer[b->layers].out;
  explain_heading("Input x = h0 and target y, %lld example%s", (long long)b->batch, b->batch == 1 ? "" : "s");
  if (out == 1)
    explain_table("example", "x", b->x, b->batch, b->data->features, (explain_column){"y", b->target});
  else
    explain_table("example", "x", b->x, b->batch, b->data->features, nothing);
  if (out > 1) explain_table("example", "y", b->target, b->batch, out, nothing);
}

/* ---- what a layer does, in formulas ---- */

/* The numbers that an item has for settings, "alpha = 0.1, ...", behind `front`. */
static void print_settings(const gp_choice *choice, const char *front) {
  char number[32];
  for (const gp_option *o = choice->item->options; o != NULL && o->name != NULL; o++)
    if (o->type == GP_OPTION_REAL) {
      const double *value = gp_option_value(o, choice->options);
      printf("%s%s = %s", front, o->name, explain_number(number, *value));
      front = ", ";
    }
}

static void print_join(const explain_layer *at, int l, const char *out, const char *in) {
  char alpha[32];
  printf("  %s%d = %s %s%d + h%d\n", out, l, explain_factor(alpha, at->alpha), in, l, at->source);
}

static void print_norm(const explain_book *b, int l, const char *x) {
  const gp_norm_options *o = gp_norm_options_of(&b->spec->norm);
  char eps[32];
  printf("  n%d = %s\n    with x = %s%d, eps = %s\n", l, gp_norm_of(&b->spec->norm)->formula, x, l,
         explain_number(eps, o->eps));
  if (o->affine) printf("  y%d = gamma%d n%d + beta%d\n", l, l, l, l);
}

/* The name of what the normalisation gives. */
static const char *normed(const explain_book *b) {
  return gp_norm_options_of(&b->spec->norm)->affine ? "y" : "n";
}

static void print_formulas(const explain_book *b, int l) {
  const explain_layer *at = &b->layer[l];
  bool norm = explain_values(b, l, "normalised") != NULL;
  bool after = norm && gp_norm_options_of(&b->spec->norm)->place == GP_NORM_AFTER;
  bool ends_after = at->source != 0 && !at->sums_before;
  const char *u = "z", *h = after || ends_after ? "a" : "h";
  char m[32];
  printf("  z%d = %s%sW%d h%d%s%d\n", l, at->multiplier != 1 ? explain_number(m, at->multiplier) : "",
         at->multiplier != 1 ? " " : "", l, l - 1, b->spec->bias ? " + b" : ", h", b->spec->bias ? l : l - 1);
  if (norm && !after) print_norm(b, l, "z"), u = normed(b);
  if (at->source != 0 && at->sums_before) print_join(at, l, "u", u), u = "u";
  if (at->activation == NULL) return;
  const char *name = at->activation->item.name, *formula = at->activation->formula;
  printf("  %s%d = %s(%s%d)", h, l, name, u, l);
  if (strncmp(formula, name, strlen(name)) != 0) printf("\n    %s(z) = %s", name, formula);
  print_settings(at->choice, ", ");
  putchar('\n');
  if (after) print_norm(b, l, "a"), h = normed(b);
  if (ends_after) print_join(at, l, "h", h);
  if (after && !ends_after) printf("  h%d = %s%d\n", l, h, l);
}

/* ---- sums written out ---- */

static void write_sum(const explain_book *b, int l, int64_t e, int64_t o) {
  const explain_layer *at = &b->layer[l];
  const double *w = explain_values(b, l, "weight"), *bias = explain_values(b, l, "bias");
  const double *h = explain_output(b, l - 1), *z = explain_values(b, l, "preactivation");
  char x[32], y[32];
  bool scaled = at->multiplier != 1;
  explain_begin("    z%d[%d] = ", l, (int)o + 1);
  if (scaled) explain_part("%s (", explain_number(x, at->multiplier));
  for (int64_t i = 0; i < at->in; i++)
    explain_part("%s%s*%s", i > 0 ? " + " : "", explain_factor(x, w[o * at->in + i]),
                 explain_factor(y, h[e * at->in + i]));
  if (scaled) explain_part(")");
  if (bias != NULL) explain_part(" + %s", explain_factor(x, bias[o]));
  explain_part(" = %s", explain_number(x, z[e * at->out + o]));
  explain_end();
}

static void write_activation(const explain_book *b, int l, int64_t e, int64_t o) {
  const explain_layer *at = &b->layer[l];
  char z[32], h[32];
  int64_t i = e * at->out + o;
  printf("    h%d[%d] = %s(%s) = %s\n", l, (int)o + 1, at->activation->item.name, explain_number(z, at->u[i]),
         explain_number(h, explain_values(b, l, "activation")[i]));
}

static void write_example(const explain_book *b, int l, int64_t e) {
  printf("  example %d:\n", (int)e + 1);
  for (int64_t o = 0; o < b->layer[l].out; o++) {
    write_sum(b, l, e, o);
    if (explain_is_plain(b, l)) write_activation(b, l, e, o);
  }
}

/* ---- tables ---- */

static void table(const explain_book *b, int l, const char *name, const double *x) {
  char head[32];
  snprintf(head, sizeof head, "%s%d", name, l);
  if (x != NULL) explain_table("example", head, x, b->batch, b->layer[l].out, nothing);
}

static void print_vector(const explain_book *b, int l, const char *array) {
  const explain_array *a = explain_find(b, l, array);
  char head[32];
  snprintf(head, sizeof head, "%s%d", explain_symbol(array), l);
  if (a != NULL) explain_table("", head, a->x, 1, a->cols, nothing);
}

static void print_parameters(const explain_book *b, int l) {
  const explain_layer *at = &b->layer[l];
  char head[32], bias[32];
  const double *direction = explain_values(b, l, "weight_direction");
  snprintf(head, sizeof head, "v%d[.,", l);
  if (direction != NULL) explain_table("unit", head, direction, at->out, at->in, nothing);
  print_vector(b, l, "weight_gain");
  snprintf(head, sizeof head, "W%d[.,", l);
  snprintf(bias, sizeof bias, "b%d", l);
  explain_table("unit", head, explain_values(b, l, "weight"), at->out, at->in,
                (explain_column){b->spec->bias ? bias : NULL, explain_values(b, l, "bias")});
  print_vector(b, l, "norm_gamma");
  print_vector(b, l, "norm_beta");
  putchar('\n');
}

/* The stages in their order; what stands in a line above already is left out. */
static void print_stages(const explain_book *b, int l) {
  const explain_layer *at = &b->layer[l];
  bool norm = explain_values(b, l, "normalised") != NULL, all_written = written(b) == b->batch;
  bool affine = norm && gp_norm_options_of(&b->spec->norm)->affine;
  bool after = norm && gp_norm_options_of(&b->spec->norm)->place == GP_NORM_AFTER;
  if (!all_written) table(b, l, "z", explain_values(b, l, "preactivation"));
  if (after || (at->source != 0 && !at->sums_before)) table(b, l, "a", at->a);
  if (norm) table(b, l, "n", explain_values(b, l, "normalised"));
  if (affine) table(b, l, "y", at->y);
  if (at->source != 0 && at->sums_before) table(b, l, "u", at->u);
  if (at->activation != NULL && (!all_written || !explain_is_plain(b, l)))
    table(b, l, "h", explain_values(b, l, "activation"));
}

static void print_layer(const explain_book *b, int l) {
  const gp_norm *norm = gp_norm_of(&b->spec->norm);
  explain_heading("Layer %d of %d, %s", l, b->layers, l == b->layers ? "the output" : "hidden");
  print_formulas(b, l);
  if (norm != NULL && norm->weights) printf("  every row of W%d = %s\n", l, norm->formula);
  print_parameters(b, l);
  for (int64_t e = 0; e < written(b); e++) write_example(b, l, e);
  print_stages(b, l);
}

/* ---- loss ---- */

static void write_mean(const explain_book *b) {
  bool mean = gp_loss_batch_factor(&b->spec->loss, 2) != 1;
  char x[32];
  explain_begin("  C = ");
  if (b->batch > 1) explain_part("%s", mean ? "(" : "");
  for (int64_t e = 0; e < b->batch && b->batch > 1; e++)
    explain_part("%s%s", e > 0 ? " + " : "", explain_number(x, b->example_loss[e]));
  if (b->batch > 1 && mean) explain_part(")/%d", (int)b->batch);
  if (b->batch > 1) explain_part(" = ");
  explain_part("%s", explain_number(x, b->loss_before));
  explain_end();
}

static void print_loss(const explain_book *b) {
  const gp_loss *loss = gp_loss_of(&b->spec->loss);
  int64_t out = b->layer[b->layers].out;
  double weight = gp_loss_weight(&b->spec->loss, out);
  char x[32];
  explain_heading("Loss %s", loss->item.name);
  printf("  %s%s%s", weight != 1 ? explain_number(x, weight) : "", weight != 1 ? " times " : "",
         loss->formula);
  print_settings(&b->spec->loss, "\n    ");
  printf("%s\n", out > 1 ? "\n    summed over the outputs" : "");
  explain_table("example", "p", explain_output(b, b->layers), b->batch, out,
                (explain_column){"loss", b->example_loss});
  putchar('\n');
  write_mean(b);
}

void explain_print_forward(const explain_book *b) {
  print_examples(b);
  for (int l = 1; l <= b->layers; l++) print_layer(b, l);
  print_loss(b);
}
