/* The stations of the first-principles walk. Each prints its numbers (report) and states its claims: the same computation,
 * called once for either. */
#ifndef GP_WALK_H
#define GP_WALK_H

#include "plot.h"
#include "small_net.h"
#include "study_view.h"

typedef struct walk {
  gp_text *text;     /* NULL: nobody reads */
  gp_claims *claims; /* NULL: nobody judges */
} walk;

void walk_say(const walk *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* States a claim: true and false by `held`. GP_ERR_MEMORY. `measured` and `expected` are finished texts. */
gp_status walk_claim(const walk *w, bool held, const char *text, const char *measured, const char *expected);

gp_status walk_perceptron(const walk *w); /* signed distance; AND, OR, XOR; 2-2-1 */
gp_status
walk_functions(const walk *w); /* activations and derivatives; forward pass; chain rule; dimensions */
gp_status walk_matrices(const walk *w); /* linear collapse; dy/dx = W^T; dC/dW = delta x^T; sign */
gp_status walk_cost(const walk *w);     /* what backpropagation saves */

/* Trains a perceptron on a gate, and tanh 2-2-1 on xor from the first seed that solves it. */
gp_status walk_gate(small_net *net, const char *gate, int64_t steps);
gp_status walk_xor(small_net *net, int seed, bool *solved);
enum { WALK_GATE_STEPS = 200, WALK_XOR_STEPS = 1500, WALK_XOR_SEEDS = 10 };

/* The figures: decision boundaries, activations with derivatives, curves by width. */
gp_status walk_figures(gp_plot_result *out, const gp_plot_request *request, gp_table *table);

#endif
