/* Merging with provenance; see merging.h. */
#include "merging.h"

#include "provenance.h"

/* The history of the present OUT comes first; what it already has of the others (it may be an earlier merge of them) is
 * not told twice. */
static void add_histories(gp_text *history, const gp_merge *merge, size_t inputs) {
  size_t count;
  gp_text present = {0};
  if (gp_merge_files(merge) > inputs) {
    const gp_attribute *attributes = gp_merge_provenance(merge, inputs, &count);
    gp_provenance_history(&present, NULL, attributes, count);
  }
  if (present.length > 0) gp_text_add(history, "%s", present.data);
  for (size_t f = 0; f < inputs; f++) {
    const gp_attribute *attributes = gp_merge_provenance(merge, f, &count);
    gp_provenance_history(history, present.data, attributes, count);
  }
  history->failed |= present.failed;
  gp_text_free(&present);
}

static gp_status write_with_history(gp_merge *merge, size_t inputs, size_t runs) {
  gp_provenance provenance;
  gp_text history = {0};
  add_histories(&history, merge, inputs);
  gp_provenance_merged(&provenance, gp_merge_files(merge), runs, &history);
  gp_status status = history.failed ? gp_fail(GP_ERR_MEMORY, "no memory for the history of the files")
                                    : gp_merge_write(merge, provenance.attributes, provenance.count);
  gp_text_free(&history);
  return status;
}

gp_status gp_merging_run(gp_merge_counts *counts, const char *path, const char *const *inputs, size_t count,
                         bool provenance) {
  gp_merge *merge;
  GP_TRY(gp_merge_open(&merge, path, inputs, count));
  *counts = gp_merge_count(merge);
  gp_status status =
      provenance ? write_with_history(merge, count, counts->finished) : gp_merge_write(merge, NULL, 0);
  gp_merge_close(merge);
  return status;
}
