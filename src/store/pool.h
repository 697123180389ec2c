/* A pool of small allocations that are freed together: texts and tables read from a file. */
#ifndef GP_POOL_H
#define GP_POOL_H

#include <stddef.h>

typedef struct gp_pool_block gp_pool_block;

/* Start from {0}. */
typedef struct gp_pool {
  gp_pool_block *blocks;
} gp_pool;

/* Bytes for `count` elements of `size` bytes, 16-byte aligned, zeroed; NULL when there is no memory or the
 * product overflows. Valid until the pool is cleared or freed. */
void *gp_pool_take(gp_pool *pool, size_t count, size_t size);

/* A zero-terminated copy of `length` bytes, or NULL. */
char *gp_pool_text(gp_pool *pool, const char *bytes, size_t length);

/* Forgets everything; the newest block is kept for reuse, so that a loop over rows does not allocate each
 * time. */
void gp_pool_clear(gp_pool *pool);

/* Everything that `from` holds becomes `pool`'s and stays where it is; `from` is empty then. */
void gp_pool_join(gp_pool *pool, gp_pool *from);

void gp_pool_free(gp_pool *pool);

#endif
