/* The only file that sees the generated build headers, so that a new commit recompiles nothing else. */
#include "build.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build_commit.h"
#include "build_config.h"

const char *gp_build_version(void) {
  return GP_BUILD_VERSION;
}
const char *gp_build_commit(void) {
  return GP_BUILD_COMMIT;
}
const char *gp_build_compiler(void) {
  return GP_BUILD_COMPILER;
}
const char *gp_build_flags(void) {
  return GP_BUILD_FLAGS;
}

/* The program's own file; "" where /proc is not mounted. */
static const char *program_path(char buffer[static PATH_MAX]) {
  ssize_t length = readlink("/proc/self/exe", buffer, PATH_MAX - 1);
  buffer[length > 0 ? length : 0] = '\0';
  return buffer;
}

static bool lies_in(const char *path, const char *folder) {
  size_t length = strlen(folder);
  return strncmp(path, folder, length) == 0 && path[length] == '/';
}

/* Whether FOLDER/NAME can be read: appends it to `out` when it can, and FOLDER to the places tried otherwise. */
static bool found(gp_text *out, gp_text *tried, const char *folder, const char *name) {
  gp_text path = {0};
  gp_text_add(&path, "%s/%s", folder, name);
  bool readable = !path.failed && access(path.data, R_OK) == 0;
  if (readable)
    gp_text_add(out, "%s", path.data);
  else
    gp_text_add(tried, "%s%s", tried->length > 0 ? ", " : "", folder);
  out->failed |= path.failed;
  gp_text_free(&path);
  return readable;
}

static bool found_without_environment(gp_text *out, gp_text *tried, const char *name) {
  char program[PATH_MAX];
  program_path(program);
  if (lies_in(program, GP_BUILD_BINARY_DIR)) return found(out, tried, GP_BUILD_SOURCE_DIR, name);
  char *slash = strrchr(program, '/');
  if (slash != NULL) {
    *slash = '\0';
    gp_text beside = {0};
    gp_text_add(&beside, "%s/../share/gradpath", program);
    bool moved = !beside.failed && found(out, tried, beside.data, name);
    gp_text_free(&beside);
    if (moved) return true;
  }
  return found(out, tried, GP_DATA_DIR, name);
}

gp_status gp_module_path(gp_text *out, const char *name) {
  char program[PATH_MAX];
  gp_text tried = {0};
  program_path(program);
  bool built = lies_in(program, GP_BUILD_BINARY_DIR);
  char *slash = strrchr(program, '/');
  if (slash != NULL) *slash = '\0';
  gp_text beside = {0};
  gp_text_add(&beside, "%s/../%s/gradpath", program, GP_LIB_NAME);
  bool here = built ? found(out, &tried, GP_BUILD_BINARY_DIR, name)
                    : (!beside.failed && found(out, &tried, beside.data, name)) ||
                          found(out, &tried, GP_LIB_DIR, name);
  gp_status status = GP_OK;
  if (out->failed || tried.failed || beside.failed)
    status = gp_fail(GP_ERR_MEMORY, "out of memory");
  else if (!here)
    status = gp_fail(GP_ERR_USAGE, "no file %s in %s", name, tried.data);
  gp_text_free(&beside);
  gp_text_free(&tried);
  return status;
}

gp_status gp_data_path(gp_text *out, const char *name) {
  gp_text tried = {0};
  const char *chosen = getenv("GRADPATH_DATA");
  bool here = chosen != NULL && *chosen != '\0' ? found(out, &tried, chosen, name)
                                                : found_without_environment(out, &tried, name);
  gp_status status = GP_OK;
  if (out->failed || tried.failed)
    status = gp_fail(GP_ERR_MEMORY, "out of memory");
  else if (!here)
    status = gp_fail(GP_ERR_CONFIG, "no file %s in %s", name, tried.data);
  gp_text_free(&tried);
  return status;
}
