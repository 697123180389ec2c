/* gradpath explain: one network and one step of it with every number, as a textbook works it by hand. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>

#include "explain.h"
#include "precision.h"

typedef struct explain_options {
  int64_t step;
  bool all;
} explain_options;

static const cli_flag flags[] = {
    CLI_NUMBER(explain_options, step, 's', "step", "N",
               "the step to explain (default 0: before the first update)"),
    CLI_SWITCH(explain_options, all, 'a', "all", "write the sums of every example out, check entry by entry"),
    CLI_FLAGS_END,
};

static void print_title(const explain_book *b) {
  const gp_spec *s = b->spec;
  const double *rows = explain_find(b, 0, "batch")->x;
  gp_text shape = {0};
  gp_text_add(&shape, "%lld", (long long)b->data->features);
  for (int l = 1; l <= b->layers; l++) gp_text_add(&shape, "-%lld", (long long)b->layer[l].out);
  printf("%sNetwork %s%s: %s, loss %s, optimizer %s\n", cli_out(CLI_BOLD), shape.failed ? "" : shape.data,
         cli_out(CLI_OFF), s->activation.item->name, s->loss.item->name, s->optimizer.item->name);
  explain_begin("Step %lld, seed %lld, %s, row%s", (long long)b->step, (long long)s->seed,
                gp_precision_words[s->precision], b->batch == 1 ? "" : "s");
  for (int64_t e = 0; e < b->batch; e++) explain_part(" %d", (int)rows[e]);
  explain_part(" of the data; numbers to 6 digits");
  explain_end();
  gp_text_free(&shape);
}

static gp_status print_book(const explain_book *b) {
  bool held = true;
  print_title(b);
  explain_print_forward(b);
  explain_print_backward(b);
  GP_TRY(explain_print_check(b, &held));
  GP_TRY(explain_print_update(b));
  return held ? GP_OK : gp_fail(GP_ERR_NO, "a gradient differs from its finite difference");
}

static gp_status explain_plan(const gp_plan *plan, const explain_options *o, const char *tier) {
  gp_spec spec;
  int64_t step = o->step < 0 ? 0 : o->step;
  GP_TRY(cli_one_run(plan));
  GP_TRY(gp_plan_spec(plan, 0, &spec));
  if (step > spec.steps)
    return gp_fail(GP_ERR_USAGE, "--step wants a step from 0 to %lld (train.steps), not %lld",
                   (long long)spec.steps, (long long)step);
  explain_book *book = calloc(1, sizeof *book);
  if (book == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  book->spec = &spec;
  book->data = gp_plan_dataset(plan, 0);
  book->all = o->all;
  gp_status status = gp_trainer_create(&book->trainer, &(gp_train_options){.tier = tier});
  if (status == GP_OK) status = explain_collect(book, step);
  if (status == GP_OK) status = print_book(book);
  gp_trainer_free(book->trainer);
  explain_free(book);
  free(book);
  return status;
}

static gp_status run(const cli_call *call) {
  gp_plan *plan = NULL;
  GP_TRY(cli_load(&plan, call, NULL));
  gp_status status = explain_plan(plan, call->options, call->tier);
  gp_plan_free(plan);
  return status;
}

extern const cli_command cli_explain;
const cli_command cli_explain = {
    .name = "explain",
    .operands = "CONFIG [key=value ...]",
    .summary = "Work one step of a small network by hand: forward, backward, update",
    .details =
        "Every number of one step, layer by layer, with its formula: sums, activations, loss, deltas,\n"
        "gradients beside their finite differences (in double), and what the optimiser makes of them.\n"
        "Sums are written out for the first example; --all writes all of them. The configuration must\n"
        "come down to one run of at most 8 units a layer, 8 examples a batch and 31 hidden layers. Exit 1\n"
        "when a gradient differs from its finite difference by more than 1e-7 of its array's largest.\n"
        "\n"
        "Weights of your own are read from a file: init: {name: file, path: weights.h5}.\n"
        "\n"
        "Examples:\n"
        "  gradpath explain xor activation=tanh depth=1 learning_rate=1 seed=0\n"
        "  gradpath explain xor activation=tanh depth=1 learning_rate=1 seed=0 --step 9\n",
    .flags = flags,
    .least = 1,
    .most = SIZE_MAX,
    .run = run,
};
