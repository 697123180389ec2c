/* HDF5 in small pieces. An identifier below 0 is an error everywhere in HDF5, so a chain of calls is one
 * condition. */
#include "h5base.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hdf5_hl.h>

void gp_h5_begin(void) {
  static bool begun;
  if (!begun) H5dont_atexit();
  begun = true;
}

typedef struct reason {
  char text[512];
} reason;

/* Walked upward the first entry is the innermost one. */
static herr_t first_reason(unsigned depth, const H5E_error2_t *error, void *context) {
  reason *found = context;
  if (depth == 0) snprintf(found->text, sizeof found->text, "%s", error->desc ? error->desc : "");
  return 0;
}

/* "file write failed: time = ..., errno = 28, error message = 'No space left on device', buf = ..." -> the
 * message. */
static bool system_reason(reason *found) {
  static const char mark[] = "error message = '";
  char *start = strstr(found->text, mark);
  if (start == NULL) return false;
  start += sizeof mark - 1;
  char *end = strchr(start, '\'');
  if (end != NULL) *end = '\0';
  memmove(found->text, start, strlen(start) + 1);
  return true;
}

gp_status gp_h5_fail(gp_status status, const char *what, const char *name) {
  reason found = {"no reason given"};
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, first_reason, &found);
  H5Eclear2(H5E_DEFAULT);
  if (system_reason(&found)) status = GP_ERR_IO;
  return gp_fail(status, "cannot %s%s%s: %s", what, name[0] ? " " : "", name, found.text);
}

/* No times: two files of equal content shall be equal. */
static hid_t creation_properties(void) {
  const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
  hid_t list = H5Pcreate(H5P_FILE_CREATE);
  bool good = list >= 0 && H5Pset_link_creation_order(list, order) >= 0 &&
              H5Pset_attr_creation_order(list, order) >= 0 && H5Pset_obj_track_times(list, false) >= 0;
  if (good) return list;
  if (list >= 0) H5Pclose(list);
  return H5I_INVALID_HID;
}

/* A file is only ever replaced, never changed in place, so HDF5's own locks would protect nothing, and they
 * fail on some network file systems. Closing strongly takes datasets that are still open after an error
 * along. */
hid_t gp_h5_access(void) {
  hid_t list = H5Pcreate(H5P_FILE_ACCESS);
  bool good = list >= 0 && H5Pset_libver_bounds(list, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0 &&
              H5Pset_fclose_degree(list, H5F_CLOSE_STRONG) >= 0 &&
              H5Pset_file_locking(list, false, true) >= 0;
  if (good) return list;
  if (list >= 0) H5Pclose(list);
  return H5I_INVALID_HID;
}

gp_status gp_h5_create(hid_t *file, const char *path) {
  hid_t creation = creation_properties(), access = gp_h5_access();
  *file = H5I_INVALID_HID;
  unlink(path); /* what a crash left, or a link that leads elsewhere */
  if (creation >= 0 && access >= 0) *file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
  gp_status status = *file >= 0 ? GP_OK : gp_h5_fail(GP_ERR_IO, "create", "the file");
  if (creation >= 0) H5Pclose(creation);
  if (access >= 0) H5Pclose(access);
  return status;
}

gp_status gp_h5_finish(hid_t *file) {
  gp_status status = GP_OK;
  if (H5Fflush(*file, H5F_SCOPE_GLOBAL) < 0) status = gp_h5_fail(GP_ERR_IO, "write", "the file");
  if (H5Fclose(*file) < 0 && status == GP_OK) status = gp_h5_fail(GP_ERR_IO, "close", "the file");
  *file = H5I_INVALID_HID;
  return status;
}

void gp_h5_discard(hid_t *file) {
  if (*file >= 0) H5Fclose(*file);
  *file = H5I_INVALID_HID;
  H5Eclear2(H5E_DEFAULT);
}

gp_status gp_h5_group(hid_t *group, hid_t parent, const char *name) {
  const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
  hid_t list = H5Pcreate(H5P_GROUP_CREATE);
  *group = H5I_INVALID_HID;
  if (list >= 0 && H5Pset_link_creation_order(list, order) >= 0 &&
      H5Pset_attr_creation_order(list, order) >= 0 && H5Pset_obj_track_times(list, false) >= 0)
    *group = H5Gcreate2(parent, name, H5P_DEFAULT, list, H5P_DEFAULT);
  gp_status status = *group >= 0 ? GP_OK : gp_h5_fail(GP_ERR_IO, "create group", name);
  if (list >= 0) H5Pclose(list);
  return status;
}

hid_t gp_h5_properties(int rank, const hsize_t *chunk) {
  const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
  hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  bool good = list >= 0 && H5Pset_obj_track_times(list, false) >= 0 &&
              H5Pset_attr_creation_order(list, order) >= 0 &&
              (chunk == NULL || (H5Pset_chunk(list, rank, chunk) >= 0 && H5Pset_shuffle(list) >= 0 &&
                                 H5Pset_deflate(list, 1) >= 0 && H5Pset_fletcher32(list) >= 0));
  if (good) return list;
  if (list >= 0) H5Pclose(list);
  return H5I_INVALID_HID;
}

/* One attribute; takes the space along. Every attribute of the house is written once, when its object is
 * created. */
static gp_status put_attribute(hid_t object, const char *name, hid_t type, hid_t space, const void *values) {
  hid_t attribute = H5I_INVALID_HID;
  if (type >= 0 && space >= 0) attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  gp_status status = GP_OK;
  if (attribute < 0 || H5Awrite(attribute, type, values) < 0)
    status = gp_h5_fail(GP_ERR_IO, "write attribute", name);
  if (attribute >= 0 && H5Aclose(attribute) < 0 && status == GP_OK)
    status = gp_h5_fail(GP_ERR_IO, "write attribute", name);
  if (space >= 0) H5Sclose(space);
  return status;
}

gp_status gp_h5_put_text(hid_t object, const char *name, const char *text) {
  size_t length = strlen(text);
  hid_t type = H5Tcopy(H5T_C_S1);
  bool good = type >= 0 && H5Tset_size(type, length > 0 ? length : 1) >= 0 &&
              H5Tset_cset(type, H5T_CSET_UTF8) >= 0 && H5Tset_strpad(type, H5T_STR_NULLPAD) >= 0;
  gp_status status = good ? put_attribute(object, name, type, H5Screate(H5S_SCALAR), text)
                          : gp_h5_fail(GP_ERR_IO, "write attribute", name);
  if (type >= 0) H5Tclose(type);
  return status;
}

gp_status gp_h5_put_numbers(hid_t object, const char *name, hid_t type, hsize_t count, const void *values) {
  return put_attribute(object, name, type, H5Screate_simple(1, &count, NULL), values);
}

gp_status gp_h5_put_dimension(hid_t *scale, hid_t group, const char *name, hsize_t length) {
  char label[80];
  snprintf(label, sizeof label, "This is a netCDF dimension but not a netCDF variable.%10llu",
           (unsigned long long)length);
  hid_t space = H5Screate_simple(1, &length, NULL), list = gp_h5_properties(1, NULL);
  *scale = H5I_INVALID_HID;
  if (space >= 0 && list >= 0)
    *scale = H5Dcreate2(group, name, H5T_IEEE_F32BE, space, H5P_DEFAULT, list, H5P_DEFAULT);
  gp_status status = GP_OK;
  if (*scale < 0 || H5DSset_scale(*scale, label) < 0)
    status = gp_h5_fail(GP_ERR_IO, "create dimension", name);
  if (list >= 0) H5Pclose(list);
  if (space >= 0) H5Sclose(space);
  return status;
}

gp_status gp_h5_close_dataset(hid_t *dataset, const char *name) {
  gp_status status = GP_OK;
  if (*dataset >= 0 && H5Dclose(*dataset) < 0) status = gp_h5_fail(GP_ERR_IO, "write", name);
  *dataset = H5I_INVALID_HID;
  return status;
}

int gp_h5_dimensions(gp_shape shape, bool text, int dims[GP_H5_RANK_MAX]) {
  const gp_shape_item *over = &gp_shape_table[shape];
  int rank = 0;
  dims[rank++] = GP_H5_DIM_RUN;
  if (over->steps) dims[rank++] = GP_H5_DIM_CHECKPOINT;
  if (over->layers) dims[rank++] = GP_H5_DIM_LAYER;
  if (over->inner != GP_NO_INNER) dims[rank++] = gp_h5_inner(over->inner);
  if (text) dims[rank++] = GP_H5_DIM_STRING;
  return rank;
}

/* ---- foreign files ---- */

enum { CHUNK_BYTES_MAX = 1 << 30 };

gp_status gp_h5_check_regular(const char *path, bool *exists) {
  struct stat info;
  *exists = false;
  if (stat(path, &info) != 0)
    return errno == ENOENT ? GP_OK : gp_fail(GP_ERR_IO, "%s: cannot open: %s", path, strerror(errno));
  if (!S_ISREG(info.st_mode)) return gp_fail(GP_ERR_FILE, "%s: it is not a regular file", path);
  if (access(path, R_OK) != 0) return gp_fail(GP_ERR_IO, "%s: cannot open: %s", path, strerror(errno));
  *exists = true;
  return GP_OK;
}

/* HDF5 would load a filter that a file names as a plugin: only the three that are built in may run. */
static bool filters_known(hid_t list) {
  int count = H5Pget_nfilters(list);
  for (int i = 0; i < count; i++) {
    unsigned flags, config;
    size_t values = 0;
    H5Z_filter_t filter = H5Pget_filter2(list, (unsigned)i, &flags, &values, NULL, 0, NULL, &config);
    if (filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_FLETCHER32)
      return false;
  }
  return count >= 0;
}

size_t gp_h5_chunk_bytes(hid_t dataset, size_t element) {
  hid_t list = H5Dget_create_plist(dataset);
  hsize_t chunk[H5S_MAX_RANK];
  size_t bytes = 0;
  if (list >= 0 && H5Pget_layout(list) == H5D_CHUNKED && filters_known(list)) {
    int rank = H5Pget_chunk(list, H5S_MAX_RANK, chunk);
    bytes = rank > 0 ? element : 0;
    for (int d = 0; d < rank && bytes > 0; d++)
      bytes = chunk[d] > 0 && chunk[d] <= CHUNK_BYTES_MAX / bytes ? bytes * (size_t)chunk[d] : 0;
  }
  if (list >= 0) H5Pclose(list);
  return bytes;
}

bool gp_h5_storage_known(hid_t dataset) {
  hid_t list = H5Dget_create_plist(dataset);
  H5D_layout_t layout = list < 0 ? H5D_LAYOUT_ERROR : H5Pget_layout(list);
  bool chunked = layout == H5D_CHUNKED, plain = layout == H5D_CONTIGUOUS || layout == H5D_COMPACT;
  plain = plain && H5Pget_external_count(list) == 0;
  if (list >= 0) H5Pclose(list);
  return plain || (chunked && gp_h5_chunk_bytes(dataset, sizeof(double)) > 0);
}
