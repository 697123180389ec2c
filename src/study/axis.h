/* The values of one option as a configuration writes them: a scalar, a list, a range.
 *
 *   0.1            a..b            {from: a, to: b, points: n, scale: log}     log(a,b,n)
 *   [0.1, 1..3]    a..b..step      {from: a, to: b, step: s}                   lin(a,b,n)
 *
 * Ranges include their ends. Generated numbers are rounded to 12 significant digits, so that 0..1..0.1 holds 0.3 and
 * log(1e-4,1,9) holds 0.01; whole-number options round to whole numbers and drop repeats. */
#ifndef GP_AXIS_H
#define GP_AXIS_H

#include "parameters.h"
#include "yaml_tree.h"

enum { GP_AXIS_MAX = 4000000 }; /* values of one axis */

/* A growing list of values. Start from {0}; free `items`. */
typedef struct gp_values {
  gp_value *items;
  size_t count, capacity;
} gp_values;

gp_status gp_values_add(gp_values *values, gp_value value);

/* Appends what the node says for the option. GP_ERR_CONFIG with the place for a wrong type, a value out of range, an
 * empty list, a repeated value; GP_ERR_MEMORY. Texts live as long as the node. */
gp_status gp_values_read(gp_values *values, const gp_node *node, const gp_option *option);

/* The values of a refined axis. The node must be a range by points, p of them; what is read are the (p - 1) * step + 1
 * points of the finest grid, *step being the largest power of two with (p - 1) * step <= until that leaves them all
 * different. Every step-th is one of those written, bit for bit. `values` is empty before. GP_ERR_CONFIG with the place,
 * GP_ERR_MEMORY. */
gp_status gp_values_refine(gp_values *values, size_t *step, const gp_node *node, const gp_option *option,
                           double until);

/* One scalar, no range. */
gp_status gp_value_read(gp_value *value, const gp_node *node, const gp_option *option);

/* A whole number in [min, max] from a scalar node, for keys that are no options. */
gp_status gp_integer_read(int64_t *value, const gp_node *node, const char *what, double min, double max);

/* Whether two values of the option are the same. */
bool gp_value_equal(const gp_option *option, gp_value a, gp_value b);

#endif
