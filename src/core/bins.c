#include "bins.h"

#include <math.h>

/* 4^k 2^-GP_BINS_OCTAVES is a power of two: doubling is exact. */
static double magnitude_edge(int bin) {
  double edge = 1;
  for (int k = 2 * bin - GP_BINS_OCTAVES; k != 0; k += k < 0 ? 1 : -1) edge *= k < 0 ? 0.5 : 2;
  return edge;
}

double gp_bin_edge(enum gp_bins bins, int bin) {
  if (bin >= GP_BINS) return (double)INFINITY;
  if (bins == GP_BINS_MAGNITUDE) return bin <= 0 ? 0 : magnitude_edge(bin);
  return bin <= 0 ? -(double)INFINITY : (bin - GP_BINS / 2) / 4.0;
}
