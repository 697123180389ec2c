/* The narrow layer over HDF5: error text, property lists, attributes. With the other h5*.c files the only
 * code of the house that includes hdf5.h.
 *
 * HDF5 keeps its own error stack and prints it by default; every public entry of the store runs inside
 * GP_H5_QUIET and turns the stack into our message. Not thread-safe, as the library is not. */
#ifndef GP_H5BASE_H
#define GP_H5BASE_H

#include <stdbool.h>
#include <stdint.h>

#include <hdf5.h>

#include "apart.h"
#include "schema.h"
#include "status.h"

/* Keeps HDF5 from closing what is open when the process ends (once, before anything else): after a failed
 * write it would try again and crash there (seen with 1.10.8), and the exit status would be lost. We close
 * all ourselves. */
void gp_h5_begin(void);

/* Evaluates `call` with HDF5's printing switched off. */
#define GP_H5_QUIET(call)                                                                                    \
  do {                                                                                                       \
    gp_hdf5_at_work++;                                                                                       \
    gp_h5_begin();                                                                                           \
    H5E_auto2_t gp_h5_printer;                                                                               \
    void *gp_h5_client;                                                                                      \
    H5Eget_auto2(H5E_DEFAULT, &gp_h5_printer, &gp_h5_client);                                                \
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);                                                                   \
    call;                                                                                                    \
    H5Eset_auto2(H5E_DEFAULT, gp_h5_printer, gp_h5_client);                                                  \
    gp_hdf5_at_work--;                                                                                       \
  } while (0)

enum {
  GP_H5_ATTRIBUTE_MAX = 60 * 1024
}; /* longer texts become char datasets: an object header holds 64 KiB */

/* Dimensions of a result file: behind the four that every file has those of gp_inner_table that a variable lies over. */
enum {
  GP_H5_DIM_RUN,
  GP_H5_DIM_CHECKPOINT,
  GP_H5_DIM_LAYER,
  GP_H5_DIM_STRING,
  GP_H5_DIM_INNER,
  GP_H5_DIMS = GP_H5_DIM_INNER + GP_INNERS - 1,
  GP_H5_RANK_MAX = 4
};

static inline int gp_h5_inner(gp_inner inner) {
  return GP_H5_DIM_INNER + (int)inner - 1;
}

/* The dimensions that a variable of that shape lies over, a text's bytes behind; returns how many. */
int gp_h5_dimensions(gp_shape shape, bool text, int dims[GP_H5_RANK_MAX]);

/* Fails with `status` and "cannot WHAT: reason", the reason being the innermost of HDF5's error stack (which
 * names the system's error for failed reads and writes). An error of the system makes it GP_ERR_IO. */
gp_status gp_h5_fail(gp_status status, const char *what, const char *name);

/* Leaves the enclosing function when a call of HDF5 reports an error. */
#define GP_H5_TRY(call, status, what, name)                                                                  \
  do {                                                                                                       \
    if ((call) < 0) return gp_h5_fail(status, what, name);                                                   \
  } while (0)

/* Creates (truncates) a file whose bytes depend on nothing but what is written: format bounds V110 (checksums
 * on all metadata), no times, creation order tracked and indexed (netCDF needs it to append). */
gp_status gp_h5_create(hid_t *file, const char *path);

/* The access properties of every file, read or written; negative on failure. */
hid_t gp_h5_access(void);

/* Flushes and closes, each checked; *file becomes invalid either way. */
gp_status gp_h5_finish(hid_t *file);

/* Closes after an error; what HDF5 says then does not matter any more. */
void gp_h5_discard(hid_t *file);

/* A group below `parent` with the same properties as the root. */
gp_status gp_h5_group(hid_t *group, hid_t parent, const char *name);

/* Dataset creation properties: no times, creation order, shuffle + deflate 1 + fletcher32 over chunks of
 * `chunk` (one per dimension). Negative on failure. */
hid_t gp_h5_properties(int rank, const hsize_t *chunk);

/* Attributes of an open object. An empty text is one zero byte (HDF5 has no strings of size 0). */
gp_status gp_h5_put_text(hid_t object, const char *name, const char *text);
gp_status gp_h5_put_numbers(hid_t object, const char *name, hid_t type, hsize_t count, const void *values);

/* A dimension without a coordinate variable, in netCDF's way: a scale of that name without data. */
gp_status gp_h5_put_dimension(hid_t *scale, hid_t group, const char *name, hsize_t length);

/* GP_OK with *exists, before HDF5 sees the file: a fifo or a device would hang it. */
gp_status gp_h5_check_regular(const char *path, bool *exists);

/* Bytes of a chunk; 0 when the dataset is not chunked, has a filter that is not ours, or absurd chunks. */
size_t gp_h5_chunk_bytes(hid_t dataset, size_t element);

/* Whether a dataset of numbers is stored in the file itself, plainly or in such chunks. */
bool gp_h5_storage_known(hid_t dataset);

/* Closes with a check (an H5Dwrite to a full disk succeeds, the error comes here); *dataset becomes invalid.
 */
gp_status gp_h5_close_dataset(hid_t *dataset, const char *name);

#endif
