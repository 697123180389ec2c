/* The expressions of `sweep.where`: which points of the grid are wanted.
 *
 *   or:         and ("or" | "||") and ...          comparison: sum ("==" | "!=" | "<" | "<=" | ">" | ">=") sum
 *   and:        not ("and" | "&&") not ...         sum:        product ("+" | "-") product ...
 *   not:        ("not" | "!") not | comparison     product:    unary ("*" | "/" | "%") unary ...
 *   unary:      "-" unary | number | true | false | name | 'text' | "(" or ")"
 *
 * A name is a parameter (its column, path or unique last name) or else a word to compare a parameter with, as in
 * activation == relu and depth * width <= 4096. Values are as the configuration writes them, before `auto` is replaced; a
 * parameter that does not apply is NaN or an empty text, so only != holds for it. */
#ifndef GP_WHERE_H
#define GP_WHERE_H

#include "parameters.h"
#include "yaml_tree.h"

typedef struct gp_where gp_where;

/* Reads the expression of a scalar node; everything lives in the pool. GP_ERR_CONFIG with the place. */
gp_status gp_where_parse(gp_where **out, gp_pool *pool, const gp_parameters *parameters, const gp_node *node);

/* Whether it holds for a spec (not resolved). */
bool gp_where_holds(const gp_where *where, const gp_spec *spec);

#endif
