/* Result files that HDF5 finds in order and that are not as ours are: the checksums of the format keep a fuzzer of bytes
 * from ever getting behind them, so here the bytes are choices, and the file is written with them by HDF5 itself. The
 * first choice of every list is the right one: no bytes at all make a proper file of three runs. */
#include "fuzz_table.h"

#include <hdf5.h>
#include <hdf5_hl.h>

enum { RUNS = 3, CHECKPOINTS = 2, LAYERS = 2, STRING = 32, CELLS_MAX = 4096 };

typedef struct choices {
  const uint8_t *at, *end;
} choices;

static unsigned next(choices *c) {
  return c->at < c->end ? *c->at++ : 0;
}

static unsigned choose(choices *c, unsigned count) {
  return next(c) % count;
}

#define CHOOSE(c, ...)                                                                                       \
  ((const hsize_t[]){__VA_ARGS__}[choose(c, sizeof(hsize_t[]){__VA_ARGS__} / sizeof(hsize_t))])

static hsize_t length_near(choices *c, hsize_t right) {
  return CHOOSE(c, right, right, right, right + 1, 0, 1, (hsize_t)1 << 20, (hsize_t)1 << 33,
                (hsize_t)1 << 62);
}

/* What a dataset is filled with, where it is small enough to be filled. */
static unsigned char cells[CELLS_MAX];

/* Identities of runs and steps of checkpoints as they should be, zeros elsewhere; then some bytes of it by choice. */
static void fill(choices *c, const char *name) {
  bool is_id = strcmp(name, "run_id") == 0, is_step = strcmp(name, "checkpoint") == 0;
  for (int i = 0; i < CELLS_MAX; i++)
    cells[i] = (unsigned char)(is_id ? '0' + i / STRING % 10 : is_step && i % 8 == 0 ? i / 8 : 0);
  for (unsigned k = choose(c, 8); k > 0; k--)
    cells[(next(c) << 8 | next(c)) % CELLS_MAX] = (unsigned char)next(c);
}

static hid_t type_near(choices *c, int right) {
  static hid_t text, wide, endless;
  if (text == 0) {
    text = H5Tcopy(H5T_C_S1), wide = H5Tcopy(H5T_C_S1), endless = H5Tcopy(H5T_C_S1);
    H5Tset_size(wide, 40);
    H5Tset_size(endless, H5T_VARIABLE);
  }
  const hid_t types[] = {H5T_IEEE_F64LE, H5T_STD_I64LE, H5T_STD_U64LE,  text,          H5T_STD_I8LE,
                         wide,           endless,       H5T_IEEE_F32LE, H5T_STD_I32BE, H5T_STD_B8LE};
  unsigned other = choose(c, 16);
  return other < 6 ? types[right] : types[other - 6];
}

static void put_text(choices *c, hid_t object, const char *name, const char *right) {
  static const char *const texts[] = {"",      " ", "pending", "a\nb `c` $(d)", "\xff\xfe", "none none none",
                                      "config"};
  unsigned other = choose(c, 12);
  if (other == 11) return;
  const char *text = other < 4 ? right : texts[other - 4];
  hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, strlen(text) > 0 ? strlen(text) : 1);
  hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute >= 0) H5Awrite(attribute, type, text), H5Aclose(attribute);
  H5Tclose(type), H5Sclose(space);
}

static void put_numbers(choices *c, hid_t object, const char *name, int second) {
  hsize_t count = CHOOSE(c, 2, 2, 2, 1, 3);
  int numbers[3] = {0, second + (int)CHOOSE(c, 0, 0, 0, 1, 2, 7)};
  hid_t space = H5Screate_simple(1, &count, NULL);
  hid_t attribute = H5Acreate2(object, name, H5T_NATIVE_INT, space, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute >= 0) H5Awrite(attribute, H5T_NATIVE_INT, numbers), H5Aclose(attribute);
  H5Sclose(space);
}

static hid_t storage(choices *c, int rank, const hsize_t *dims) {
  hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  unsigned how = choose(c, 16);
  hsize_t chunk[4];
  for (int d = 0; d < rank; d++)
    chunk[d] = dims[d] > 0 && dims[d] < 64 ? dims[d] : CHOOSE(c, 64, 1, 1 << 20, 1 << 31);
  if (rank == 0 || how == 15 || H5Pset_chunk(list, rank, chunk) < 0) return list;
  if (how < 14) H5Pset_shuffle(list);
  if (how < 13) H5Pset_deflate(list, 1);
  if (how < 12) H5Pset_fletcher32(list);
  if (how == 12) H5Pset_nbit(list);
  if (how == 13) H5Pset_scaleoffset(list, H5Z_SO_INT, 0);
  return list;
}

/* A dataset of that shape, filled when it is small; closed by the caller. */
static hid_t put_dataset(choices *c, hid_t group, const char *name, hid_t type, int rank,
                         const hsize_t *dims) {
  hsize_t count = 1;
  for (int d = 0; d < rank; d++) count = dims[d] > CELLS_MAX ? CELLS_MAX + 1 : count * dims[d];
  hid_t space = rank > 0 ? H5Screate_simple(rank, dims, NULL) : H5Screate(H5S_SCALAR),
        list = storage(c, rank, dims);
  hid_t dataset = H5Dcreate2(group, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
  fill(c, name);
  if (dataset >= 0 && count * H5Tget_size(type) <= CELLS_MAX && H5Tis_variable_str(type) <= 0)
    H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells);
  H5Pclose(list), H5Sclose(space);
  return dataset;
}

static void put_dimension(choices *c, hid_t file, const char *name, hsize_t right) {
  hsize_t dims[2] = {length_near(c, right), 2};
  hid_t dataset = put_dataset(c, file, name, type_near(c, 1), (int)CHOOSE(c, 1, 1, 1, 1, 2, 0), dims);
  if (dataset >= 0 && choose(c, 8) != 7) H5DSset_scale(dataset, name);
  if (dataset >= 0) H5Dclose(dataset);
}

typedef struct variable {
  const char *name;
  int type, rank; /* type by type_near's list */
  hsize_t dims[3];
  int second; /* netCDF's number of the second dimension */
} variable;

static const variable variables[] = {
    {"run_id", 3, 2, {RUNS, STRING, 0}, 3},
    {"status", 4, 1, {RUNS, 0, 0}, 0},
    {"final_loss", 0, 1, {RUNS, 0, 0}, 0},
    {"depth", 1, 1, {RUNS, 0, 0}, 0},
    {"seed", 2, 1, {RUNS, 0, 0}, 0},
    {"loss", 0, 2, {RUNS, CHECKPOINTS, 0}, 1},
    {"norm", 0, 3, {RUNS, CHECKPOINTS, LAYERS}, 1},
    {"predicted", 0, 2, {RUNS, LAYERS, 0}, 2},
    {"message", 3, 2, {RUNS, STRING, 0}, 3},
    {"conditions", 1, 1, {RUNS, 0, 0}, 0},
};

static void put_variable(choices *c, hid_t file, const variable *v) {
  hsize_t dims[4] = {0, 0, 0, 1};
  for (int d = 0; d < 3; d++) dims[d] = d < v->rank ? length_near(c, v->dims[d]) : 1;
  int rank = (int)CHOOSE(c, v->rank, v->rank, v->rank, v->rank, 0, 1, 2, 3, 4);
  hid_t dataset = put_dataset(c, file, v->name, type_near(c, v->type), rank, dims);
  if (dataset < 0) return;
  put_text(c, dataset, "long_name", "a variable");
  put_text(c, dataset, "units", "1");
  if (v->type == 4 || choose(c, 8) == 7) put_text(c, dataset, "flag_meanings", "pending done stopped");
  if (choose(c, 32) == 31) put_text(c, dataset, "holds_attribute", "config");
  put_numbers(c, dataset, "_Netcdf4Coordinates", v->second);
  H5Dclose(dataset);
}

static void put_provenance(choices *c, hid_t file) {
  hsize_t rows = length_near(c, RUNS);
  hid_t group = H5Gcreate2(file, "provenance", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (group < 0) return;
  put_text(c, group, "host", "here");
  hid_t dataset =
      put_dataset(c, group, "seconds", type_near(c, 0), (int)CHOOSE(c, 1, 1, 0, 2), (hsize_t[]){rows, 1});
  if (dataset >= 0) H5Dclose(dataset);
  H5Gclose(group);
}

static void put_all(choices *c, hid_t file) {
  put_text(c, file, "config", "study: x");
  put_text(c, file, "axes", "depth seed");
  put_dimension(c, file, "run", RUNS);
  put_dimension(c, file, "checkpoint", CHECKPOINTS);
  put_dimension(c, file, "layer", LAYERS);
  put_dimension(c, file, "string", STRING);
  for (size_t v = 0; v < sizeof variables / sizeof variables[0]; v++)
    if (choose(c, 16) != 15) put_variable(c, file, &variables[v]);
  switch (choose(c, 8)) {
  case 7:
    H5Lcreate_external("/etc/passwd", "/", file, "elsewhere", H5P_DEFAULT, H5P_DEFAULT);
    break;
  case 6:
    H5Lcreate_soft("/nowhere", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
    break;
  case 5:
    H5Lcreate_hard(file, "run_id", file, "twice", H5P_DEFAULT, H5P_DEFAULT);
    break;
  default:
    put_provenance(c, file);
  }
}

static hid_t create_file(const char *path) {
  hid_t access = H5Pcreate(H5P_FILE_ACCESS), create = H5Pcreate(H5P_FILE_CREATE);
  H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
  H5Pset_link_creation_order(create, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, create, access);
  H5Pclose(create), H5Pclose(access);
  if (file < 0) __builtin_trap();
  return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  choices c = {bytes, bytes + length};
  char path[FUZZ_PATH];
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  hid_t file = create_file(fuzz_path(path));
  put_all(&c, file);
  H5Fclose(file);
  if (!fuzz_table_read(path) && length == 0) __builtin_trap();
  unlink(path);
  return 0;
}
