/* The figures of the walk: decision boundaries, activations with their derivatives, a curve at four widths. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "activation.h"
#include "study_chart.h"
#include "walk.h"

/* ---- decision boundaries ---- */

enum { PANELS = 3, GRID = 61 };
static const double LOW = -0.5, HIGH = 1.5;

/* The share of "yes" a unit of the last layer gives: a perceptron says 0 or 1. */
static double answer(const small_net *net, int64_t step, bool hidden, double x, double y) {
  double in[2] = {x, y};
  if (hidden) return 1 / (1 + exp(-small_net_output(net, step, in)));
  const double *w = small_net_array(net, step, 1, "weight")->values;
  return w[0] * x + w[1] * y + small_net_array(net, step, 1, "bias")->values[0] > 0;
}

static void add_ground(gp_figure *figure, const small_net *net, int64_t step, bool hidden) {
  gp_figure_block(figure, "answer of the net", "x y answer");
  for (int i = 0; i < GRID; i++)
    for (int j = 0; j < GRID; j++) {
      double x = LOW + (HIGH - LOW) * j / (GRID - 1), y = LOW + (HIGH - LOW) * i / (GRID - 1);
      gp_figure_row(figure, (double[]){x, y, answer(net, step, hidden, x, y)}, 3);
    }
}

/* The lines w.x + b = 0 of the first layer's units, two points each, and the four corners with their labels. */
static void add_lines(gp_figure *figure, const small_net *net, int64_t step) {
  const small_array *w = small_net_array(net, step, 1, "weight"), *b = small_net_array(net, step, 1, "bias");
  gp_figure_block(figure, "lines of the units of the first layer", "x y dx dy");
  for (int64_t o = 0; o < w->rows; o++) {
    double u = w->values[2 * o], v = w->values[2 * o + 1], n2 = u * u + v * v, c = b->values[o];
    gp_figure_row(figure,
                  (double[]){-c * u / n2 + 5 * v / sqrt(n2), -c * v / n2 - 5 * u / sqrt(n2),
                             -10 * v / sqrt(n2), 10 * u / sqrt(n2)},
                  4);
  }
  gp_figure_block(figure, "corners", "x y label");
  for (int i = 0; i < 4; i++)
    gp_figure_row(figure, (double[]){net->data->x[2 * i], net->data->x[2 * i + 1], net->data->label[i]}, 3);
}

static gp_status add_gate(gp_figure *figure, const char *gate) {
  small_net net = {.only = NULL};
  gp_status status = walk_gate(&net, gate, WALK_GATE_STEPS);
  if (status == GP_OK) {
    add_ground(figure, &net, WALK_GATE_STEPS, false);
    add_lines(figure, &net, WALK_GATE_STEPS);
  }
  small_net_free(&net);
  return status;
}

static gp_status add_xor(gp_figure *figure) {
  gp_status status = GP_OK;
  bool solved = false;
  for (int seed = 0; seed < WALK_XOR_SEEDS && !solved && status == GP_OK; seed++) {
    small_net net = {.only = NULL};
    status = walk_xor(&net, seed, &solved);
    if (status == GP_OK && solved) {
      add_ground(figure, &net, WALK_XOR_STEPS, true);
      add_lines(figure, &net, WALK_XOR_STEPS);
    }
    small_net_free(&net);
  }
  return status == GP_OK && !solved ? gp_fail(GP_ERR_NO, "no seed of the 2-2-1 net solves xor") : status;
}

static gp_status draw_boundaries(gp_plot_result *out, const gp_plot_request *request) {
  static const char *const titles[PANELS] = {"AND: one line", "OR: one line",
                                             "XOR: two lines, then one unit"};
  gp_figure figure = {.name = "decision-boundaries",
                      .template_ = "boundary",
                      .width = 7.2,
                      .height = 2.75,
                      .left = 0.62,
                      .right = 0.2,
                      .foot = 0.52,
                      .panels = PANELS};
  gp_text_add(&figure.title, "One unit draws one line; exclusive or needs two");
  gp_text_add(&figure.subtitle,
              "Shade: the net’s answer (blue 0, orange 1); black: where a unit of the first layer is 0; "
              "perceptron rule, and a tanh net 2-2-1 trained by Adam");
  gp_text_add(&figure.caption,
              "One unit draws one line; exclusive or needs two\n\nA perceptron is a line. No line has the "
              "two corners of exclusive or that answer 1 on one side.\n");
  gp_figure_texts(&figure, "panel_title", titles, PANELS);
  gp_figure_real(&figure, "low", LOW);
  gp_figure_real(&figure, "high", HIGH);
  gp_status status = add_gate(&figure, "and");
  if (status == GP_OK) status = add_gate(&figure, "or");
  if (status == GP_OK) status = add_xor(&figure);
  if (status == GP_OK) return study_figure_draw(&figure, request, out);
  gp_figure_free(&figure);
  return status;
}

/* ---- activations ---- */

static void add_activation(study_chart *c, const char *name, bool slope) {
  gp_choice choice;
  gp_choice_set(&choice, gp_family_find(&gp_activation_family, name));
  study_chart_line(c);
  for (int i = -120; i <= 120; i++) {
    double z = i * 0.05, h, d;
    gp_activation_eval(&choice, &z, &h, &d, 1);
    double y = slope ? d : h;
    if (y > 1.6) continue; /* ReLU leaves the picture */
    study_chart_point(c, z, y, y, y, (double)NAN);
  }
}

static gp_status draw_activations(gp_plot_result *out, const gp_plot_request *request) {
  static const char *const names[] = {"sigmoid", "tanh", "relu"};
  study_chart c = {
      .name = "activations",
      .title = "A sigmoid passes a quarter of a gradient at best, tanh and ReLU all of it",
      .subtitle = "φ(z) and its derivative; far from 0 sigmoid and tanh pass nothing, ReLU nothing below 0",
      .caption = "sigmoid' is at most 1/4, at z = 0; tanh' at most 1; ReLU' is 0 or 1.",
      .x_title = "z",
      .y_title = "φ(z), φ′(z)",
      .panels = 3,
      .lines = 2,
      .panel_text = {"Sigmoid", "Tanh", "ReLU"},
      .line_text = {"φ", "φ′"},
      .guide = 0.25,
      .guide_text = "1/4"};
  for (int i = 0; i < 3; i++)
    for (int slope = 0; slope < 2; slope++) add_activation(&c, names[i], slope);
  return study_chart_draw(&c, request, out);
}

/* ---- a curve at four widths ---- */

/* Trains the sweep's net of that width and seed 0 and draws what it computes, and what it should. */
static gp_status add_fit(study_chart *c, gp_table *table, const char *width) {
  static const int64_t steps[] = {0, 5000};
  const char *config = gp_table_attribute(table, "config");
  small_net net = {.only = NULL};
  gp_text text = {0};
  gp_text_add(&text, "%s\n# override: width=%s\n# override: seed=0\n", config != NULL ? config : "", width);
  gp_status status = text.failed ? gp_fail(GP_ERR_MEMORY, "out of memory") : GP_OK;
  if (status == GP_OK) status = small_net_train(&net, text.data, steps, 2);
  for (int line = 0; line < 2 && status == GP_OK; line++) {
    study_chart_line(c);
    for (int64_t i = 0; i < net.data->train; i++) {
      double x = net.data->x[i], y = line == 0 ? net.data->y[i] : small_net_output(&net, 5000, &x);
      study_chart_point(c, x, y, y, y, (double)NAN);
    }
  }
  small_net_free(&net);
  gp_text_free(&text);
  return status;
}

static gp_status draw_fits(gp_plot_result *out, const gp_plot_request *request, gp_table *table) {
  static const char *const widths[] = {"2", "8", "32", "128"};
  study_chart c = {.name = "curve-by-width",
                   .title = "Each unit is one bend: a curve with ten turns wants tens of them",
                   .subtitle = "One hidden layer of tanh units, Adam, 5000 steps; seed 0",
                   .caption = "The target is the Chebyshev polynomial of degree 11.",
                   .x_title = "x",
                   .y_title = "y",
                   .panels = 4,
                   .lines = 2,
                   .panel_text = {"Width 2", "Width 8", "Width 32", "Width 128"},
                   .line_text = {"target", "net"},
                   .y_low = -1.4,
                   .y_high = 1.4};
  for (int i = 0; i < 4; i++) {
    gp_status status = add_fit(&c, table, widths[i]);
    if (status != GP_OK) {
      gp_figure_free(&c.figure);
      return status;
    }
  }
  return study_chart_draw(&c, request, out);
}

gp_status walk_figures(gp_plot_result *out, const gp_plot_request *request, gp_table *table) {
  GP_TRY(draw_boundaries(out, request));
  GP_TRY(draw_activations(out, request));
  return draw_fits(out, request, table);
}
