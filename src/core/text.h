/* Text: a growing string, name matching, number formatting that reads back to the same bits. */
#ifndef GP_TEXT_H
#define GP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A growing, always zero-terminated string. Failure to grow is sticky: `failed` is set, later calls do
 * nothing, and the owner checks once at the end. Start from {0}. */
typedef struct gp_text {
  char *data;
  size_t length, capacity;
  bool failed;
} gp_text;

void gp_text_add(gp_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gp_text_add_bytes(gp_text *text, const char *bytes, size_t length);
void gp_text_free(gp_text *text);
/* Appends a blank and one word of a command line, in single quotes where a shell would read it otherwise. */
void gp_text_add_word(gp_text *text, const char *word);

/* Damerau-Levenshtein distance (optimal string alignment), case-insensitive; at most 64 characters count. */
int gp_text_distance(const char *a, const char *b);

/* The name nearest to `word` among the `count` names, or NULL when none is near enough (distance <= 2, and at
 * most a third of the longer word, or one is a prefix of the other). */
const char *gp_text_nearest(const char *word, const char *const *names, size_t count);

/* The shortest of %.15g, %.16g, %.17g that reads back to the same double; inf, -inf, nan by those names. */
const char *gp_text_real(char buffer[static 32], double value);

/* Reads a whole token as a number. false when it is not one, or has anything left over. 1e-3, .5, inf are
 * numbers; hexadecimal and empty text are not. */
bool gp_text_to_real(const char *token, double *value);
bool gp_text_to_int(const char *token, long long *value);

#endif
