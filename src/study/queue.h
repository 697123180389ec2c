/* The part of the queue that this process works off: all groups, or those that rank 0 has handed to it so far. */
#ifndef GP_QUEUE_H
#define GP_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct gp_span {
  size_t next, end;
} gp_span;

typedef struct gp_queue {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  gp_span now, later; /* groups not yet taken: of the span in work, and of one that came meanwhile */
  size_t chunk;       /* groups of the last span that was added */
  int waiting;        /* threads that have nothing to do */
  bool closed;        /* nothing more will come */
} gp_queue;

/* How things stand, for who fills the queue. */
typedef struct gp_queue_state {
  size_t left, chunk;
  int waiting;
  bool room, closed; /* whether a span can be added */
} gp_queue_state;

void gp_queue_begin(gp_queue *queue);
void gp_queue_end(gp_queue *queue);

/* The next group. Waits until there is one; false when there will be none. */
bool gp_queue_take(gp_queue *queue, size_t *group);

/* Adds groups first .. first + count - 1. Only when there is room: when no second span waits already. */
void gp_queue_add(gp_queue *queue, size_t first, size_t count);

/* Nothing more will come: who waits goes home. With `drop` what was not taken is forgotten. */
void gp_queue_close(gp_queue *queue, bool drop);

gp_queue_state gp_queue_look(gp_queue *queue);

#endif
