/* Files of a report; see report_files.h. */
#include "report_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory for the report");
}

gp_status gp_path_join(gp_text *out, const char *folder, const char *name) {
  gp_text_add(out, "%s/%s", folder, name);
  return out->failed ? no_memory() : GP_OK;
}

gp_status gp_file_read(gp_text *out, const char *path) {
  char piece[16384];
  FILE *file = fopen(path, "rbe");
  if (file == NULL) return gp_fail(GP_ERR_IO, "%s: %s", path, strerror(errno));
  for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;) gp_text_add_bytes(out, piece, got);
  bool failed = ferror(file) != 0;
  fclose(file);
  if (failed) return gp_fail(GP_ERR_IO, "%s cannot be read", path);
  return out->failed ? no_memory() : GP_OK;
}

gp_status gp_file_write(const char *folder, const char *name, const gp_text *text) {
  gp_text path = {0};
  gp_status status = text->failed || text->data == NULL ? no_memory() : gp_path_join(&path, folder, name);
  if (status == GP_OK) {
    FILE *file = fopen(path.data, "wbe");
    bool written = file != NULL && fwrite(text->data, 1, text->length, file) == text->length;
    int error = errno;
    if (file != NULL && fclose(file) != 0 && written) written = false, error = errno;
    if (!written) status = gp_fail(GP_ERR_IO, "%s cannot be written: %s", path.data, strerror(error));
  }
  gp_text_free(&path);
  return status;
}

gp_status gp_folder_make(const char *path) {
  gp_text part = {0};
  gp_status status = GP_OK;
  for (const char *slash = path; slash != NULL && status == GP_OK;) {
    slash = *slash != '\0' ? strchr(slash + 1, '/') : NULL;
    gp_text_free(&part);
    gp_text_add_bytes(&part, path, slash != NULL ? (size_t)(slash - path) : strlen(path));
    if (part.failed)
      status = no_memory();
    else if (mkdir(part.data, 0777) != 0 && errno != EEXIST)
      status = gp_fail(GP_ERR_IO, "%s cannot be made: %s", part.data, strerror(errno));
  }
  gp_text_free(&part);
  return status;
}

gp_status gp_scratch_make(gp_text *out, const char *parent) {
  GP_TRY(gp_path_join(out, parent, ".gradpath-report-XXXXXX"));
  if (mkdtemp(out->data) != NULL) return GP_OK;
  gp_status status = gp_fail(GP_ERR_IO, "no folder can be made in %s: %s", parent, strerror(errno));
  gp_text_free(out);
  return status;
}

void gp_scratch_remove(const char *path) {
  DIR *folder = path != NULL ? opendir(path) : NULL;
  if (folder == NULL) return;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    gp_text inside = {0};
    struct stat found;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (gp_path_join(&inside, path, entry->d_name) == GP_OK && lstat(inside.data, &found) == 0) {
      if (S_ISDIR(found.st_mode))
        gp_scratch_remove(inside.data);
      else
        unlink(inside.data);
    }
    gp_text_free(&inside);
  }
  closedir(folder);
  rmdir(path);
}

static gp_status foreign(const char *path) {
  return gp_fail(
      GP_ERR_USAGE,
      "%s is there and was not written by gradpath report; it is left alone (-o DIR writes elsewhere)", path);
}

gp_status gp_file_is_ours(const char *path, const char *mark) {
  struct stat found;
  if (lstat(path, &found) != 0)
    return errno == ENOENT ? GP_OK : gp_fail(GP_ERR_IO, "%s: %s", path, strerror(errno));
  gp_text text = {0};
  bool ours = S_ISREG(found.st_mode) && gp_file_read(&text, path) == GP_OK && text.data != NULL &&
              memmem(text.data, text.length, mark, strlen(mark)) != NULL;
  gp_text_free(&text);
  return ours ? GP_OK : foreign(path);
}

/* Calls `visit` for what is in a folder, in no order. */
typedef gp_status (*visitor)(const char *from, const char *to);

static gp_status each_inside(const char *from, const char *to, visitor file, visitor folder) {
  DIR *open = opendir(from);
  if (open == NULL) return gp_fail(GP_ERR_IO, "%s: %s", from, strerror(errno));
  gp_status status = GP_OK;
  for (struct dirent *entry; status == GP_OK && (entry = readdir(open)) != NULL;) {
    gp_text source = {0}, target = {0};
    struct stat found;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    status = gp_path_join(&source, from, entry->d_name);
    if (status == GP_OK) status = gp_path_join(&target, to, entry->d_name);
    if (status == GP_OK && lstat(source.data, &found) == 0)
      status = (S_ISDIR(found.st_mode) ? folder : file)(source.data, target.data);
    gp_text_free(&source);
    gp_text_free(&target);
  }
  closedir(open);
  return status;
}

static gp_status refuse_existing(const char *from, const char *to) {
  struct stat found;
  (void)from;
  return lstat(to, &found) == 0 ? foreign(to) : GP_OK;
}

gp_status gp_folder_is_ours(const char *from, const char *to) {
  gp_text mark = {0};
  struct stat found;
  GP_TRY(gp_path_join(&mark, to, GP_FOLDER_MARK));
  bool ours = lstat(mark.data, &found) == 0;
  gp_text_free(&mark);
  return ours ? GP_OK : each_inside(from, to, refuse_existing, gp_folder_is_ours);
}

static gp_status move_file(const char *from, const char *to) {
  return rename(from, to) == 0 ? GP_OK : gp_fail(GP_ERR_IO, "%s cannot be written: %s", to, strerror(errno));
}

gp_status gp_folder_move(const char *from, const char *to) {
  GP_TRY(gp_folder_make(to));
  return each_inside(from, to, move_file, gp_folder_move);
}
