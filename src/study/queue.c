/* A process's part of the queue; see queue.h. */
#include "queue.h"

void gp_queue_begin(gp_queue *queue) {
  *queue = (gp_queue){.closed = false};
  pthread_mutex_init(&queue->mutex, NULL);
  pthread_cond_init(&queue->changed, NULL);
}

void gp_queue_end(gp_queue *queue) {
  pthread_cond_destroy(&queue->changed);
  pthread_mutex_destroy(&queue->mutex);
}

/* Moves on to the span that came meanwhile. Holds the mutex. */
static bool has_group(gp_queue *queue) {
  if (queue->now.next == queue->now.end) {
    queue->now = queue->later;
    queue->later = (gp_span){0, 0};
  }
  return queue->now.next < queue->now.end;
}

bool gp_queue_take(gp_queue *queue, size_t *group) {
  pthread_mutex_lock(&queue->mutex);
  while (!has_group(queue) && !queue->closed) {
    queue->waiting++;
    pthread_cond_wait(&queue->changed, &queue->mutex);
    queue->waiting--;
  }
  bool found = has_group(queue);
  if (found) *group = queue->now.next++;
  pthread_mutex_unlock(&queue->mutex);
  return found;
}

void gp_queue_add(gp_queue *queue, size_t first, size_t count) {
  pthread_mutex_lock(&queue->mutex);
  gp_span *span = has_group(queue) ? &queue->later : &queue->now;
  *span = (gp_span){first, first + count};
  queue->chunk = count;
  pthread_cond_broadcast(&queue->changed);
  pthread_mutex_unlock(&queue->mutex);
}

void gp_queue_close(gp_queue *queue, bool drop) {
  pthread_mutex_lock(&queue->mutex);
  queue->closed = true;
  if (drop) queue->now = queue->later = (gp_span){0, 0};
  pthread_cond_broadcast(&queue->changed);
  pthread_mutex_unlock(&queue->mutex);
}

gp_queue_state gp_queue_look(gp_queue *queue) {
  pthread_mutex_lock(&queue->mutex);
  gp_queue_state state = {.left = queue->now.end - queue->now.next + queue->later.end - queue->later.next,
                          .chunk = queue->chunk,
                          .waiting = queue->waiting,
                          .room = queue->later.next == queue->later.end,
                          .closed = queue->closed};
  pthread_mutex_unlock(&queue->mutex);
  return state;
}
