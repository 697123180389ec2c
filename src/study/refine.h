/* Refining a map: which points of a fine grid over two axes are runs, when runs are spent only where neighbours disagree.
 *
 *   o-------o-------o        The two axes are given coarse and hold the points of the finest grid. A cell lies between
 *   |       |       |        neighbouring points. It is halved (in both directions, or in the one that is not at the
 *   |       o---o---o        finest yet) when the points on its border do not all have the same verdict: those at its
 *   |       |   |   |        corners, and those that the halving of a neighbour put on its edges.
 *   o-------o---o---o
 *
 * A site is a point without its seed; its verdict is that of most of its seeds. Each combination of the other axes has a
 * map of its own. A round halves all cells that call for it; its result depends on the verdicts of the rounds before and on
 * nothing else. Halving more never takes a cause of halving away, so that the last map is the smallest one closed under
 * the rule, in whatever order one gets there; with a finer grid it only gains points. */
#ifndef GP_REFINE_H
#define GP_REFINE_H

#include "bind.h"

struct gp_grid;

typedef struct gp_refine_side {
  size_t axis;     /* of the configuration */
  size_t length;   /* points of the finest grid */
  size_t step;     /* of them, from one written value to the next: a power of two */
  uint64_t stride; /* sites from one of them to the next */
} gp_refine_side;

typedef struct gp_refine {
  bool on; /* false: the configuration does not refine, and the rest is empty */
  gp_refine_side x, y;
  uint64_t seeds;  /* points of a site */
  uint64_t *sites; /* chosen so far, ascending */
  size_t count;
  uint64_t *extra; /* points that an earlier configuration chose and this one does not: kept, ascending */
  size_t extra_count;
} gp_refine;

/* Reads sweep.refine, if it is there, and gives the two axes the points of the finest grid. GP_ERR_CONFIG with the place. */
gp_status gp_refine_bind(gp_refine *refine, gp_config *config);

/* Chooses the sites of the first round: all pairs of written values. GP_ERR_CONFIG, GP_ERR_MEMORY. */
gp_status gp_refine_begin(gp_refine *refine, const struct gp_grid *grid, const gp_config *config);

/* The sites that the next round adds, ascending; none when the map is complete. verdicts[i] is that of sites[i]. The caller
 * frees *out. GP_ERR_MEMORY. */
gp_status gp_refine_next(uint64_t **out, size_t *count, const gp_refine *refine, const int *verdicts);

/* Adds ascending sites, none of which is there, or points to the extra ones. GP_ERR_MEMORY: nothing is changed. */
gp_status gp_refine_add(gp_refine *refine, const uint64_t *sites, size_t count);
gp_status gp_refine_keep(gp_refine *refine, const uint64_t *points, size_t count);

/* The points of all sites and the extra ones, ascending. The caller frees *out. GP_ERR_MEMORY. */
gp_status gp_refine_points(uint64_t **out, size_t *count, const gp_refine *refine);

void gp_refine_free(gp_refine *refine);

#endif
