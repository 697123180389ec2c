/* The speed bench: what its parts share. A plain program, not a test: every number it prints is a time on one core, in
 * CPU seconds of the calling thread (the machine may be busy with other work), the best of several rounds. Nothing that
 * fails its check is timed. Tab-separated lines on stdout, remarks behind '#'. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels.h"

/* CPU seconds of this thread. */
double bench_now(void);

/* Seconds of one call: repeats it until a round takes `round` seconds, and takes the best of `rounds`. */
double bench_best(void (*call)(void *), void *context, double round, int rounds);

/* Fills n reals of a table's precision with reproducible numbers in (-1, 1). */
void bench_fill(const gp_kernels *k, void *x, ptrdiff_t n, uint64_t seed);

/* 64-byte aligned, zeroed; ends the program when there is no memory. The caller frees. */
void *bench_allocate(size_t bytes);

/* Gflop/s of fused multiply-adds on registers only, with the vectors of that tier: the roof of one core. Measured at
 * the first call for each table. */
double bench_peak(const gp_kernels *k);

/* One product of the kernel table's kind, in another library. */
enum bench_form { BENCH_NN, BENCH_TN, BENCH_NT };
typedef struct bench_case {
  const gp_kernels *k;
  enum bench_form form;
  gp_product p;
  void *a, *b, *c;
} bench_case;

typedef struct bench_peer {
  const char *name;
  bool (*ready)(const bench_case *c); /* whether it has this product; finds the library at the first call */
  void (*call)(void *context);        /* context: the bench_case last found ready */
} bench_peer;

enum { BENCH_PEERS = 2 };
extern const bench_peer bench_peers[BENCH_PEERS];
/* Says on stdout which libraries were found, as remarks. */
void bench_peers_name(void);

void bench_products(void);
void bench_elementwise(void);
void bench_probes(void);
/* net: "a" to "d", NULL for all; brief: one number, net-steps per second of the better plan, for scripts/peers. */
int bench_steps(const char *net, bool brief);

#endif
