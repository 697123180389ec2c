/* The bins of histograms, the same in every file: GP_BINS of them; the first and the last hold what lies beyond them too,
 * infinities included; NaN is in none.
 *
 *   value       -inf |----------- one bin every 1/4 ------------| +inf
 *                  -8 + 1/4                                8 - 1/4
 *   magnitude      0 |---- one bin every factor of 4, of |x| ----| +inf
 *                2^-110                                     2^14
 *
 * An exact zero is in the first bin of magnitudes. Every lower edge belongs to its bin, every upper one to the next. */
#ifndef GP_BINS_H
#define GP_BINS_H

enum gp_bins { GP_BINS_VALUE, GP_BINS_MAGNITUDE };
enum { GP_BINS_KINDS = GP_BINS_MAGNITUDE + 1 };
enum { GP_BINS = 64, GP_BINS_OCTAVES = 112 };

/* Where bin 0 .. GP_BINS - 1 begins: -infinity or 0 for the first. Bin b ends where bin b + 1 begins, the last at
 * infinity (b = GP_BINS). */
double gp_bin_edge(enum gp_bins bins, int bin);

#endif
