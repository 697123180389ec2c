/* Other libraries' products, found when the program runs. Arrays are row-major; libxsmm's are column-major, so it
 * computes C^T = B^T A^T. It has no kernel for a transposed first operand: it gets its own transposition first, as ours
 * does in product_nt. */
#include <dlfcn.h>
#include <stdio.h>

#include "bench.h"

enum { ROW_MAJOR = 101, PLAIN = 111, TRANSPOSED = 112, XSMM_TRANS_B = 2 };
typedef void sgemm(int, int, int, int, int, int, float, const float *, int, const float *, int, float,
                   float *, int);
typedef void dgemm(int, int, int, int, int, int, double, const double *, int, const double *, int, double,
                   double *, int);
typedef void small_product(const void *a, const void *b, void *c, ...);
typedef small_product *dispatch(int m, int n, int k, const int *lda, const int *ldb, const int *ldc,
                                const void *alpha, const void *beta, const int *flags, const int *prefetch);
typedef void transpose(void *out, const void *in, unsigned size, int m, int n, int ldi, int ldo);

static struct {
  sgemm *f32;
  dgemm *f64;
  const char *(*config)(void);
} blas;
static struct {
  dispatch *find[2];
  transpose *turn;
  small_product *found;
} xsmm;

/* dlsym returns an object pointer; POSIX says how it becomes a function. */
static void symbol(void *library, const char *name, void *place) {
  *(void **)place = library != NULL ? dlsym(library, name) : NULL;
}

static void *library(const char *name) {
  return dlopen(name, RTLD_NOW | RTLD_GLOBAL);
}

static void open_all(void) {
  static bool done;
  if (done) return;
  done = true;
  void *openblas = library("libopenblas.so.0");
  void (*threads)(int);
  symbol(openblas, "cblas_sgemm", &blas.f32);
  symbol(openblas, "cblas_dgemm", &blas.f64);
  symbol(openblas, "openblas_get_config", &blas.config);
  symbol(openblas, "openblas_set_num_threads", &threads);
  if (threads != NULL) threads(1);
  void *small = library("libxsmm.so.1");
  symbol(small, "libxsmm_smmdispatch", &xsmm.find[0]);
  symbol(small, "libxsmm_dmmdispatch", &xsmm.find[1]);
  symbol(small, "libxsmm_otrans", &xsmm.turn);
}

static bool blas_ready(const bench_case *c) {
  open_all();
  return c->k->bits == 32 ? blas.f32 != NULL : blas.f64 != NULL;
}

static void blas_call(void *context) {
  const bench_case *c = context;
  int m = (int)c->p.m, n = (int)c->p.n, k = (int)c->p.k;
  int turn_a = c->form == BENCH_TN ? TRANSPOSED : PLAIN, turn_b = c->form == BENCH_NT ? TRANSPOSED : PLAIN;
  int lda = c->form == BENCH_TN ? m : k, ldb = c->form == BENCH_NT ? k : n;
  if (c->k->bits == 32)
    blas.f32(ROW_MAJOR, turn_a, turn_b, m, n, k, 1, c->a, lda, c->b, ldb, 0, c->c, n);
  else
    blas.f64(ROW_MAJOR, turn_a, turn_b, m, n, k, 1, c->a, lda, c->b, ldb, 0, c->c, n);
}

static bool xsmm_ready(const bench_case *c) {
  open_all();
  dispatch *find = xsmm.find[c->k->bits == 64];
  if (find == NULL || xsmm.turn == NULL) return false;
  int m = (int)c->p.n, n = (int)c->p.m, k = (int)c->p.k, lda = m, ldb = c->form == BENCH_TN ? n : k, none = 0;
  int flags = c->form == BENCH_TN ? XSMM_TRANS_B : 0;
  const float one = 1, zero = 0;
  const double wide_one = 1, wide_zero = 0;
  bool narrow = c->k->bits == 32;
  xsmm.found = find(m, n, k, &lda, &ldb, &m, narrow ? (const void *)&one : &wide_one,
                    narrow ? (const void *)&zero : &wide_zero, &flags, &none);
  return xsmm.found != NULL;
}

static void xsmm_call(void *context) {
  const bench_case *c = context;
  const void *b = c->b;
  if (c->form == BENCH_NT) { /* B (n, k) row-major is k x n by columns */
    xsmm.turn(c->p.scratch, c->b, (unsigned)c->k->size, (int)c->p.k, (int)c->p.n, (int)c->p.k, (int)c->p.n);
    b = c->p.scratch;
  }
  xsmm.found(b, c->a, c->c);
}

const bench_peer bench_peers[BENCH_PEERS] = {{"openblas", blas_ready, blas_call},
                                             {"libxsmm", xsmm_ready, xsmm_call}};

void bench_peers_name(void) {
  open_all();
  printf("# OpenBLAS: %s\n", blas.f32 == NULL      ? "not installed"
                             : blas.config == NULL ? "installed"
                                                   : blas.config());
  printf("# libxsmm: %s\n", xsmm.find[0] == NULL ? "not installed" : "installed, its generated kernels");
}
