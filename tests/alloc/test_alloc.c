/* Invariant 4 (DESIGN): the training loop does not allocate. Every allocation function is replaced by one that counts
 * and passes on to glibc; between prepare and the end of a run the count must stay 0. */
#include <stdatomic.h>
#include <stdlib.h>

#include "engine.h"

#define SHOWN __attribute__((visibility("default")))

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *old);

static atomic_bool counting;
static atomic_int calls;

static void note(void) {
  if (atomic_load(&counting)) atomic_fetch_add(&calls, 1);
}

SHOWN void *malloc(size_t size) {
  note();
  return __libc_malloc(size);
}
SHOWN void *calloc(size_t count, size_t size) {
  note();
  return __libc_calloc(count, size);
}
SHOWN void *realloc(void *old, size_t size) {
  note();
  return __libc_realloc(old, size);
}
SHOWN void free(void *old) {
  note();
  __libc_free(old);
}
SHOWN void *aligned_alloc(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}
SHOWN int posix_memalign(void **out, size_t alignment, size_t size) {
  note();
  *out = __libc_memalign(alignment, size);
  return *out == NULL;
}

static void count_from_now(void) {
  atomic_store(&calls, 0);
  atomic_store(&counting, true);
}

static int counted(void) {
  atomic_store(&counting, false);
  return atomic_load(&calls);
}

static const char common[] =
    "data=blobs data.samples=100 data.test=50 width=16 depth=3 steps=1000 every=10 batch=8 "
    "learning_rate=0.01 optimizer.momentum=0.9 ";

static const char *const runs[] = {
    "",
    "activation=sigmoid loss=binary_cross_entropy on=train",
    "precision=float64 batch=full",
    "activation=tanh loss=mse output=tanh weight_decay=0.01 stop_on=dead,exploding",
    "loss=mse activation=linear learning_rate=1e6",
    "depth=0 on=20",
    "bias=false every=1000",
    "optimizer=adam learning_rate=0.001 clip=norm clip.max=0.1 schedule=cosine init=orthogonal",
    "init=lsuv",
    "optimizer=lion learning_rate=0.0001 clip=layer_norm schedule=one_cycle loss=hinge init=sparse",
    "precision=float16 loss_scale=dynamic loss_scale.initial=1e7 master_weights=false norm=batch",
    "every=500 "
    "probes=all,histograms(every=100),curvature,eigenvalues,singular_values,jacobian,kernel,pairs,spectra,"
    "precision"};

Test(alloc, a_run_of_a_thousand_steps_allocates_nothing) {
  gp_trainer *trainer = engine_on("auto");
  for (size_t r = 0; r < sizeof runs / sizeof *runs; r++) {
    spec_case c;
    gp_trace trace;
    spec_case_make(&c, common, runs[r]);
    cr_assert_eq(gp_train_prepare(trainer, &c.spec, &c.data), GP_OK);
    count_from_now();
    enum gp_run_state state = gp_train_run(trainer, NULL, &trace);
    int count = counted();
    cr_assert_eq(state, GP_RUN_DONE);
    cr_assert_eq(count, 0, "'%s': %d allocations", runs[r], count);
    cr_assert_eq(engine_cell(&trace, "steps_done").integer == 1000,
                 r != 4); /* the fifth one diverges on purpose */
    spec_case_free(&c);
  }
  gp_trainer_free(trainer);
}

Test(alloc, a_lane_group_allocates_nothing) {
  static spec_case c;
  const gp_spec *specs[16];
  const gp_dataset *data[16];
  enum gp_run_state states[16];
  gp_trainer *trainer = engine_on("auto");
  spec_case_make(&c, common, "");
  for (int i = 0; i < 16; i++) specs[i] = &c.spec, data[i] = &c.data;
  cr_assert_eq(gp_trainer_prepare_group(trainer, specs, data, 16, 16), GP_OK);
  count_from_now();
  gp_trainer_run_group(trainer, NULL, states);
  cr_assert_eq(counted(), 0);
  gp_trainer_free(trainer);
  spec_case_free(&c);
}

/* Preparing again for a net that fits needs no new arena (the list of widths may be resized). */
Test(alloc, a_second_prepare_reuses_the_arena) {
  spec_case c;
  gp_trainer *trainer = engine_on("auto");
  spec_case_make(&c, common, "");
  cr_assert_eq(gp_train_prepare(trainer, &c.spec, &c.data), GP_OK);
  const void *before = trainer->arena.base;
  count_from_now();
  cr_assert_eq(gp_train_prepare(trainer, &c.spec, &c.data), GP_OK);
  cr_assert_leq(counted(), 1);
  cr_assert_eq(trainer->arena.base, before);
  gp_trainer_free(trainer);
  spec_case_free(&c);
}

/* The counter sees what the library does: creating a trainer and its arena allocates. */
Test(alloc, the_counter_counts) {
  spec_case c;
  gp_trainer *trainer = NULL;
  spec_case_make(&c, common, "");
  count_from_now();
  gp_status created = gp_trainer_create(&trainer, NULL),
            prepared = gp_train_prepare(trainer, &c.spec, &c.data);
  int count = counted();
  cr_assert(created == GP_OK && prepared == GP_OK);
  cr_assert_geq(count, 3); /* the trainer, its widths, its arena */
  gp_trainer_free(trainer);
  spec_case_free(&c);
}
