/* Processes that compute one sweep together ("ranks"), and how they talk.
 *
 * The program itself does not link MPI. When it was started by an MPI launcher it loads the module gradpath-mpi.so
 * (mpi/ranks_mpi.c), which fills in the functions below; without a launcher there are no ranks, and NULL stands for
 * that everywhere. Nothing here depends on progress that a library makes by itself: a rank polls for messages and
 * sleeps in between, so that waiting takes no processor from those who compute.
 *
 * Every rank does the same steps in the same order; a step that may fail on one of them ends with gp_ranks_agree. */
#ifndef GP_RANKS_H
#define GP_RANKS_H

#include <stdbool.h>
#include <stddef.h>

#include "status.h"

enum { GP_RANKS_HOST = 64 };

/* What a message is about; messages of one kind arrive in the order in which they were sent. */
enum gp_ranks_tag { GP_TAG_AGREE = 1, GP_TAG_ASK, GP_TAG_WORK, GP_TAG_REPORT, GP_TAG_SECONDS };

typedef struct gp_ranks {
  int rank, size; /* this process, from 0; how many there are */
  char host[GP_RANKS_HOST];
  /* An error of the transport ends the job: what was committed is in the journals. */
  void (*send)(int to, int tag, const void *bytes, size_t length);
  bool (*probe)(int tag, int *from, size_t *length); /* whether a message waits; never blocks */
  void (*receive)(int tag, int from, void *bytes, size_t length);
  void (*broadcast)(void *bytes, size_t length); /* from rank 0 to all; sleeps while it waits */
  void (*finish)(void);                          /* the last call */
} gp_ranks;

/* The ranks of this program when a launcher started more than one, NULL in *out otherwise. GP_ERR_USAGE when it was
 * built without MPI or the module is not there: several processes must not take each other for strangers. */
gp_status gp_ranks_open(const gp_ranks **out);

/* Takes the worst status of all ranks (an error before a failed run before a stop), with its message and the name of
 * the rank, and returns it on every rank. With NULL it returns `status`. */
gp_status gp_ranks_agree(const gp_ranks *ranks, gp_status status);

/* Ends the conversation; once, NULL and a second time are allowed. */
void gp_ranks_finish(const gp_ranks *ranks);

/* Sleeps for the time between two looks at the messages. */
void gp_ranks_pause(void);

/* The one symbol of the module. */
#define GP_RANKS_MODULE "gradpath-mpi.so"
#define GP_RANKS_ENTRY  "gp_ranks_mpi_open"
typedef void (*gp_ranks_entry)(gp_ranks *out);

#endif
