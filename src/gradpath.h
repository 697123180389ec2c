/* gradpath from C: run a sweep, read its results.
 *
 * The whole interface of libgradpath; everything else in the library is internal. Link with
 * `pkg-config --cflags --libs gradpath`, or in CMake find_package(gradpath) and gradpath::gradpath. Usable
 * from C++.
 *
 * Status: every function that can fail returns 0 on success and otherwise what the program would exit with: 1
 * the answer is no (a run failed), 2 bad config, data or result file, 74 input/output error.
 * gp_last_message() then says what was wrong. Nothing is printed, no signal handler is installed, the process
 * is never ended.
 *
 * Threads: distinct gp_results may be used from distinct threads; one sweep at a time per process.
 *
 * Stability: names and meanings stay within a major version (within a minor version while the major is 0).
 * The library is static by default; the structures are opaque or carry their size, so a shared build keeps
 * its ABI likewise. Its soname is libgradpath.so.MAJOR.MINOR, and it gives away these functions only. */
#ifndef GRADPATH_H
#define GRADPATH_H

#include <stddef.h>

#if defined(__GNUC__)
#define GP_API __attribute__((visibility("default")))
#else
#define GP_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0", and the source it was built from ("unknown" without git). Static texts. */
GP_API const char *gp_version(void);
GP_API const char *gp_source_commit(void);

/* Why the calling thread's last failing call failed: file, line and legal values where known. "" when none
 * failed. Valid until the thread's next call. */
GP_API const char *gp_last_message(void);

/* What to run. Start from GP_REQUEST_DEFAULT. */
typedef struct gp_request {
  size_t size;                  /* sizeof(gp_request) of the caller's header */
  const char *config;           /* a YAML file, or the name of an installed config */
  const char *const *overrides; /* "depth=2,5,10", "train.learning_rate=0.1"; NULL when override_count is 0 */
  size_t override_count;
  const char *output; /* the .h5 file to write or extend */
  int threads;        /* 0: one per processor */
  int provenance; /* 0: leave out what differs from machine to machine, for files that compare byte by byte */
} gp_request;

#define GP_REQUEST_DEFAULT                                                                                   \
  { sizeof(gp_request), NULL, NULL, 0, NULL, 0, 1 }

/* Computes the runs that `output` does not hold yet, and writes it. What is stored of another config is never
 * replaced: that is status 2 and the file stays as it is. */
GP_API int gp_run(const gp_request *request);

/* The results of a sweep, finished or in progress. */
typedef struct gp_results gp_results;

/* Opens a result file. The caller closes with gp_results_close (NULL is allowed). */
GP_API int gp_results_open(gp_results **out, const char *path);
GP_API void gp_results_close(gp_results *results);

/* Sizes: runs, checkpoints (union over runs), layers (largest of all runs). */
GP_API size_t gp_results_runs(const gp_results *results);
GP_API size_t gp_results_checkpoints(const gp_results *results);
GP_API size_t gp_results_layers(const gp_results *results);

/* The optimiser step of a checkpoint. */
GP_API long long gp_results_step(const gp_results *results, size_t checkpoint);

/* A per-run column of one run as a number; NaN for a text, and for a column that does not exist. */
GP_API double gp_results_number(const gp_results *results, const char *column, size_t run);

/* The same as text ("relu", "healthy", "0.1"), written to `buffer`, cut to `size` bytes with the final zero.
 * Returns `buffer`; "" for a column that does not exist. */
GP_API const char *gp_results_word(const gp_results *results, const char *column, size_t run, char *buffer,
                                   size_t size);

/* The length of the dimension that a series has behind checkpoint and layer: bins, eigenvalues, singular values; 1 for
 * most, which have none. */
GP_API size_t gp_results_inner(const gp_results *results, const char *name);

/* A series, row-major: (run, checkpoint) or (run, checkpoint, layer), and behind these gp_results_inner; *layers is 0 for
 * the first kind. Those named predicted_* are the same at every checkpoint and are (run, layer). NaN where a run has no
 * such checkpoint or layer. Owned by `results`. Status 2 for a name that is no series. */
GP_API int gp_results_series(gp_results *results, const char *name, const double **values, size_t *layers);

#ifdef __cplusplus
}
#endif

#endif
