/* Opening a result file that may be anyone's. What is not ours in shape, type or storage is left out; what is
 * ours and does not fit together is an error. */
#include "h5reader.h"

#include <stdio.h>
#include <stdlib.h>

#include <hdf5_hl.h>

#include "h5base.h"
#include "text.h"
#include "publish.h"

enum {
  LINKS_MAX = 4096,
  ATTRIBUTES_MAX = 4096,
  ATTRIBUTE_BYTES_MAX = 1 << 20,
  TEXT_BYTES_MAX = 64 << 20,
  DEFLATE_RATIO_MAX = 1100, /* zlib reaches 1032 : 1 at most (its technical details) */
  CACHE_BYTES_MAX = 64 << 20
};

/* An open dataset takes some 50 kB, a file of ours has 170 of them, and a merge may have a thousand files: readers beyond the
 * first few open a dataset for each read. */
enum { READERS_AT_EASE = 48 };
static int readers_open;

struct gp_h5_handles {
  hid_t file;
  hid_t *datasets;         /* per variable of the schema; invalid: not open now */
  int numbers[GP_H5_DIMS]; /* netCDF's numbers of the dimensions; -1: none */
  bool sparing;
  gp_variable *variables;
  gp_attribute *attributes;
};

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory to read the file");
}

/* The text of an open attribute, or NULL when it is no fixed-length scalar text of sensible size. */
static const char *attribute_text(hid_t attribute, gp_pool *pool) {
  hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  const char *text = NULL;
  if (type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 &&
      H5Sget_simple_extent_npoints(space) == 1 && H5Tget_size(type) <= ATTRIBUTE_BYTES_MAX) {
    char *room = gp_pool_take(pool, H5Tget_size(type) + 1, 1);
    if (room != NULL && H5Aread(attribute, type, room) >= 0) text = room;
  }
  if (type >= 0) H5Tclose(type);
  if (space >= 0) H5Sclose(space);
  return text;
}

/* The text attribute `name` of an object, or NULL. */
static const char *get_text(hid_t object, const char *name, gp_pool *pool) {
  if (H5Aexists(object, name) <= 0) return NULL;
  hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
  if (attribute < 0) return NULL;
  const char *text = attribute_text(attribute, pool);
  H5Aclose(attribute);
  return text;
}

/* One attribute by its place; its text is NULL when it is no text. */
static gp_status read_attribute(hid_t object, hsize_t index, gp_pool *pool, gp_attribute *out) {
  char name[512];
  hid_t attribute =
      H5Aopen_by_idx(object, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, index, H5P_DEFAULT, H5P_DEFAULT);
  GP_H5_TRY(attribute, GP_ERR_FILE, "read", "an attribute");
  ssize_t length = H5Aget_name(attribute, sizeof name, name);
  *out = (gp_attribute){NULL, attribute_text(attribute, pool)};
  if (length > 0 && (size_t)length < sizeof name) out->name = gp_pool_text(pool, name, (size_t)length);
  herr_t closed = H5Aclose(attribute);
  GP_H5_TRY(closed, GP_ERR_FILE, "read attribute", name);
  return GP_OK;
}

/* All text attributes of an object in creation order; others (netCDF's own numbers) are left out. */
static gp_status read_attributes(hid_t object, gp_pool *pool, gp_attribute **out, size_t *count) {
  H5O_info_t info;
  GP_H5_TRY(H5Oget_info2(object, &info, H5O_INFO_NUM_ATTRS), GP_ERR_FILE, "read", "the attributes");
  if (info.num_attrs > ATTRIBUTES_MAX) return gp_fail(GP_ERR_FILE, "more than %d attributes", ATTRIBUTES_MAX);
  *out = gp_pool_take(pool, (size_t)info.num_attrs + 1, sizeof **out);
  if (*out == NULL) return no_memory();
  *count = 0;
  for (hsize_t i = 0; i < info.num_attrs; i++) {
    gp_attribute *next = &(*out)[*count];
    GP_TRY(read_attribute(object, i, pool, next));
    bool ours = next->name != NULL && next->text != NULL && strcmp(next->name, "Conventions") != 0;
    if (ours) ++*count;
  }
  return GP_OK;
}

/* Extents of a dataset; the rank, or 0 when it is not simple or has more than GP_H5_RANK_MAX dimensions. */
static int extents(hid_t dataset, hsize_t dims[GP_H5_RANK_MAX]) {
  hid_t space = H5Dget_space(dataset);
  int rank = space < 0 ? 0 : H5Sget_simple_extent_ndims(space);
  if (rank < 0 || rank > GP_H5_RANK_MAX || (rank > 0 && H5Sget_simple_extent_dims(space, dims, NULL) < 0))
    rank = 0;
  if (space >= 0) H5Sclose(space);
  return rank;
}

/* Whether the file can really hold what the dataset claims: a small file must not make us allocate much. */
static bool size_plausible(hid_t dataset, int rank, const hsize_t *dims, size_t element) {
  size_t bytes = element;
  for (int d = 0; d < rank; d++)
    if (__builtin_mul_overflow(bytes, (size_t)dims[d], &bytes)) return false;
  return bytes / DEFLATE_RATIO_MAX <= (size_t)H5Dget_storage_size(dataset) &&
         gp_h5_chunk_bytes(dataset, element) > 0;
}

/* Reads a one-dimensional dataset of at most TEXT_BYTES_MAX bytes into the pool. */
static gp_status read_line(hid_t dataset, const char *name, hid_t type, size_t element, gp_pool *pool,
                           void **out, size_t *count) {
  hsize_t dims[GP_H5_RANK_MAX];
  if (extents(dataset, dims) != 1 || dims[0] > TEXT_BYTES_MAX / element ||
      !size_plausible(dataset, 1, dims, element))
    return gp_fail(GP_ERR_FILE, "'%s' is not what it should be", name);
  *count = (size_t)dims[0];
  *out = gp_pool_take(pool, *count + 1, element);
  if (*out == NULL) return no_memory();
  GP_H5_TRY(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, *out), GP_ERR_FILE, "read", name);
  return GP_OK;
}

/* Integers of an attribute, at most `most`; how many there are, 0: none, or not of that kind. */
static int attribute_numbers(hid_t object, const char *name, int most, int *numbers) {
  if (H5Aexists(object, name) <= 0) return 0;
  hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
  hid_t space = attribute >= 0 ? H5Aget_space(attribute) : H5I_INVALID_HID;
  hssize_t count = space >= 0 ? H5Sget_simple_extent_npoints(space) : 0;
  bool read = count > 0 && count <= most && H5Aread(attribute, H5T_NATIVE_INT, numbers) >= 0;
  if (space >= 0) H5Sclose(space);
  if (attribute >= 0) H5Aclose(attribute);
  return read ? (int)count : 0;
}

/* A dimension's length, and its coordinate values when `values` is not NULL. */
static gp_status read_dimension(gp_h5_reader *reader, int dim, const char *name, void **values,
                                size_t *length) {
  hsize_t dims[GP_H5_RANK_MAX];
  hid_t file = reader->handles->file, dataset = H5I_INVALID_HID;
  if (H5Lexists(file, name, H5P_DEFAULT) > 0) dataset = H5Dopen2(file, name, H5P_DEFAULT);
  if (dataset < 0)
    return gp_fail(GP_ERR_FILE, "it has no dimension '%s': not a result file of gradpath", name);
  gp_status status = GP_OK;
  if (attribute_numbers(dataset, "_Netcdf4Dimid", 1, &reader->handles->numbers[dim]) == 0)
    reader->handles->numbers[dim] = -1;
  if (values != NULL)
    status = read_line(dataset, name, H5T_NATIVE_INT64, 8, &reader->pool, values, length);
  else if (extents(dataset, dims) == 1)
    *length = (size_t)dims[0];
  else
    status = gp_fail(GP_ERR_FILE, "dimension '%s' is not what it should be", name);
  H5Dclose(dataset);
  return status;
}

/* Those that are there; a dataset of that name that is no dimension is someone else's. */
static gp_status read_inner_dimensions(gp_h5_reader *reader) {
  hid_t file = reader->handles->file;
  for (int d = GP_NO_INNER + 1; d < GP_INNERS; d++) {
    const char *name = gp_inner_table[d].name;
    int dim = gp_h5_inner((gp_inner)d);
    reader->handles->numbers[dim] = -1;
    if (H5Lexists(file, name, H5P_DEFAULT) <= 0) continue;
    GP_TRY(read_dimension(reader, dim, name, NULL, &reader->schema.inner[d]));
  }
  return GP_OK;
}

static gp_status read_dimensions(gp_h5_reader *reader) {
  gp_schema *schema = &reader->schema;
  void *steps = NULL;
  GP_TRY(read_dimension(reader, GP_H5_DIM_RUN, "run", NULL, &reader->rows));
  GP_TRY(read_dimension(reader, GP_H5_DIM_CHECKPOINT, "checkpoint", &steps, &schema->checkpoint_count));
  GP_TRY(read_dimension(reader, GP_H5_DIM_LAYER, "layer", NULL, &schema->layer_count));
  GP_TRY(read_dimension(reader, GP_H5_DIM_STRING, "string", NULL, &reader->string));
  GP_TRY(read_inner_dimensions(reader));
  schema->checkpoints = steps;
  if (reader->string == 0 || reader->string > TEXT_BYTES_MAX)
    return gp_fail(GP_ERR_FILE, "texts of %zu bytes are not plausible", reader->string);
  return GP_OK;
}

/* The type of the schema that a dataset has; false when it is none of ours. */
static bool type_of(hid_t dataset, gp_type *type, size_t *element) {
  const struct {
    hid_t stored;
    gp_type type;
  } known[] = {
      {H5T_IEEE_F64LE, GP_F64}, {H5T_STD_I64LE, GP_I64}, {H5T_STD_U64LE, GP_U64}, {H5T_STD_I8LE, GP_STATE}};
  hid_t stored = H5Dget_type(dataset);
  if (stored < 0) return false;
  bool found =
      H5Tget_class(stored) == H5T_STRING && H5Tis_variable_str(stored) == 0 && H5Tget_size(stored) == 1;
  *type = GP_TEXT;
  for (size_t i = 0; i < sizeof known / sizeof known[0] && !found; i++) {
    found = H5Tequal(stored, known[i].stored) > 0;
    *type = known[i].type;
  }
  *element = H5Tget_size(stored);
  H5Tclose(stored);
  return found;
}

/* The words of flag_meanings, NULL-terminated. */
static const char *const *split_words(const char *text, gp_pool *pool) {
  char *copy = gp_pool_text(pool, text, strlen(text));
  const char **words = gp_pool_take(pool, strlen(text) / 2 + 2, sizeof *words);
  if (copy == NULL || words == NULL) return NULL;
  size_t count = 0;
  char *rest;
  for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
    words[count++] = word;
  return words;
}

/* Words of a set, the one for none in front again (h5layout.c leaves it out). */
static gp_status read_set(hid_t dataset, gp_pool *pool, gp_variable *variable) {
  const char *words = get_text(dataset, "flag_meanings", pool);
  if (words == NULL) return GP_OK;
  gp_text all = {0};
  gp_text_add(&all, "none %s", words);
  variable->meanings = all.failed ? NULL : split_words(all.data, pool);
  gp_text_free(&all);
  return variable->meanings == NULL ? no_memory() : GP_OK;
}

/* The attributes that say what a variable is. */
static gp_status describe(hid_t dataset, gp_pool *pool, gp_variable *variable) {
  variable->long_name = get_text(dataset, "long_name", pool);
  variable->units = get_text(dataset, "units", pool);
  variable->note = get_text(dataset, "comment", pool);
  if (variable->type == GP_I64) return read_set(dataset, pool, variable);
  if (variable->type != GP_STATE) return GP_OK;
  const char *words = get_text(dataset, "flag_meanings", pool);
  if (words == NULL) return gp_fail(GP_ERR_FILE, "'%s' has no flag_meanings", variable->name);
  variable->meanings = split_words(words, pool);
  return variable->meanings == NULL ? no_memory() : GP_OK;
}

static size_t length_of(const gp_h5_reader *reader, int dim) {
  const gp_schema *schema = &reader->schema;
  if (dim >= GP_H5_DIM_INNER) return schema->inner[dim - GP_H5_DIM_INNER + 1];
  const size_t lengths[GP_H5_DIM_INNER] = {reader->rows, schema->checkpoint_count, schema->layer_count,
                                           reader->string};
  return lengths[dim];
}

/* A dataset as it lies: extents, and netCDF's numbers of the dimensions where it says them. */
typedef struct lying {
  int rank, numbered;
  hsize_t extent[GP_H5_RANK_MAX];
  int number[GP_H5_RANK_MAX];
} lying;

/* Two dimensions may be of one length: then their numbers tell them apart. The rows are looked at later. */
static bool lies_over(const gp_h5_reader *reader, const lying *l, const int *dims, int rank) {
  if (l->rank != rank) return false;
  for (int d = 0; d < rank; d++) {
    int number = reader->handles->numbers[dims[d]];
    if (l->numbered == rank && number >= 0 && l->number[d] != number) return false;
    if (d > 0 && l->extent[d] != length_of(reader, dims[d])) return false;
  }
  return true;
}

/* Whether the bins of a dataset are those: its coordinates name their edges. */
static bool has_bins(hid_t dataset, gp_pool *pool, enum gp_bins bins) {
  const char *coordinates = get_text(dataset, "coordinates", pool);
  return coordinates != NULL && strstr(coordinates, gp_edge_names[bins][0]) != NULL;
}

/* Whether the dataset is a variable over our dimensions, and which. */
static bool shape_of(gp_h5_reader *reader, hid_t dataset, gp_variable *variable) {
  lying l = {0};
  size_t element;
  int dims[GP_H5_RANK_MAX];
  l.rank = extents(dataset, l.extent);
  l.numbered = attribute_numbers(dataset, "_Netcdf4Coordinates", GP_H5_RANK_MAX, l.number);
  if (l.rank == 0 || !type_of(dataset, &variable->type, &element)) return false;
  bool text = variable->type == GP_TEXT;
  for (int shape = 0; shape < (text ? 1 : GP_SHAPES); shape++) {
    const gp_shape_item *over = &gp_shape_table[shape];
    variable->shape = (gp_shape)shape;
    if (lies_over(reader, &l, dims, gp_h5_dimensions(variable->shape, text, dims)) &&
        (over->inner != GP_BIN || has_bins(dataset, &reader->pool, over->bins)))
      return true;
  }
  return false;
}

/* Takes the dataset into the schema when it is a variable of ours; then the reader may own it (*dataset is
 * invalid). */
static gp_status add_variable(gp_h5_reader *reader, hid_t *dataset, const char *name) {
  gp_variable variable = {.name = gp_pool_text(&reader->pool, name, strlen(name))};
  hsize_t dims[GP_H5_RANK_MAX] = {0};
  if (variable.name == NULL) return no_memory();
  if (!shape_of(reader, *dataset, &variable)) return GP_OK;
  int rank = extents(*dataset, dims);
  if (dims[0] != reader->rows)
    return gp_fail(GP_ERR_FILE, "'%s' has %llu rows instead of %zu", name, (unsigned long long)dims[0],
                   reader->rows);
  if (!size_plausible(*dataset, rank, dims, variable.type == GP_TEXT || variable.type == GP_STATE ? 1 : 8))
    return gp_fail(GP_ERR_FILE, "'%s' is larger than what the file stores, or stored in an unknown way",
                   name);
  GP_TRY(describe(*dataset, &reader->pool, &variable));
  bool keep = !reader->handles->sparing;
  reader->handles->datasets[reader->schema.count] = keep ? *dataset : H5I_INVALID_HID;
  reader->handles->variables[reader->schema.count++] = variable;
  if (keep) *dataset = H5I_INVALID_HID;
  return GP_OK;
}

/* A text that was too long for an attribute: it replaces the attribute that points to it. */
static gp_status add_long_text(gp_h5_reader *reader, hid_t dataset, const char *name, const char *attribute) {
  void *text;
  size_t length;
  GP_TRY(read_line(dataset, name, H5T_C_S1, 1, &reader->pool, &text, &length));
  for (size_t a = 0; a < reader->schema.attribute_count; a++)
    if (strcmp(reader->handles->attributes[a].name, attribute) == 0)
      reader->handles->attributes[a].text = text;
  return GP_OK;
}

/* A chunk is decompressed once when rows are read in order: the cache must hold the one in use. It need not hold more, and
 * there is one per dataset: HDF5's own of 1 MiB would be gigabytes of a file with many columns. */
static hid_t dataset_open(hid_t file, const char *name) {
  hid_t probe = H5Dopen2(file, name, H5P_DEFAULT);
  gp_type type;
  size_t element, bytes = 0;
  if (probe >= 0 && type_of(probe, &type, &element)) bytes = gp_h5_chunk_bytes(probe, element);
  if (bytes == 0 || bytes > CACHE_BYTES_MAX) return probe;
  hid_t access = H5Pcreate(H5P_DATASET_ACCESS), dataset = H5I_INVALID_HID;
  H5Dclose(probe);
  if (access >= 0 && H5Pset_chunk_cache(access, 7, 2 * bytes, 1.0) >= 0)
    dataset = H5Dopen2(file, name, access);
  if (access >= 0) H5Pclose(access);
  return dataset;
}

/* One entry of the root, in creation order, which is the order of the variables. */
static gp_status read_link(gp_h5_reader *reader, hsize_t index) {
  hid_t file = reader->handles->file;
  H5O_info_t info;
  H5L_info_t link;
  char name[512];
  ssize_t length =
      H5Lget_name_by_idx(file, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, index, name, sizeof name, H5P_DEFAULT);
  GP_H5_TRY(length, GP_ERR_FILE, "read", "the list of variables");
  if ((size_t)length >= sizeof name) return GP_OK;
  GP_H5_TRY(H5Lget_info(file, name, &link, H5P_DEFAULT), GP_ERR_FILE, "read", name);
  if (link.type != H5L_TYPE_HARD) return GP_OK; /* a soft or external link could lead anywhere */
  GP_H5_TRY(H5Oget_info_by_name2(file, name, &info, H5O_INFO_BASIC, H5P_DEFAULT), GP_ERR_FILE, "read", name);
  if (info.type != H5O_TYPE_DATASET) return GP_OK;
  hid_t dataset = dataset_open(file, name);
  GP_H5_TRY(dataset, GP_ERR_FILE, "open", name);
  gp_status status = GP_OK;
  const char *attribute = get_text(dataset, "holds_attribute", &reader->pool);
  if (attribute != NULL)
    status = add_long_text(reader, dataset, name, attribute);
  else if (H5DSis_scale(dataset) == 0)
    status = add_variable(reader, &dataset, name);
  if (dataset >= 0) H5Dclose(dataset);
  return status;
}

/* All variables. The number of links is checked before anything is sized by it. */
static gp_status read_variables(gp_h5_reader *reader) {
  H5G_info_t group;
  gp_h5_handles *handles = reader->handles;
  GP_H5_TRY(H5Gget_info(handles->file, &group), GP_ERR_FILE, "read", "the list of variables");
  if (group.nlinks > LINKS_MAX) return gp_fail(GP_ERR_FILE, "more than %d variables", LINKS_MAX);
  handles->datasets = gp_pool_take(&reader->pool, (size_t)group.nlinks + 1, sizeof *handles->datasets);
  handles->variables = gp_pool_take(&reader->pool, (size_t)group.nlinks + 1, sizeof *handles->variables);
  if (handles->datasets == NULL || handles->variables == NULL) return no_memory();
  for (hsize_t i = 0; i < group.nlinks; i++) GP_TRY(read_link(reader, i));
  reader->schema.variables = handles->variables;
  return gp_schema_check(&reader->schema, GP_ERR_FILE);
}

/* What each run took to compute; a file without it, or with another number of rows, does not say. */
static gp_status read_seconds(gp_h5_reader *reader, hid_t group) {
  void *seconds = NULL;
  size_t count = 0;
  gp_type type = GP_TEXT;
  size_t element;
  if (H5Lexists(group, "seconds", H5P_DEFAULT) <= 0) return GP_OK;
  hid_t dataset = H5Dopen2(group, "seconds", H5P_DEFAULT);
  GP_H5_TRY(dataset, GP_ERR_FILE, "open", "/provenance/seconds");
  gp_status status = GP_OK;
  if (type_of(dataset, &type, &element) && type == GP_F64)
    status = read_line(dataset, "/provenance/seconds", H5T_NATIVE_DOUBLE, 8, &reader->pool, &seconds, &count);
  if (count == reader->rows) reader->seconds = seconds;
  H5Dclose(dataset);
  return status;
}

/* Kept only to be carried over when the file is packed again. */
static gp_status read_provenance(gp_h5_reader *reader) {
  hid_t file = reader->handles->file;
  gp_attribute *attributes = NULL;
  if (H5Lexists(file, "provenance", H5P_DEFAULT) <= 0) return GP_OK;
  hid_t group = H5Gopen2(file, "provenance", H5P_DEFAULT);
  GP_H5_TRY(group, GP_ERR_FILE, "open", "/provenance");
  gp_status status = read_attributes(group, &reader->pool, &attributes, &reader->provenance_count);
  reader->provenance = attributes;
  if (status == GP_OK) status = read_seconds(reader, group);
  H5Gclose(group);
  return status;
}

/* The reason is asked for before anything is closed: every call of HDF5 forgets the error of the one before. */
static gp_status open_file(hid_t *file, const char *path) {
  gp_status status = GP_OK;
  hid_t access = gp_h5_access();
  *file = access < 0 ? H5I_INVALID_HID : H5Fopen(path, H5F_ACC_RDONLY, access);
  if (*file < 0) status = gp_h5_fail(GP_ERR_FILE, "open", "as a result file");
  if (status == GP_ERR_FILE && H5Fis_hdf5(path) == 0) status = gp_fail(GP_ERR_FILE, "it is not an HDF5 file");
  if (access >= 0) H5Pclose(access);
  return status;
}

static gp_status reader_read(gp_h5_reader *reader) {
  gp_h5_handles *handles = reader->handles;
  GP_TRY(open_file(&handles->file, reader->path));
  GP_TRY(
      read_attributes(handles->file, &reader->pool, &handles->attributes, &reader->schema.attribute_count));
  reader->schema.attributes = handles->attributes;
  GP_TRY(read_dimensions(reader));
  GP_TRY(read_variables(reader));
  return read_provenance(reader);
}

gp_status gp_h5_reader_open(gp_h5_reader **out, const char *path) {
  bool exists;
  *out = NULL;
  GP_TRY(gp_h5_check_regular(path, &exists));
  if (!exists) return GP_OK;
  gp_h5_reader *reader = calloc(1, sizeof *reader);
  if (reader == NULL) return no_memory();
  readers_open++;
  reader->path = gp_path_with(path, "");
  reader->handles = gp_pool_take(&reader->pool, 1, sizeof *reader->handles);
  if (reader->handles != NULL) reader->handles->sparing = readers_open > READERS_AT_EASE;
  gp_status status = reader->path == NULL || reader->handles == NULL ? no_memory() : reader_read(reader);
  if (status == GP_OK) {
    *out = reader;
    return GP_OK;
  }
  gp_h5_reader_close(reader);
  return gp_fail_prefix(status, "%s: ", path);
}

void gp_h5_reader_close(gp_h5_reader *reader) {
  if (reader == NULL) return;
  gp_h5_handles *handles = reader->handles;
  readers_open--;
  for (size_t v = 0; handles != NULL && v < reader->schema.count; v++)
    if (handles->datasets[v] >= 0) H5Dclose(handles->datasets[v]);
  if (handles != NULL && handles->file > 0) gp_h5_discard(&handles->file);
  gp_pool_free(&reader->pool);
  free(reader->path);
  free(reader);
}

size_t gp_h5_row_bytes(const gp_h5_reader *reader, size_t variable) {
  const gp_variable *described = &reader->schema.variables[variable];
  if (described->type == GP_TEXT) return reader->string;
  if (described->type == GP_STATE) return 1;
  return 8 * gp_shape_count(described->shape, reader->schema.checkpoint_count, reader->schema.layer_count,
                            reader->schema.inner);
}

gp_status gp_h5_read(gp_h5_reader *reader, size_t variable, size_t start, size_t count, void *values) {
  const gp_variable *described = &reader->schema.variables[variable];
  const hid_t types[] = {[GP_F64] = H5T_NATIVE_DOUBLE,
                         [GP_I64] = H5T_NATIVE_INT64,
                         [GP_U64] = H5T_NATIVE_UINT64,
                         [GP_TEXT] = H5T_C_S1,
                         [GP_STATE] = H5T_NATIVE_INT8};
  int dims[GP_H5_RANK_MAX], rank = gp_h5_dimensions(described->shape, described->type == GP_TEXT, dims);
  hsize_t at[GP_H5_RANK_MAX] = {start}, size[GP_H5_RANK_MAX] = {count};
  for (int d = 1; d < rank; d++) size[d] = length_of(reader, dims[d]);
  hid_t kept = reader->handles->datasets[variable];
  hid_t dataset = kept >= 0 ? kept : dataset_open(reader->handles->file, described->name);
  hid_t space = H5Dget_space(dataset), memory = H5Screate_simple(rank, size, NULL);
  bool good = space >= 0 && memory >= 0 &&
              H5Sselect_hyperslab(space, H5S_SELECT_SET, at, NULL, size, NULL) >= 0 &&
              H5Dread(dataset, types[described->type], memory, space, H5P_DEFAULT, values) >= 0;
  gp_status status = GP_OK;
  if (!good) {
    status = gp_h5_fail(GP_ERR_FILE, "read", described->name);
    gp_fail_prefix(status, "%s: ", reader->path);
  }
  if (space >= 0) H5Sclose(space);
  if (memory >= 0) H5Sclose(memory);
  if (kept < 0 && dataset >= 0) H5Dclose(dataset);
  return status;
}
