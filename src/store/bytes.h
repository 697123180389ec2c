/* Numbers and texts as bytes, little-endian: what the journal is made of.
 *
 * Writing goes to a gp_text (its `failed` is checked once at the end); reading is bounds-checked and sticky:
 * past the end everything reads as zero and `bad` is set. */
#ifndef GP_BYTES_H
#define GP_BYTES_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "text.h"

/* Both supported architectures are little-endian, so bytes are copied as they are. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the journal is written in the machine's byte order");

/* The value, or the one canonical quiet NaN 0x7ff8000000000000 for every NaN (DESIGN invariant 1): the sign
 * and payload of a NaN vary with the instruction set. */
static inline double gp_canonical(double value) {
  static const union {
    uint64_t bits;
    double value;
  } nan_bits = {.bits = UINT64_C(0x7ff8000000000000)};
  return isnan(value) ? nan_bits.value : value;
}

static inline void gp_put_u32(gp_text *out, uint32_t value) {
  gp_text_add_bytes(out, (char *)&value, 4);
}
static inline void gp_put_u64(gp_text *out, uint64_t value) {
  gp_text_add_bytes(out, (char *)&value, 8);
}

/* `count` reals, each NaN made canonical. */
void gp_put_reals(gp_text *out, const double *values, size_t count);

/* Length (u32, without the zero), bytes, zero; NULL is the length UINT32_MAX and nothing more. A longer text
 * than 2^32 - 2 bytes marks `out` as failed. */
void gp_put_text(gp_text *out, const char *text);

typedef struct gp_bytes {
  const unsigned char *at;
  size_t left;
  bool bad;
} gp_bytes;

/* The next `count` bytes, or NULL (and bad) when there are fewer. */
const unsigned char *gp_get_bytes(gp_bytes *in, size_t count);
unsigned gp_get_u8(gp_bytes *in);
uint32_t gp_get_u32(gp_bytes *in);
uint64_t gp_get_u64(gp_bytes *in);

/* A text written by gp_put_text, pointing into the bytes: its zero is there and is its first zero. NULL for a
 * stored NULL, and when bad. */
const char *gp_get_text(gp_bytes *in);

#endif
