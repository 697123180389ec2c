/* gnuplot as a child process. */
#include "plot_gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct picture {
  unsigned bit;
  const char *name, *extension, *ending;
} picture;

/* The last bytes of a finished file; PNG: the IEND chunk with its fixed checksum. */
static const picture pictures[] = {{GP_PLOT_SVG, "svg", ".svg", "</svg>"},
                                   {GP_PLOT_PDF, "pdf", ".pdf", "%%EOF"},
                                   {GP_PLOT_PNG, "png", ".png", "IEND\xAE\x42\x60\x82"},
                                   {GP_PLOT_LATEX, "cairolatex", "-latex.tex", "\\endgroup"},
                                   {GP_PLOT_LATEX, "", "-latex.pdf", "%%EOF"}};
enum { PICTURES = sizeof pictures / sizeof *pictures, TAIL = 32, SAID = 2048 };

/* Ours, with a locale whose characters are UTF-8 as in the scripts: in others gnuplot says it cannot convert. */
static char **utf8_environment(void) {
  static char locale[] = "LC_ALL=C.UTF-8";
  size_t count = 0, kept = 0;
  while (environ[count] != NULL) count++;
  char **made = calloc(count + 2, sizeof *made);
  for (size_t i = 0; made != NULL && i < count; i++) {
    if (strncmp(environ[i], "LC_ALL=", 7) != 0) made[kept++] = environ[i];
  }
  if (made != NULL) made[kept] = locale;
  return made;
}

/* Prepares a child whose folder is `directory` and whose output goes to `sink`. */
static int spawn(pid_t *child, const char *directory, char *script, int sink) {
  char program[] = "gnuplot", plain[] = "-d"; /* -d: a user's start-up file shall not change a figure */
  char *const arguments[] = {program, plain, script, NULL};
  posix_spawn_file_actions_t actions;
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) return error;
  char **environment = utf8_environment();
  if (environment == NULL) error = ENOMEM;
  if (error == 0 && (error = posix_spawn_file_actions_addchdir_np(&actions, directory)) == 0 &&
      (error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)) == 0 &&
      (error = posix_spawn_file_actions_adddup2(&actions, sink, STDOUT_FILENO)) == 0 &&
      (error = posix_spawn_file_actions_adddup2(&actions, sink, STDERR_FILENO)) == 0)
    error = posix_spawnp(child, program, &actions, NULL, arguments, environment);
  free(environment);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

/* Reads what the child says to its end (keeping the first part), so that it never blocks on a full pipe. */
static void listen(int source, char said[static SAID]) {
  size_t used = 0;
  char spare[512];
  for (;;) {
    bool room = used + 1 < SAID;
    ssize_t got = room ? read(source, said + used, SAID - 1 - used) : read(source, spare, sizeof spare);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    if (room) used += (size_t)got;
  }
  while (used > 0 && strchr(" \n\t", said[used - 1]) != NULL) used--;
  said[used] = '\0';
}

static gp_status run_child(const char *directory, char *script, char said[static SAID]) {
  int ends[2], state = 0;
  pid_t child = 0;
  if (pipe2(ends, O_CLOEXEC) != 0) return gp_fail(GP_ERR_IO, "no pipe to gnuplot: %s", strerror(errno));
  int error = spawn(&child, directory, script, ends[1]);
  close(ends[1]);
  if (error == 0) {
    listen(ends[0], said);
    while (waitpid(child, &state, 0) < 0 && errno == EINTR) continue;
  }
  close(ends[0]);
  if (error == ENOENT)
    return gp_fail(GP_ERR_IO,
                   "gnuplot was not found on PATH (Debian: install gnuplot-nox); %s/%s is there and "
                   "`gnuplot %s` in that folder draws the figure",
                   directory, script, script);
  if (error != 0) return gp_fail(GP_ERR_IO, "gnuplot could not be started: %s", strerror(error));
  if (WIFSIGNALED(state)) return gp_fail(GP_ERR_IO, "gnuplot was killed by signal %d", WTERMSIG(state));
  if (WEXITSTATUS(state) != 0)
    return gp_fail(GP_ERR_IO, "gnuplot failed on %s/%s: %s", directory, script, said);
  return GP_OK;
}

static gp_status check_picture(const char *path, const picture *kind) {
  char tail[TAIL];
  FILE *file = fopen(path, "rb");
  if (file == NULL) return gp_fail(GP_ERR_IO, "gnuplot left no %s: %s", path, strerror(errno));
  size_t got = fseek(file, -TAIL, SEEK_END) == 0 ? fread(tail, 1, TAIL, file) : 0;
  fclose(file);
  if (memmem(tail, got, kind->ending, strlen(kind->ending)) != NULL) return GP_OK;
  return gp_fail(GP_ERR_IO, "%s is not complete (is the disk full?)", path);
}

static gp_status picture_path(gp_text *out, const char *directory, const char *name, const char *extension) {
  gp_text_add(out, "%s/%s%s", directory, name, extension);
  return out->failed ? gp_fail(GP_ERR_MEMORY, "no memory for the name of a picture") : GP_OK;
}

/* An old picture must not pass for a new one. */
static gp_status each_picture(const char *directory, const char *name, unsigned formats, gp_text *files) {
  gp_status status = GP_OK;
  for (size_t i = 0; i < PICTURES && status == GP_OK; i++) {
    if ((formats & pictures[i].bit) == 0) continue;
    gp_text path = {0};
    status = picture_path(&path, directory, name, pictures[i].extension);
    if (status == GP_OK && files == NULL && unlink(path.data) != 0 && errno != ENOENT)
      status = gp_fail(GP_ERR_IO, "%s cannot be replaced: %s", path.data, strerror(errno));
    if (status == GP_OK && files != NULL) {
      status = check_picture(path.data, &pictures[i]);
      gp_text_add(files, "%s\n", path.data);
    }
    gp_text_free(&path);
  }
  return status;
}

gp_status gp_gnuplot_run(const char *directory, const char *name, unsigned formats, gp_plot_result *result) {
  char said[SAID] = "", script[256];
  snprintf(script, sizeof script, "%s.gp", name);
  GP_TRY(each_picture(directory, name, formats, NULL));
  GP_TRY(run_child(directory, script, said));
  if (said[0] != '\0') gp_text_add(&result->notes, "%s: gnuplot says: %s\n", name, said);
  return each_picture(directory, name, formats, &result->files);
}

gp_status gp_plot_formats(unsigned *out, const char *names) {
  static const char known[] = "svg, pdf, png, cairolatex";
  *out = 0;
  for (const char *at = names; *at != '\0';) {
    size_t length = strcspn(at, ","), found = PICTURES;
    for (size_t i = 0; i < PICTURES; i++) {
      if (length > 0 && strlen(pictures[i].name) == length && strncmp(pictures[i].name, at, length) == 0)
        found = i;
    }
    if (found == PICTURES)
      return gp_fail(GP_ERR_USAGE, "unknown picture format '%.*s' (formats: %s)", (int)length, at, known);
    *out |= pictures[found].bit;
    at += length + (at[length] == ',');
  }
  return *out != 0 ? GP_OK : gp_fail(GP_ERR_USAGE, "no picture format given (formats: %s)", known);
}
