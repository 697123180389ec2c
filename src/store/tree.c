/* Groups and arrays by name, for `dump`. */
#include "tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h5base.h"
#include "publish.h"

enum { TREE_RANK_MAX = 8, TREE_MESSAGE_BYTES = 1024, TREE_NAME_BYTES = 512, CHUNKED_FROM_BYTES = 4096 };

struct gp_tree {
  hid_t file;
  char *path, *temporary;
  gp_status first;
  char message[TREE_MESSAGE_BYTES];
};

/* Keeps the first error; every call after it returns the same. */
static gp_status keep(gp_tree *tree, gp_status status) {
  if (tree->first != GP_OK) return gp_fail(tree->first, "%s", tree->message);
  if (status == GP_OK) return GP_OK;
  gp_fail_prefix(status, "%s: ", tree->temporary);
  tree->first = status;
  snprintf(tree->message, sizeof tree->message, "%s", gp_message());
  return status;
}

static void tree_free(gp_tree *tree) {
  free(tree->path);
  free(tree->temporary);
  free(tree);
}

/* Whether the file's root says that it is a dump. Errors of HDF5 mean no. */
static bool is_dump(const char *path) {
  char text[sizeof GP_TREE_FORMAT] = "";
  hid_t access = gp_h5_access(), attribute = H5I_INVALID_HID, type = H5I_INVALID_HID;
  hid_t file = access < 0 ? H5I_INVALID_HID : H5Fopen(path, H5F_ACC_RDONLY, access);
  if (access >= 0) H5Pclose(access);
  if (file < 0) return false;
  if (H5Aexists(file, "format") > 0) attribute = H5Aopen(file, "format", H5P_DEFAULT);
  if (attribute >= 0) type = H5Aget_type(attribute);
  if (type >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 &&
      H5Tget_size(type) < sizeof text && H5Aread(attribute, type, text) < 0)
    text[0] = '\0';
  if (type >= 0) H5Tclose(type);
  gp_h5_discard(&file); /* closes strongly: the attribute goes along */
  return strcmp(text, GP_TREE_FORMAT) == 0;
}

gp_status gp_tree_replaceable(const char *path) {
  struct stat info;
  bool dump;
  if (stat(path, &info) != 0)
    return errno == ENOENT ? GP_OK : gp_fail(GP_ERR_IO, "%s: %s", path, strerror(errno));
  if (!S_ISREG(info.st_mode)) return gp_fail(GP_ERR_IO, "%s: not a regular file, cannot be the output", path);
  GP_H5_QUIET(dump = is_dump(path));
  return dump ? GP_OK
              : gp_fail(GP_ERR_USAGE, "%s is there already and is not a dump; it is left as it is", path);
}

gp_status gp_tree_create(gp_tree **out, const char *path) {
  gp_status status;
  *out = NULL;
  gp_tree *tree = calloc(1, sizeof *tree);
  if (tree == NULL) return gp_fail(GP_ERR_MEMORY, "%s: no memory", path);
  tree->path = gp_path_with(path, "");
  tree->temporary = gp_path_with(path, ".tmp");
  if (tree->path == NULL || tree->temporary == NULL) {
    tree_free(tree);
    return gp_fail(GP_ERR_MEMORY, "%s: no memory", path);
  }
  GP_H5_QUIET(status = gp_h5_create(&tree->file, tree->temporary));
  if (status == GP_OK)
    *out = tree;
  else {
    gp_fail_prefix(status, "%s: ", tree->temporary);
    tree_free(tree);
  }
  return status;
}

/* Makes the groups on the way to `name`. */
static gp_status make_parents(gp_tree *tree, const char *name) {
  char parent[TREE_NAME_BYTES];
  if (strlen(name) >= sizeof parent) return gp_fail(GP_ERR_USAGE, "the name '%.40s...' is too long", name);
  for (const char *slash = strchr(name + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    hid_t group;
    memcpy(parent, name, (size_t)(slash - name));
    parent[slash - name] = '\0';
    if (H5Lexists(tree->file, parent, H5P_DEFAULT) > 0) continue;
    GP_TRY(gp_h5_group(&group, tree->file, parent));
    GP_H5_TRY(H5Gclose(group), GP_ERR_IO, "write group", parent);
  }
  return GP_OK;
}

/* One whole array; larger ones are compressed and checksummed. */
static gp_status put_array(gp_tree *tree, const char *name, int rank, const int64_t *dims, hid_t stored,
                           hid_t memory, const void *values) {
  hsize_t extents[TREE_RANK_MAX];
  size_t bytes = 8;
  if (rank < 0 || rank > TREE_RANK_MAX) return gp_fail(GP_ERR_USAGE, "'%s' has %d dimensions", name, rank);
  for (int d = 0; d < rank; d++) {
    extents[d] = (hsize_t)dims[d];
    bytes *= (size_t)dims[d];
  }
  GP_TRY(make_parents(tree, name));
  bool chunked = rank > 0 && bytes >= CHUNKED_FROM_BYTES;
  hid_t space = rank > 0 ? H5Screate_simple(rank, extents, NULL) : H5Screate(H5S_SCALAR);
  hid_t list = gp_h5_properties(rank, chunked ? extents : NULL), dataset = H5I_INVALID_HID;
  if (space >= 0 && list >= 0)
    dataset = H5Dcreate2(tree->file, name, stored, space, H5P_DEFAULT, list, H5P_DEFAULT);
  bool good =
      dataset >= 0 && (bytes == 0 || H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  gp_status status = good ? GP_OK : gp_h5_fail(GP_ERR_IO, "write", name);
  gp_status closed = gp_h5_close_dataset(&dataset, name);
  if (space >= 0) H5Sclose(space);
  if (list >= 0) H5Pclose(list);
  return status == GP_OK ? closed : status;
}

gp_status gp_tree_real(gp_tree *tree, const char *name, int rank, const int64_t *dims, const double *values) {
  gp_status status = tree->first;
  if (status == GP_OK)
    GP_H5_QUIET(status = put_array(tree, name, rank, dims, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, values));
  return keep(tree, status);
}

gp_status gp_tree_integer(gp_tree *tree, const char *name, int rank, const int64_t *dims,
                          const int64_t *values) {
  gp_status status = tree->first;
  if (status == GP_OK)
    GP_H5_QUIET(status = put_array(tree, name, rank, dims, H5T_STD_I64LE, H5T_NATIVE_INT64, values));
  return keep(tree, status);
}

/* A dump's texts are short; a long one is a mistake of the caller. */
static gp_status put_attribute(gp_tree *tree, const char *object, const char *name, const char *text) {
  hid_t opened = H5Oopen(tree->file, object, H5P_DEFAULT);
  GP_H5_TRY(opened, GP_ERR_USAGE, "open", object);
  gp_status status = strlen(text) > GP_H5_ATTRIBUTE_MAX
                         ? gp_fail(GP_ERR_USAGE, "the text of attribute '%s' is too long", name)
                         : gp_h5_put_text(opened, name, text);
  if (H5Oclose(opened) < 0 && status == GP_OK) status = gp_h5_fail(GP_ERR_IO, "write attribute", name);
  return status;
}

gp_status gp_tree_attribute(gp_tree *tree, const char *object, const char *name, const char *text) {
  gp_status status = tree->first;
  if (status == GP_OK) GP_H5_QUIET(status = put_attribute(tree, object, name, text));
  return keep(tree, status);
}

gp_status gp_tree_close(gp_tree *tree) {
  if (tree == NULL) return GP_OK;
  gp_status status = tree->first;
  if (status == GP_OK) GP_H5_QUIET(status = gp_h5_finish(&tree->file));
  status = keep(tree, status);
  if (status == GP_OK) status = gp_publish(tree->temporary, tree->path);
  if (status == GP_OK)
    tree_free(tree);
  else
    gp_tree_abandon(tree);
  return status;
}

void gp_tree_abandon(gp_tree *tree) {
  if (tree == NULL) return;
  GP_H5_QUIET(gp_h5_discard(&tree->file));
  unlink(tree->temporary);
  tree_free(tree);
}
