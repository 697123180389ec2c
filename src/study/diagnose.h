/* Messages about a place in a configuration: file, line, column, the line itself, a caret, what would be legal.
 *
 *   sweep.yaml:2:22: error: unknown activation 'sigmiod'; did you mean 'sigmoid'?
 *        2 |   activation: [relu, sigmiod]
 *          |                      ^
 */
#ifndef GP_DIAGNOSE_H
#define GP_DIAGNOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "status.h"

/* A text that is read: a file's, or the value of an override. The name of an override holds all of it ("command line:
 * depth=2"), so its messages show no line and no caret. */
typedef struct gp_source {
  const char *name, *text;
  size_t length;
  bool override;
} gp_source;

/* A place. Lines and columns count from 1, columns in characters. Line 0: the source as a whole. */
typedef struct gp_mark {
  const gp_source *source;
  int line, column;
} gp_mark;

/* Where byte `offset` of a source's text lies. */
gp_mark gp_mark_of(const gp_source *source, size_t offset);

/* Sets the thread's message as in the picture above and returns `status`. */
gp_status gp_fail_at(gp_status status, gp_mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a word that is none of the `count` legal ones: "unknown WHAT 'word'", with the nearest of them, and all
 * of them on a line of their own. Always GP_ERR_CONFIG. */
gp_status gp_fail_unknown(gp_mark mark, const char *what, const char *word, const char *const *legal,
                          size_t count);

/* Puts the place in front of the thread's message and its line below: for an error that was found elsewhere, such as a
 * data file that is missing. Returns `status`. */
gp_status gp_fail_place(gp_status status, gp_mark mark);

#endif
