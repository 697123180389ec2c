/* Arrays of a foreign HDF5 file by name; see tree_reader.h. */
#include "tree_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h5base.h"
#include "publish.h"
#include "text.h"

enum { NAME_BYTES = 512, RANK_MAX = 4 };

struct gp_tree_reader {
  hid_t file;
  char *path;
};

/* Every message begins with the path. */
static gp_status named(const gp_tree_reader *reader, gp_status status) {
  return status == GP_OK ? GP_OK : gp_fail_prefix(status, "%s: ", reader->path);
}

static gp_status open_file(gp_tree_reader *reader) {
  hid_t access = gp_h5_access();
  reader->file = access < 0 ? H5I_INVALID_HID : H5Fopen(reader->path, H5F_ACC_RDONLY, access);
  gp_status status = reader->file >= 0 ? GP_OK : gp_h5_fail(GP_ERR_DATA, "open", "as an HDF5 file");
  if (status == GP_ERR_DATA && H5Fis_hdf5(reader->path) == 0)
    status = gp_fail(GP_ERR_DATA, "it is not an HDF5 file");
  if (access >= 0) H5Pclose(access);
  return status;
}

gp_status gp_tree_open(gp_tree_reader **out, const char *path) {
  bool exists;
  *out = NULL;
  gp_status status = GP_OK;
  GP_TRY(gp_h5_check_regular(path, &exists));
  if (!exists) return gp_fail(GP_ERR_DATA, "%s: there is no such file", path);
  gp_tree_reader *reader = calloc(1, sizeof *reader);
  if (reader == NULL) return gp_fail(GP_ERR_MEMORY, "%s: no memory", path);
  reader->file = H5I_INVALID_HID;
  reader->path = gp_path_with(path, "");
  if (reader->path == NULL) status = gp_fail(GP_ERR_MEMORY, "%s: no memory", path);
  if (status == GP_OK) {
    GP_H5_QUIET(status = open_file(reader));
    status = named(reader, status);
  }
  if (status == GP_OK)
    *out = reader;
  else
    gp_tree_reader_close(reader);
  return status;
}

void gp_tree_reader_close(gp_tree_reader *reader) {
  if (reader == NULL) return;
  GP_H5_QUIET(gp_h5_discard(&reader->file));
  free(reader->path);
  free(reader);
}

/* ---- names ---- */

/* The step of a name "step_000100", or -1. */
static int64_t step_of(const char *name) {
  static const char front[] = "step_";
  long long step;
  if (strncmp(name, front, sizeof front - 1) != 0) return -1;
  return gp_text_to_int(name + sizeof front - 1, &step) && step >= 0 ? step : -1;
}

static int ascending(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static gp_status list_steps(const gp_tree_reader *reader, int64_t *steps, size_t capacity, size_t *count) {
  H5G_info_t group;
  *count = 0;
  GP_H5_TRY(H5Gget_info(reader->file, &group), GP_ERR_DATA, "read", "the names in it");
  for (hsize_t i = 0; i < group.nlinks; i++) {
    char name[NAME_BYTES];
    ssize_t length =
        H5Lget_name_by_idx(reader->file, ".", H5_INDEX_NAME, H5_ITER_INC, i, name, sizeof name, H5P_DEFAULT);
    GP_H5_TRY(length, GP_ERR_DATA, "read", "the names in it");
    int64_t step = (size_t)length < sizeof name ? step_of(name) : -1;
    if (step < 0) continue;
    if (*count < capacity) steps[*count] = step;
    ++*count;
  }
  qsort(steps, *count < capacity ? *count : capacity, sizeof *steps, ascending);
  return GP_OK;
}

gp_status gp_tree_steps(gp_tree_reader *reader, int64_t *steps, size_t capacity, size_t *count) {
  gp_status status;
  GP_H5_QUIET(status = list_steps(reader, steps, capacity, count));
  return named(reader, status);
}

/* Link by link: a soft or external one could lead anywhere. */
static bool has(hid_t file, const char *name) {
  char part[NAME_BYTES];
  if (strlen(name) >= sizeof part) return false;
  for (const char *at = name; at != NULL; at = strchr(at + 1, '/')) {
    const char *end = strchr(at + 1, '/');
    size_t length = end != NULL ? (size_t)(end - name) : strlen(name);
    H5L_info_t link;
    memcpy(part, name, length);
    part[length] = '\0';
    if (H5Lexists(file, part, H5P_DEFAULT) <= 0) return false;
    if (H5Lget_info(file, part, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD) return false;
  }
  return true;
}

bool gp_tree_has(gp_tree_reader *reader, const char *name) {
  bool found;
  GP_H5_QUIET(found = has(reader->file, name));
  return found;
}

/* ---- arrays ---- */

static void add_shape(gp_text *text, int rank, const hsize_t *dims) {
  gp_text_add(text, "(");
  for (int d = 0; d < rank; d++) gp_text_add(text, "%s%llu", d > 0 ? ", " : "", (unsigned long long)dims[d]);
  gp_text_add(text, ")");
}

/* Whether the extents are those that are wanted. */
static gp_status check_shape(hid_t dataset, const char *name, int rank, const int64_t *dims) {
  hsize_t wanted[RANK_MAX], found[H5S_MAX_RANK];
  hid_t space = H5Dget_space(dataset);
  int found_rank = space < 0 ? -1 : H5Sget_simple_extent_dims(space, found, NULL);
  bool same = found_rank == rank;
  for (int d = 0; d < rank; d++) wanted[d] = (hsize_t)dims[d];
  for (int d = 0; d < rank && same; d++) same = found[d] == wanted[d];
  if (space >= 0) H5Sclose(space);
  if (same) return GP_OK;
  gp_text text = {0};
  add_shape(&text, found_rank > 0 ? found_rank : 0, found);
  gp_text_add(&text, ", and the model needs ");
  add_shape(&text, rank, wanted);
  gp_fail(GP_ERR_DATA, "%s has the shape %s", name, text.failed ? "?" : text.data);
  gp_text_free(&text);
  return GP_ERR_DATA;
}

static bool is_number(hid_t dataset) {
  hid_t type = H5Dget_type(dataset);
  H5T_class_t class_ = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
  if (type >= 0) H5Tclose(type);
  return class_ == H5T_FLOAT || class_ == H5T_INTEGER;
}

static gp_status read_array(const gp_tree_reader *reader, const char *name, int rank, const int64_t *dims,
                            double *out) {
  H5O_info_t info;
  if (!has(reader->file, name)) return gp_fail(GP_ERR_DATA, "there is no %s in it", name);
  GP_H5_TRY(H5Oget_info_by_name2(reader->file, name, &info, H5O_INFO_BASIC, H5P_DEFAULT), GP_ERR_DATA, "read",
            name);
  if (info.type != H5O_TYPE_DATASET) return gp_fail(GP_ERR_DATA, "%s is no array", name);
  hid_t dataset = H5Dopen2(reader->file, name, H5P_DEFAULT);
  GP_H5_TRY(dataset, GP_ERR_DATA, "open", name);
  gp_status status = check_shape(dataset, name, rank, dims);
  if (status == GP_OK && !is_number(dataset)) status = gp_fail(GP_ERR_DATA, "%s holds no numbers", name);
  if (status == GP_OK && !gp_h5_storage_known(dataset))
    status = gp_fail(GP_ERR_DATA, "%s is stored with filters, or in files, that are not read", name);
  if (status == GP_OK && H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) < 0)
    status = gp_h5_fail(GP_ERR_DATA, "read", name);
  H5Dclose(dataset);
  return status;
}

gp_status gp_tree_read(gp_tree_reader *reader, const char *name, int rank, const int64_t *dims, double *out) {
  gp_status status;
  GP_H5_QUIET(status = read_array(reader, name, rank, dims, out));
  return named(reader, status);
}
