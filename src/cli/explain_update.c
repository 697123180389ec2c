/* The update of `explain`: the rule, its settings, and what it does to every parameter. */
#include "explain.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "clip.h"
#include "optimizer.h"
#include "schedule.h"
#include "sheet.h"

/* ---- the rule ---- */

static void print_clip(const explain_book *b) {
  const gp_trainer *t = b->trainer;
  char max[32], factor[32];
  int scope = gp_clip_scope_of(&b->spec->clip);
  explain_number(max, gp_clip_max(&b->spec->clip));
  if (scope == GP_CLIP_VALUE) printf("  clip: g <- g within [-%s, %s]\n", max, max);
  if (scope == GP_CLIP_NETWORK)
    printf("  clip: g <- %s g, so that the norm of all gradients is at most %s\n",
           explain_number(factor, t->clip_factor[0]), max);
  for (int l = 0; scope == GP_CLIP_LAYER && l < b->layers; l++)
    printf("  clip: g <- %s g in layer %d, so that its norm is at most %s\n",
           explain_number(factor, t->clip_factor[l]), l + 1, max);
}

static void print_decay(const explain_book *b) {
  char decay[32];
  const char *which = b->spec->decay_bias ? "" : " (weights only)";
  if (!b->trainer->decay_used) return;
  explain_number(decay, b->spec->weight_decay);
  if (b->spec->decoupled)
    printf("  decay: w <- w - rate %s w besides%s\n", decay, which);
  else
    printf("  decay: g <- g + %s w%s\n", decay, which);
}

static void print_rates(const explain_book *b) {
  const double *rate = b->trainer->rate_now;
  bool same = true;
  char x[32];
  for (int l = 1; l < b->layers; l++) same = same && rate[l] == rate[0];
  explain_begin("  rate = %s", explain_number(x, rate[0]));
  for (int l = 1; l < b->layers && !same; l++) explain_part(", %s", explain_number(x, rate[l]));
  if (!same) explain_part(" in layers 1 to %d", b->layers);
  if (strcmp(b->spec->schedule.item->name, "constant") != 0)
    explain_part(", by the schedule %s", b->spec->schedule.item->name);
}

static void print_rule(const explain_book *b) {
  const gp_choice *choice = &b->spec->optimizer;
  const gp_optimizer *optimizer = gp_optimizer_of(choice);
  char x[32];
  for (const char *const *line = gp_optimizer_formula(choice); *line != NULL; line++) printf("  %s\n", *line);
  print_clip(b);
  print_decay(b);
  print_rates(b);
  for (const gp_option *o = choice->item->options; o != NULL && o->name != NULL; o++)
    if (o->type == GP_OPTION_REAL && *(const double *)gp_option_value(o, choice->options) != 0)
      explain_part(", %s = %s", o->name,
                   explain_number(x, *(const double *)gp_option_value(o, choice->options)));
  if (optimizer->corrected) explain_part(", t = %lld", (long long)b->step + 1);
  if (gp_optimizer_options_of(choice)->epsilon_inside) explain_part("; epsilon is inside the root");
  explain_end();
}

/* ---- every parameter ---- */

/* What the table says of one parameter array; `after` are the new values and states, from the trainer. */
typedef struct row_source {
  const explain_array *before, *gradient, *update;
  double after[EXPLAIN_CELLS], state[GP_UPDATE_STATES_MAX][EXPLAIN_CELLS];
  int states;
} row_source;

static bool find_source(row_source *s, const explain_book *b, int l, const gp_parameter *p) {
  const gp_net *net = &b->trainer->net;
  char name[64];
  const unsigned char *state = p->at.state;
  s->before = explain_find(b, l, p->name);
  snprintf(name, sizeof name, "%s_gradient", p->name);
  s->gradient = explain_find(b, l, name);
  snprintf(name, sizeof name, "%s_update", p->name);
  s->update = explain_find(b, l, name);
  s->states = state != NULL ? b->trainer->states : 0;
  net->k->widen(s->after, p->at.value, p->count, 1);
  for (int k = 0; k < s->states; k++)
    net->k->widen(s->state[k], state + gp_net_bytes(net, k * p->count), p->count, 1);
  return s->before != NULL && s->gradient != NULL && s->update != NULL;
}

/* Which columns a table has: with two state arrays they do not all fit into 80. */
typedef enum columns { COLUMNS_ALL, COLUMNS_STATES, COLUMNS_CHANGE } columns;

static gp_status add_name(sheet *g, const gp_parameter *p, int l, int64_t i, int64_t in) {
  const char *symbol = explain_symbol(p->name);
  if (p->rank == 2) return sheet_addf(g, "  %s%d[%d,%d]", symbol, l, (int)(i / in) + 1, (int)(i % in) + 1);
  return sheet_addf(g, "  %s%d[%d]", symbol, l, (int)i + 1);
}

static gp_status add_number(sheet *g, double x) {
  char text[32];
  return sheet_add(g, explain_number(text, x));
}

static gp_status add_row(sheet *g, const row_source *s, int64_t i, columns which) {
  if (which != COLUMNS_STATES) GP_TRY(add_number(g, s->before->x[i]));
  if (which != COLUMNS_CHANGE) GP_TRY(add_number(g, s->gradient->x[i]));
  for (int k = 0; k < s->states && which != COLUMNS_CHANGE; k++) GP_TRY(add_number(g, s->state[k][i]));
  if (which == COLUMNS_STATES) return GP_OK;
  GP_TRY(add_number(g, s->update->x[i]));
  return add_number(g, s->after[i]);
}

static gp_status heads(sheet *g, const explain_book *b, columns which) {
  const gp_optimizer *optimizer = gp_optimizer_of(&b->spec->optimizer);
  size_t c = 0;
  GP_TRY(sheet_head(g, c++, "", SHEET_TEXT));
  if (which != COLUMNS_STATES) GP_TRY(sheet_head(g, c++, "w", SHEET_NUMBER));
  if (which != COLUMNS_CHANGE) GP_TRY(sheet_head(g, c++, "g", SHEET_NUMBER));
  for (int k = 0; k < b->trainer->states && which != COLUMNS_CHANGE; k++)
    GP_TRY(sheet_head(g, c++, optimizer->states[k], SHEET_NUMBER));
  if (which == COLUMNS_STATES) return GP_OK;
  GP_TRY(sheet_head(g, c++, "change", SHEET_NUMBER));
  return sheet_head(g, c, "new w", SHEET_NUMBER);
}

static gp_status add_parameter(sheet *g, const explain_book *b, int l, const gp_parameter *p, columns which) {
  row_source s = {0};
  if (!find_source(&s, b, l, p)) return GP_OK;
  for (int64_t i = 0; i < p->count; i++) {
    GP_TRY(add_name(g, p, l, i, b->layer[l].in));
    GP_TRY(add_row(g, &s, i, which));
  }
  return GP_OK;
}

static gp_status fill(sheet *g, const explain_book *b, columns which) {
  GP_TRY(heads(g, b, which));
  for (int l = 1; l <= b->layers; l++) {
    gp_parameter p[GP_PARAMETERS_MAX];
    int count = gp_layer_parameters(&b->trainer->net.layer[l - 1], p);
    if (l > 1) GP_TRY(sheet_gap(g));
    for (int j = 0; j < count; j++) GP_TRY(add_parameter(g, b, l, &p[j], which));
  }
  return GP_OK;
}

static gp_status print_table(const explain_book *b, columns which) {
  size_t count = which == COLUMNS_STATES ? 2 : which == COLUMNS_CHANGE ? 4 : 5;
  sheet *g = NULL;
  GP_TRY(sheet_create(&g, count + (size_t)(which == COLUMNS_CHANGE ? 0 : b->trainer->states)));
  gp_status status = fill(g, b, which);
  putchar('\n');
  if (status == GP_OK) sheet_print(g, SHEET_ALIGNED, stdout);
  sheet_free(g);
  return status;
}

gp_status explain_print_update(const explain_book *b) {
  char before[32], after[32];
  if (!b->updated) {
    printf("\nThere is no update: %s\n",
           b->step == b->spec->steps ? "this is the last step (train.steps)" : "the loss is not finite");
    return GP_OK;
  }
  explain_heading("Update %lld by %s", (long long)b->step + 1, b->spec->optimizer.item->name);
  print_rule(b);
  bool split = b->trainer->states > 1;
  GP_TRY(print_table(b, split ? COLUMNS_STATES : COLUMNS_ALL));
  if (split) GP_TRY(print_table(b, COLUMNS_CHANGE));
  printf("\nThe loss of this batch goes from %s to %s.\n", explain_number(before, b->loss_before),
         explain_number(after, b->loss_after));
  return GP_OK;
}
