/* Studies and their claims; see claims.h. */
#include "claims.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

gp_claim *gp_claims_add(gp_claims *claims, const char *format, ...) {
  if (claims->count == claims->capacity) {
    size_t capacity = claims->capacity == 0 ? 16 : 2 * claims->capacity;
    gp_claim *items = realloc(claims->items, capacity * sizeof *items);
    if (items == NULL) return NULL;
    claims->items = items;
    claims->capacity = capacity;
  }
  gp_claim *claim = &claims->items[claims->count++];
  memset(claim, 0, sizeof *claim);
  va_list args;
  va_start(args, format);
  vsnprintf(claim->text, sizeof claim->text, format, args);
  va_end(args);
  return claim;
}

void gp_claim_measured(gp_claim *claim, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(claim->measured, sizeof claim->measured, format, args);
  va_end(args);
}

void gp_claim_expected(gp_claim *claim, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(claim->expected, sizeof claim->expected, format, args);
  va_end(args);
}

void gp_claim_range(gp_claim *claim, double value, double low, double high) {
  gp_claim_measured(claim, "%.4g", value);
  gp_claim_expected(claim, "%.4g to %.4g", low, high);
  claim->held = value >= low && value <= high;
}

size_t gp_claims_failed(const gp_claims *claims) {
  size_t failed = 0;
  for (size_t i = 0; i < claims->count; i++) failed += !claims->items[i].held;
  return failed;
}

void gp_claims_free(gp_claims *claims) {
  free(claims->items);
  memset(claims, 0, sizeof *claims);
}
