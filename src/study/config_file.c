/* Finding and reading the file of a configuration; see config_file.h. */
#include "config_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "build.h"
#include "yaml_tree.h"

static bool is_file(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

/* FOLDER/CONFIG.yaml or FOLDER/CONFIG, when one of them is there. */
static bool find_in(gp_text *path, const char *folder, const char *config) {
  static const char *const endings[] = {".yaml", ""};
  for (int i = 0; i < 2; i++) {
    gp_text trial = {0};
    gp_text_add(&trial, "%s/%s%s", folder, config, endings[i]);
    bool found = !trial.failed && is_file(trial.data);
    if (found) gp_text_add(path, "%s", trial.data);
    gp_text_free(&trial);
    if (found) return true;
  }
  return false;
}

enum { NAMES_MAX = 256, NAME_BYTES = 128 };

typedef struct name_list {
  char names[NAMES_MAX][NAME_BYTES];
  const char *pointers[NAMES_MAX];
  size_t count;
} name_list;

static int compare_names(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void list_folder(name_list *list, const char *folder) {
  DIR *dir = opendir(folder);
  for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL && list->count < NAMES_MAX;) {
    size_t n = strlen(entry->d_name);
    if (n < 6 || n - 5 >= NAME_BYTES || strcmp(entry->d_name + n - 5, ".yaml") != 0) continue;
    memcpy(list->names[list->count], entry->d_name, n - 5);
    list->names[list->count][n - 5] = '\0';
    list->pointers[list->count] = list->names[list->count];
    list->count++;
  }
  if (dir != NULL) closedir(dir);
}

static gp_status fail_missing(const char *config, const char *installed) {
  name_list *list = calloc(1, sizeof *list);
  if (list == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  if (strchr(config, '/') == NULL) {
    list_folder(list, "configs");
    if (list->count == 0 && installed != NULL) list_folder(list, installed);
  }
  qsort(list->pointers, list->count, sizeof *list->pointers, compare_names);
  const char *near = gp_text_nearest(config, list->pointers, list->count);
  gp_text all = {0};
  for (size_t i = 0; i < list->count; i++)
    gp_text_add(&all, "%s%s", i > 0 ? ", " : "\nthere are ", list->pointers[i]);
  gp_fail(GP_ERR_CONFIG, "no configuration '%s'%s%s%s%s", config, near != NULL ? "; did you mean '" : "",
          near != NULL ? near : "", near != NULL ? "'?" : "", all.length > 0 && !all.failed ? all.data : "");
  gp_text_free(&all);
  free(list);
  return GP_ERR_CONFIG;
}

gp_status gp_config_find(gp_text *path, const char *config) {
  gp_text installed = {0};
  bool found = is_file(config);
  if (found)
    gp_text_add(path, "%s", config);
  else if (config[0] != '\0' && strchr(config, '/') == NULL)
    found = find_in(path, "configs", config) ||
            (gp_data_path(&installed, "configs") == GP_OK && find_in(path, installed.data, config));
  gp_status status = GP_OK;
  if (!found) status = fail_missing(config, installed.length > 0 ? installed.data : NULL);
  if (path->failed) status = gp_fail(GP_ERR_MEMORY, "out of memory");
  gp_text_free(&installed);
  return status;
}

gp_status gp_config_read(gp_text *text, const char *path) {
  char block[65536];
  FILE *file = fopen(path, "rb");
  if (file == NULL) return gp_fail(GP_ERR_CONFIG, "%s: error: cannot be read: %s", path, strerror(errno));
  for (size_t n = 1; n > 0 && text->length <= GP_TREE_BYTES_MAX;) {
    n = fread(block, 1, sizeof block, file);
    gp_text_add_bytes(text, block, n);
  }
  bool failed = ferror(file) != 0;
  int reason = errno;
  fclose(file);
  if (text->failed) return gp_fail(GP_ERR_MEMORY, "%s: out of memory", path);
  if (failed) return gp_fail(GP_ERR_CONFIG, "%s: error: cannot be read: %s", path, strerror(reason));
  return GP_OK;
}
