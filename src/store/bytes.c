/* The bounds-checked half is what stands between a hostile journal and the rest of the program. */
#include "bytes.h"

void gp_put_reals(gp_text *out, const double *values, size_t count) {
  enum { AT_ONCE = 128 };
  double chunk[AT_ONCE];
  for (size_t i = 0; i < count; i += AT_ONCE) {
    size_t n = count - i < AT_ONCE ? count - i : AT_ONCE;
    for (size_t k = 0; k < n; k++) chunk[k] = gp_canonical(values[i + k]);
    gp_text_add_bytes(out, (const char *)chunk, n * sizeof chunk[0]);
  }
}

void gp_put_text(gp_text *out, const char *text) {
  size_t length = text == NULL ? UINT32_MAX : strlen(text);
  if (text != NULL && length >= UINT32_MAX) out->failed = true;
  gp_put_u32(out, (uint32_t)length);
  if (text != NULL) gp_text_add_bytes(out, text, length + 1);
}

const unsigned char *gp_get_bytes(gp_bytes *in, size_t count) {
  if (in->bad || count > in->left) {
    in->bad = true;
    return NULL;
  }
  const unsigned char *at = in->at;
  in->at += count;
  in->left -= count;
  return at;
}

unsigned gp_get_u8(gp_bytes *in) {
  const unsigned char *at = gp_get_bytes(in, 1);
  return at == NULL ? 0 : *at;
}

uint32_t gp_get_u32(gp_bytes *in) {
  uint32_t value = 0;
  const unsigned char *at = gp_get_bytes(in, sizeof value);
  if (at != NULL) memcpy(&value, at, sizeof value);
  return value;
}

uint64_t gp_get_u64(gp_bytes *in) {
  uint64_t value = 0;
  const unsigned char *at = gp_get_bytes(in, sizeof value);
  if (at != NULL) memcpy(&value, at, sizeof value);
  return value;
}

const char *gp_get_text(gp_bytes *in) {
  uint32_t length = gp_get_u32(in);
  if (in->bad || length == UINT32_MAX) return NULL;
  const char *text = (const char *)gp_get_bytes(in, (size_t)length + 1);
  if (text == NULL || strnlen(text, (size_t)length + 1) == length) return text;
  in->bad = true;
  return NULL;
}
