#include "cadence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "elementary.h"

/* Point i of n between 1 and steps, equally spaced in the logarithm. */
static int64_t log_point(int64_t steps, int64_t i, int64_t n) {
  return (int64_t)floor(gp_exp(gp_log((double)steps) * (double)i / (double)(n - 1)) + 0.5);
}

/* After `last`: the next point that lies between it and the last step, then the last step itself. */
static int64_t next_log(gp_walk *w, int64_t count) {
  int64_t n = count > 2 ? count - 1 : 2, steps = w->spec->steps;
  while (w->point < n) {
    int64_t at = log_point(steps > 1 ? steps : 1, w->point++, n);
    if (at > w->step && at < steps) return at;
  }
  return steps;
}

static int64_t next_listed(gp_walk *w, const gp_checkpoints *c) {
  while (w->point < c->length) {
    int64_t at = c->list[w->point++];
    if (at > w->step && at < w->spec->steps) return at;
  }
  return w->spec->steps;
}

/* 0 and the last step are always checkpoints. */
static int64_t next_checkpoint(gp_walk *w) {
  const gp_checkpoints *c = &w->spec->checkpoints;
  if (w->step < 0) return 0;
  if (c->kind == 1) return w->step + c->count < w->spec->steps ? w->step + c->count : w->spec->steps;
  return c->kind == 0 ? next_log(w, c->count) : next_listed(w, c);
}

/* The next number of the text; the end behind its last. */
static int64_t next_in_text(gp_walk *w) {
  char *end;
  if (w->at == NULL) return INT64_MAX;
  int64_t at = strtoll(w->at, &end, 10);
  w->at = *end == '-' ? end + 1 : NULL;
  return at;
}

void gp_walk_next(gp_walk *w) {
  int64_t next;
  switch (w->cadence.kind) {
  case GP_AT_CHECKPOINTS:
    next = next_checkpoint(w);
    break;
  case GP_EVERY:
    next = w->step < 0 ? 0 : w->step + w->cadence.count;
    break;
  case GP_LOG:
    next = w->step < 0 ? 0 : next_log(w, w->cadence.count);
    break;
  default:
    next = next_in_text(w);
    break;
  }
  w->step = next > w->spec->steps || next == w->step ? INT64_MAX : next;
}

void gp_walk_begin(gp_walk *w, const gp_spec *spec, const gp_cadence *cadence) {
  *w = (gp_walk){.spec = spec, .cadence = *cadence, .step = -1, .at = cadence->list};
  gp_walk_next(w);
}

static bool same(const gp_cadence *a, const gp_cadence *b) {
  if (a->kind != b->kind || a->count != b->count) return false;
  size_t length = a->list != NULL ? strcspn(a->list, ";)") : 0;
  return a->list == NULL || (length == strcspn(b->list, ";)") && strncmp(a->list, b->list, length) == 0);
}

void gp_cadences_make(gp_cadences *out, const char *selection) {
  out->count = 1;
  out->of[0] = (gp_cadence){.kind = GP_AT_CHECKPOINTS};
  for (int p = 0; p < GP_PROBE_COUNT; p++) {
    gp_cadence cadence = gp_probe_cadence(selection, gp_probe_at(p));
    out->probe[p] = -1;
    if (cadence.kind == GP_NEVER) continue;
    int c = 0;
    if (cadence.kind != GP_LIST) cadence.list = NULL;
    while (c < out->count && !same(&out->of[c], &cadence)) c++;
    if (c == out->count) out->of[out->count++] = cadence;
    out->probe[p] = c;
  }
}

static const char *const spacings[] = {"log", "every"};

void gp_checkpoints_write(gp_text *out, const gp_checkpoints *checkpoints) {
  if (checkpoints->kind < 2)
    gp_text_add(out, "%s %lld", spacings[checkpoints->kind], (long long)checkpoints->count);
  for (int64_t i = 0; checkpoints->kind == 2 && i < checkpoints->length; i++)
    gp_text_add(out, "%s%lld", i > 0 ? "," : "", (long long)checkpoints->list[i]);
}

/* Ascending steps with commas between. */
static bool read_list(gp_checkpoints *out, const char *text, int64_t *list, size_t capacity) {
  *out = (gp_checkpoints){.kind = 2, .list = list};
  for (char *end; out->length < (int64_t)capacity; text = end + 1) {
    int64_t step = strtoll(text, &end, 10), last = out->length > 0 ? list[out->length - 1] : 0;
    if (end == text || step < last || (*end != ',' && *end != '\0')) return false;
    list[out->length++] = step;
    if (*end == '\0') return true;
  }
  return false;
}

bool gp_checkpoints_read(gp_checkpoints *out, const char *text, int64_t *list, size_t capacity) {
  for (int kind = 0; kind < 2; kind++) {
    long long count;
    size_t length = strlen(spacings[kind]);
    if (strncmp(text, spacings[kind], length) != 0 || text[length] != ' ') continue;
    if (!gp_text_to_int(text + length + 1, &count) || count < 1) return false;
    *out = (gp_checkpoints){.kind = kind, .count = count};
    return true;
  }
  return read_list(out, text, list, capacity);
}

static int64_t put(int64_t *out, int64_t capacity, int64_t count, int64_t value) {
  if (out != NULL && count < capacity) out[count] = value;
  return count + 1;
}

int64_t gp_spec_checkpoints(const gp_spec *spec, int64_t *out, int64_t capacity) {
  gp_walk walk;
  int64_t count = 0;
  gp_walk_begin(&walk, spec, &(gp_cadence){.kind = GP_AT_CHECKPOINTS});
  for (; walk.step != INT64_MAX; gp_walk_next(&walk)) count = put(out, capacity, count, walk.step);
  return count;
}

int64_t gp_spec_rows(const gp_spec *spec, int64_t *out, int64_t capacity) {
  gp_cadences cadences;
  gp_walk walk[GP_PROBE_COUNT + 1];
  int64_t count = 0;
  gp_cadences_make(&cadences, spec->probes);
  for (int c = 0; c < cadences.count; c++) gp_walk_begin(&walk[c], spec, &cadences.of[c]);
  for (;;) {
    int64_t step = INT64_MAX;
    for (int c = 0; c < cadences.count; c++) step = walk[c].step < step ? walk[c].step : step;
    if (step == INT64_MAX) return count;
    count = put(out, capacity, count, step);
    for (int c = 0; c < cadences.count; c++)
      if (walk[c].step == step) gp_walk_next(&walk[c]);
  }
}
