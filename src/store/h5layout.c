/* The layout of a result file. Attributes and datasets are created in one fixed order and every chunk is
 * written once, whole: equal content gives equal bytes. */
#include "h5layout.h"

#include <stdio.h>
#include <stdlib.h>

#include <hdf5_hl.h>

#include "h5base.h"

static const char *const dimension_names[GP_H5_DIM_INNER] = {"run", "checkpoint", "layer", "string"};

static const char *dimension_name(int dim) {
  return dim < GP_H5_DIM_INNER ? dimension_names[dim] : gp_inner_table[dim - GP_H5_DIM_INNER + 1].name;
}

struct gp_h5_layout {
  gp_h5_outline outline;
  const char *path; /* borrowed, for messages */
  hid_t file;
  hid_t scales[GP_H5_DIMS];
  hsize_t lengths[GP_H5_DIMS];
  int numbers[GP_H5_DIMS]; /* netCDF's, of those that are there */
  hid_t seconds;           /* /provenance/seconds, invalid without the group */
  hid_t *datasets;         /* per variable */
  int next_dimension;      /* netCDF's number of the next dimension */
  void *column;            /* one block of one variable in the file's type */
};

/* How a type of the schema is stored. Indexed by gp_type. */
typedef struct stored_type {
  hid_t file, memory;
  int bytes;
} stored_type;

static stored_type stored(gp_type type) {
  const stored_type types[] = {
      [GP_F64] = {H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 8}, [GP_I64] = {H5T_STD_I64LE, H5T_NATIVE_INT64, 8},
      [GP_U64] = {H5T_STD_U64LE, H5T_NATIVE_UINT64, 8},  [GP_TEXT] = {H5T_C_S1, H5T_C_S1, 1},
      [GP_STATE] = {H5T_STD_I8LE, H5T_NATIVE_INT8, 1},
  };
  return types[type];
}

/* A dataset over the given dimensions; chunks are `block` runs and the whole of every other dimension. */
static hid_t dataset_create(gp_h5_layout *layout, hid_t group, const char *name, hid_t type, int rank,
                            const int *dims, const double *fill) {
  hsize_t lengths[GP_H5_RANK_MAX], limits[GP_H5_RANK_MAX], chunk[GP_H5_RANK_MAX];
  for (int d = 0; d < rank; d++) {
    bool rows = dims[d] == GP_H5_DIM_RUN;
    lengths[d] = layout->lengths[dims[d]];
    limits[d] = rows ? H5S_UNLIMITED : lengths[d];
    chunk[d] = rows ? layout->outline.block : lengths[d];
  }
  hid_t space = H5Screate_simple(rank, lengths, limits), list = gp_h5_properties(rank, chunk);
  hid_t access = H5Pcreate(H5P_DATASET_ACCESS), dataset = H5I_INVALID_HID;
  /* Chunks are written whole: a cache would only hold memory, 1 MiB for each variable. */
  bool good = space >= 0 && list >= 0 && access >= 0 && H5Pset_chunk_cache(access, 1, 1, 1.0) >= 0 &&
              (fill == NULL || H5Pset_fill_value(list, H5T_NATIVE_DOUBLE, fill) >= 0);
  if (good) dataset = H5Dcreate2(group, name, type, space, H5P_DEFAULT, list, access);
  if (space >= 0) H5Sclose(space);
  if (list >= 0) H5Pclose(list);
  if (access >= 0) H5Pclose(access);
  return dataset;
}

/* Scales for everyone, and the numbers of the dimensions for netCDF. */
static gp_status attach_dimensions(gp_h5_layout *layout, hid_t dataset, const char *name, int rank,
                                   const int *dims) {
  for (int d = 0; d < rank; d++)
    GP_H5_TRY(H5DSattach_scale(dataset, layout->scales[dims[d]], (unsigned)d), GP_ERR_IO,
              "attach a dimension to", name);
  int numbers[GP_H5_RANK_MAX];
  for (int d = 0; d < rank; d++) numbers[d] = layout->numbers[dims[d]];
  return gp_h5_put_numbers(dataset, "_Netcdf4Coordinates", H5T_NATIVE_INT, (hsize_t)rank, numbers);
}

static gp_status put_dimension_number(hid_t scale, int number) {
  return gp_h5_put_numbers(scale, "_Netcdf4Dimid", H5T_NATIVE_INT, 1, &number);
}

/* The next number goes to a dimension of the layout. */
static gp_status number_dimension(gp_h5_layout *layout, int dim) {
  layout->numbers[dim] = layout->next_dimension++;
  return put_dimension_number(layout->scales[dim], layout->numbers[dim]);
}

/* A dimension with its coordinate variable, which is the scale itself. */
static gp_status put_coordinate(gp_h5_layout *layout, int dim, hid_t type, const char *long_name) {
  const char *name = dimension_name(dim);
  hid_t scale = layout->scales[dim] = dataset_create(layout, layout->file, name, type, 1, &dim, NULL);
  GP_H5_TRY(scale, GP_ERR_IO, "create", name);
  GP_H5_TRY(H5DSset_scale(scale, name), GP_ERR_IO, "create dimension", name);
  GP_TRY(number_dimension(layout, dim));
  GP_TRY(gp_h5_put_text(scale, "long_name", long_name));
  return gp_h5_put_text(scale, "units", "1");
}

/* The coordinate `first`, `first` + 1, ... of a dimension. */
static gp_status write_counting(const gp_h5_layout *layout, int dim, int first) {
  size_t length = layout->lengths[dim];
  int *numbers = malloc(length * sizeof *numbers);
  if (numbers == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for %zu numbers", length);
  for (size_t i = 0; i < length; i++) numbers[i] = (int)i + first;
  herr_t written = H5Dwrite(layout->scales[dim], H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers);
  free(numbers);
  GP_H5_TRY(written, GP_ERR_IO, "write", dimension_name(dim));
  return GP_OK;
}

/* One row of edges of bins, an auxiliary coordinate. */
static gp_status put_edges(gp_h5_layout *layout, enum gp_bins bins, int upper) {
  static const char *const long_names[] = {"where the bin begins, its own",
                                           "where the bin ends, the next one's"};
  const char *name = gp_edge_names[bins][upper];
  const int dim = gp_h5_inner(GP_BIN);
  double edges[GP_BINS];
  for (int b = 0; b < GP_BINS; b++) edges[b] = gp_bin_edge(bins, b + upper);
  hid_t dataset = dataset_create(layout, layout->file, name, H5T_IEEE_F64LE, 1, &dim, NULL);
  GP_H5_TRY(dataset, GP_ERR_IO, "create", name);
  gp_status status = attach_dimensions(layout, dataset, name, 1, &dim);
  if (status == GP_OK) status = gp_h5_put_text(dataset, "long_name", long_names[upper]);
  if (status == GP_OK) status = gp_h5_put_text(dataset, "units", "1");
  if (status == GP_OK && H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, edges) < 0)
    status = gp_h5_fail(GP_ERR_IO, "write", name);
  gp_status closed = gp_h5_close_dataset(&dataset, name);
  return status == GP_OK ? closed : status;
}

/* Those dimensions that some variable lies over, and with bins their edges. */
static gp_status put_inner_dimensions(gp_h5_layout *layout) {
  for (int d = GP_NO_INNER + 1; d < GP_INNERS; d++) {
    int dim = gp_h5_inner((gp_inner)d);
    if (!gp_schema_uses(layout->outline.schema, (gp_inner)d)) continue;
    GP_TRY(put_coordinate(layout, dim, H5T_STD_I32LE, gp_inner_table[d].long_name));
    GP_TRY(write_counting(layout, dim, gp_inner_table[d].first));
    for (int i = 0; d == GP_BIN && i < 2 * GP_BINS_KINDS; i++)
      GP_TRY(put_edges(layout, (enum gp_bins)(i / 2), i % 2));
  }
  return GP_OK;
}

/* All dimensions, in the order of their numbers, with the values that are known now. */
static gp_status put_dimensions(gp_h5_layout *layout) {
  const gp_schema *schema = layout->outline.schema;
  GP_TRY(put_coordinate(layout, GP_H5_DIM_RUN, H5T_STD_I64LE, "row number of the run"));
  GP_TRY(put_coordinate(layout, GP_H5_DIM_CHECKPOINT, H5T_STD_I64LE, "optimiser steps done"));
  GP_TRY(put_coordinate(layout, GP_H5_DIM_LAYER, H5T_STD_I32LE,
                        "weight layer, from the input; the last is the output"));
  GP_TRY(gp_h5_put_dimension(&layout->scales[GP_H5_DIM_STRING], layout->file,
                             dimension_names[GP_H5_DIM_STRING], layout->lengths[GP_H5_DIM_STRING]));
  GP_TRY(number_dimension(layout, GP_H5_DIM_STRING));
  GP_H5_TRY(H5Dwrite(layout->scales[GP_H5_DIM_CHECKPOINT], H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                     schema->checkpoints),
            GP_ERR_IO, "write", "checkpoint");
  GP_TRY(write_counting(layout, GP_H5_DIM_LAYER, 1));
  return put_inner_dimensions(layout);
}

/* Whether `name` is one of the words of the space-separated `list`. */
static bool is_word_of(const char *list, const char *name) {
  size_t length = strlen(name);
  for (const char *at = list; (at = strstr(at, name)) != NULL; at += length) {
    bool begins = at == list || at[-1] == ' ', ends = at[length] == '\0' || at[length] == ' ';
    if (begins && ends) return true;
  }
  return false;
}

static const char *schema_attribute(const gp_schema *schema, const char *name) {
  for (size_t a = 0; a < schema->attribute_count; a++)
    if (strcmp(schema->attributes[a].name, name) == 0) return schema->attributes[a].text;
  return "";
}

/* The swept columns of this file, what places a value in the grid; and the edges of a histogram's bins. */
static gp_status put_axes(hid_t dataset, const gp_schema *schema, const gp_variable *variable) {
  const char *axes = schema_attribute(schema, "axes");
  if (variable->shape == GP_PER_RUN && is_word_of(axes, variable->name)) return GP_OK;
  gp_text present = {0};
  for (size_t v = 0; v < schema->count; v++) {
    if (schema->variables[v].shape != GP_PER_RUN || !is_word_of(axes, schema->variables[v].name)) continue;
    gp_text_add(&present, "%s%s", present.length > 0 ? " " : "", schema->variables[v].name);
  }
  const gp_shape_item *over = &gp_shape_table[variable->shape];
  for (int i = 0; over->inner == GP_BIN && i < 2; i++)
    gp_text_add(&present, "%s%s", present.length > 0 ? " " : "", gp_edge_names[over->bins][i]);
  gp_status status = present.failed ? gp_fail(GP_ERR_MEMORY, "no memory for the axes") : GP_OK;
  if (status == GP_OK && present.length > 0) status = gp_h5_put_text(dataset, "coordinates", present.data);
  gp_text_free(&present);
  return status;
}

/* CF's way of states: flag_values and, as one text, flag_meanings. */
static gp_status put_meanings(hid_t dataset, const gp_variable *variable) {
  gp_text words = {0};
  signed char values[127];
  int count = 0;
  for (; variable->meanings[count] != NULL; count++) {
    values[count] = (signed char)count;
    gp_text_add(&words, "%s%s", count > 0 ? " " : "", variable->meanings[count]);
  }
  gp_status status = words.failed ? gp_fail(GP_ERR_MEMORY, "no memory for the words of a state") : GP_OK;
  if (status == GP_OK)
    status = gp_h5_put_numbers(dataset, "flag_values", H5T_STD_I8LE, (hsize_t)count, values);
  if (status == GP_OK) status = gp_h5_put_text(dataset, "flag_meanings", words.data);
  gp_text_free(&words);
  return status;
}

/* CF's way of sets: flag_masks and flag_meanings, without the word for none. */
static gp_status put_masks(hid_t dataset, const gp_variable *variable) {
  gp_text words = {0};
  int64_t masks[62];
  int count = 0;
  for (; count < 62 && variable->meanings[0] != NULL && variable->meanings[count + 1] != NULL; count++) {
    masks[count] = (int64_t)1 << (count + 1);
    gp_text_add(&words, "%s%s", count > 0 ? " " : "", variable->meanings[count + 1]);
  }
  gp_status status = words.failed ? gp_fail(GP_ERR_MEMORY, "no memory for the words of a set") : GP_OK;
  if (status == GP_OK && count > 0)
    status = gp_h5_put_numbers(dataset, "flag_masks", H5T_STD_I64LE, (hsize_t)count, masks);
  if (status == GP_OK && count > 0) status = gp_h5_put_text(dataset, "flag_meanings", words.data);
  gp_text_free(&words);
  return status;
}

/* The attributes of a variable, always in this order. */
static gp_status put_description(hid_t dataset, const gp_schema *schema, const gp_variable *variable) {
  const double nan_fill = gp_canonical((double)NAN);
  if (variable->long_name != NULL) GP_TRY(gp_h5_put_text(dataset, "long_name", variable->long_name));
  if (variable->units != NULL) GP_TRY(gp_h5_put_text(dataset, "units", variable->units));
  if (variable->note != NULL) GP_TRY(gp_h5_put_text(dataset, "comment", variable->note));
  if (variable->type == GP_F64)
    GP_TRY(gp_h5_put_numbers(dataset, "_FillValue", H5T_IEEE_F64LE, 1, &nan_fill));
  if (variable->type == GP_TEXT) GP_TRY(gp_h5_put_text(dataset, "_Encoding", "utf-8"));
  if (variable->type == GP_STATE) GP_TRY(put_meanings(dataset, variable));
  if (variable->type == GP_I64 && variable->meanings != NULL) GP_TRY(put_masks(dataset, variable));
  return put_axes(dataset, schema, variable);
}

/* One variable without its values. */
static gp_status put_variable(gp_h5_layout *layout, size_t v) {
  const gp_variable *variable = &layout->outline.schema->variables[v];
  const double nan_fill = gp_canonical((double)NAN);
  int dims[GP_H5_RANK_MAX], rank = gp_h5_dimensions(variable->shape, variable->type == GP_TEXT, dims);
  hid_t dataset = layout->datasets[v] =
      dataset_create(layout, layout->file, variable->name, stored(variable->type).file, rank, dims,
                     variable->type == GP_F64 ? &nan_fill : NULL);
  GP_H5_TRY(dataset, GP_ERR_IO, "create", variable->name);
  GP_TRY(attach_dimensions(layout, dataset, variable->name, rank, dims));
  return put_description(dataset, layout->outline.schema, variable);
}

/* A text too long for an attribute: the char dataset NAME_text over the dimension NAME_bytes of the same
 * group. */
static gp_status put_text_dataset(gp_h5_layout *layout, hid_t group, const char *name, const char *text) {
  char dimension[300], dataset_name[300];
  snprintf(dimension, sizeof dimension, "%.255s_bytes", name);
  snprintf(dataset_name, sizeof dataset_name, "%.255s_text", name);
  hsize_t length = strlen(text);
  int number = layout->next_dimension++;
  hid_t scale, dataset = H5I_INVALID_HID, space = H5Screate_simple(1, &length, NULL);
  hid_t list = gp_h5_properties(1, &length);
  gp_status status = gp_h5_put_dimension(&scale, group, dimension, length);
  if (status == GP_OK) status = put_dimension_number(scale, number);
  if (space >= 0 && list >= 0)
    dataset = H5Dcreate2(group, dataset_name, H5T_C_S1, space, H5P_DEFAULT, list, H5P_DEFAULT);
  bool good = dataset >= 0 && H5DSattach_scale(dataset, scale, 0) >= 0 &&
              H5Dwrite(dataset, H5T_C_S1, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0;
  if (status == GP_OK && !good) status = gp_h5_fail(GP_ERR_IO, "write", dataset_name);
  if (status == GP_OK) status = gp_h5_put_text(dataset, "_Encoding", "utf-8");
  if (status == GP_OK) status = gp_h5_put_text(dataset, "holds_attribute", name);
  gp_status closed = gp_h5_close_dataset(&dataset, dataset_name);
  if (status == GP_OK) status = closed;
  closed = gp_h5_close_dataset(&scale, dimension);
  if (space >= 0) H5Sclose(space);
  if (list >= 0) H5Pclose(list);
  return status == GP_OK ? closed : status;
}

/* Texts of the root or the provenance. */
static gp_status put_attributes(gp_h5_layout *layout, hid_t group, const gp_attribute *attributes,
                                size_t count) {
  for (size_t a = 0; a < count; a++) {
    const char *name = attributes[a].name, *text = attributes[a].text ? attributes[a].text : "";
    if (strcmp(name, "Conventions") == 0) continue; /* ours to say */
    if (strlen(text) <= GP_H5_ATTRIBUTE_MAX) {
      GP_TRY(gp_h5_put_text(group, name, text));
      continue;
    }
    char pointer[300];
    snprintf(pointer, sizeof pointer, "in the variable %.255s_text", name);
    GP_TRY(gp_h5_put_text(group, name, pointer));
    GP_TRY(put_text_dataset(layout, group, name, text));
  }
  return GP_OK;
}

/* The seconds of each run: a variable over the runs that belongs to the machine, and so to this group. */
static gp_status put_seconds(gp_h5_layout *layout, hid_t group) {
  const double nan_fill = gp_canonical((double)NAN);
  const int dims[] = {GP_H5_DIM_RUN};
  layout->seconds = dataset_create(layout, group, "seconds", H5T_IEEE_F64LE, 1, dims, &nan_fill);
  GP_H5_TRY(layout->seconds, GP_ERR_IO, "create", "/provenance/seconds");
  GP_TRY(attach_dimensions(layout, layout->seconds, "/provenance/seconds", 1, dims));
  GP_TRY(gp_h5_put_text(layout->seconds, "long_name", "time that the run took to compute"));
  GP_TRY(gp_h5_put_text(layout->seconds, "units", "s"));
  return gp_h5_put_numbers(layout->seconds, "_FillValue", H5T_IEEE_F64LE, 1, &nan_fill);
}

static gp_status put_provenance(gp_h5_layout *layout) {
  hid_t group;
  if (layout->outline.provenance == NULL) return GP_OK;
  GP_TRY(gp_h5_group(&group, layout->file, "provenance"));
  gp_status status =
      put_attributes(layout, group, layout->outline.provenance, layout->outline.provenance_count);
  if (status == GP_OK) status = put_seconds(layout, group);
  if (H5Gclose(group) < 0 && status == GP_OK) status = gp_h5_fail(GP_ERR_IO, "write", "provenance");
  return status;
}

/* Everything but the values of the runs, in one fixed order. */
static gp_status layout_create(gp_h5_layout *layout, const char *path) {
  const gp_schema *schema = layout->outline.schema;
  size_t widest = layout->outline.string > 8 ? layout->outline.string : 8;
  layout->column = malloc(layout->outline.block * widest);
  layout->datasets = malloc(schema->count * sizeof *layout->datasets);
  if (layout->column == NULL || layout->datasets == NULL)
    return gp_fail(GP_ERR_MEMORY, "no memory to write a file");
  for (size_t v = 0; v < schema->count; v++) layout->datasets[v] = H5I_INVALID_HID;
  GP_TRY(gp_h5_create(&layout->file, path));
  GP_TRY(put_dimensions(layout));
  for (size_t v = 0; v < schema->count; v++) GP_TRY(put_variable(layout, v));
  GP_TRY(gp_h5_put_text(layout->file, "Conventions", "CF-1.10"));
  GP_TRY(put_attributes(layout, layout->file, schema->attributes, schema->attribute_count));
  return put_provenance(layout);
}

gp_status gp_h5_layout_create(gp_h5_layout **out, const char *path, const gp_h5_outline *outline) {
  *out = NULL;
  gp_h5_layout *layout = calloc(1, sizeof *layout);
  if (layout == NULL) return gp_fail(GP_ERR_MEMORY, "no memory to write a file");
  layout->outline = *outline;
  layout->file = layout->seconds = H5I_INVALID_HID;
  for (int d = 0; d < GP_H5_DIMS; d++) layout->scales[d] = H5I_INVALID_HID;
  const hsize_t lengths[GP_H5_DIM_INNER] = {outline->rows, outline->schema->checkpoint_count,
                                            outline->schema->layer_count, outline->string};
  memcpy(layout->lengths, lengths, sizeof lengths);
  for (int d = GP_NO_INNER + 1; d < GP_INNERS; d++)
    layout->lengths[gp_h5_inner((gp_inner)d)] = outline->schema->inner[d];
  layout->path = path;
  gp_status status = layout_create(layout, path);
  if (status == GP_OK)
    *out = layout;
  else
    gp_h5_layout_discard(layout);
  return status == GP_OK ? GP_OK : gp_fail_prefix(status, "%s: ", path);
}

/* One block of rows of one dataset, of `width` x `depth` values each. */
static gp_status write_rows(hid_t dataset, const char *name, hid_t type, const hsize_t start[GP_H5_RANK_MAX],
                            const hsize_t count[GP_H5_RANK_MAX], int rank, const void *values) {
  hid_t space = H5Dget_space(dataset), memory = H5Screate_simple(rank, count, NULL);
  bool good = space >= 0 && memory >= 0 &&
              H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
              H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, values) >= 0;
  gp_status status = good ? GP_OK : gp_h5_fail(GP_ERR_IO, "write", name);
  if (space >= 0) H5Sclose(space);
  if (memory >= 0) H5Sclose(memory);
  return status;
}

/* Cells in the type of the file. Numbers of 8 bytes are the cells themselves. */
static const void *pack_cells(gp_h5_layout *layout, gp_type type, const gp_cell *cells, size_t count) {
  size_t string = layout->outline.string;
  char *column = layout->column;
  if (type <= GP_U64) return cells;
  if (type == GP_STATE) {
    for (size_t i = 0; i < count; i++) column[i] = (char)cells[i].state;
    return column;
  }
  memset(column, 0, count * string);
  for (size_t i = 0; i < count; i++) memcpy(column + i * string, cells[i].text, strlen(cells[i].text));
  return column;
}

/* The block's values of one variable. */
static gp_status write_variable(gp_h5_layout *layout, const gp_stage *stage, size_t v, size_t start,
                                size_t count) {
  const gp_variable *variable = &layout->outline.schema->variables[v];
  int dims[GP_H5_RANK_MAX], rank = gp_h5_dimensions(variable->shape, variable->type == GP_TEXT, dims);
  const hsize_t at[GP_H5_RANK_MAX] = {start};
  hsize_t size[GP_H5_RANK_MAX] = {count};
  for (int d = 1; d < rank; d++) size[d] = layout->lengths[dims[d]];
  const void *values = variable->shape == GP_PER_RUN
                           ? pack_cells(layout, variable->type, stage->cells[v], count)
                           : stage->series[v];
  return write_rows(layout->datasets[v], variable->name, stored(variable->type).memory, at, size, rank,
                    values);
}

static gp_status layout_write(gp_h5_layout *layout, const gp_stage *stage, size_t start, size_t count) {
  const hsize_t at[GP_H5_RANK_MAX] = {start}, size[GP_H5_RANK_MAX] = {count};
  int64_t *rows = layout->column;
  for (size_t i = 0; i < count; i++) rows[i] = (int64_t)(start + i);
  GP_TRY(write_rows(layout->scales[GP_H5_DIM_RUN], "run", H5T_NATIVE_INT64, at, size, 1, rows));
  for (size_t v = 0; v < layout->outline.schema->count; v++)
    GP_TRY(write_variable(layout, stage, v, start, count));
  if (layout->seconds < 0) return GP_OK;
  return write_rows(layout->seconds, "/provenance/seconds", H5T_NATIVE_DOUBLE, at, size, 1, stage->seconds);
}

gp_status gp_h5_layout_write(gp_h5_layout *layout, const gp_stage *stage, size_t start, size_t count) {
  gp_status status = layout_write(layout, stage, start, count);
  return status == GP_OK ? GP_OK : gp_fail_prefix(status, "%s: ", layout->path);
}

/* Closes the datasets, all of them, and says the first error. */
static gp_status close_datasets(gp_h5_layout *layout) {
  gp_status status = GP_OK;
  const gp_schema *schema = layout->outline.schema;
  for (size_t v = 0; layout->datasets != NULL && v < schema->count; v++) {
    gp_status closed = gp_h5_close_dataset(&layout->datasets[v], schema->variables[v].name);
    if (status == GP_OK) status = closed;
  }
  for (int d = 0; d < GP_H5_DIMS; d++) {
    if (layout->scales[d] < 0) continue;
    gp_status closed = gp_h5_close_dataset(&layout->scales[d], dimension_name(d));
    if (status == GP_OK) status = closed;
  }
  if (layout->seconds < 0) return status;
  gp_status closed = gp_h5_close_dataset(&layout->seconds, "/provenance/seconds");
  return status == GP_OK ? closed : status;
}

static void layout_free(gp_h5_layout *layout) {
  free(layout->column);
  free(layout->datasets);
  free(layout);
}

gp_status gp_h5_layout_finish(gp_h5_layout *layout) {
  gp_status status = close_datasets(layout);
  if (status != GP_OK)
    gp_h5_discard(&layout->file);
  else
    status = gp_h5_finish(&layout->file);
  if (status != GP_OK) gp_fail_prefix(status, "%s: ", layout->path);
  layout_free(layout);
  return status;
}

void gp_h5_layout_discard(gp_h5_layout *layout) {
  if (layout == NULL) return;
  gp_h5_discard(&layout->file); /* takes the open datasets with it: the file closes strongly */
  layout_free(layout);
}
