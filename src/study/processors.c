/* The processors this process may use; see processors.h. */
#include "processors.h"

#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

enum { PATH_BYTES = 4096 };

static bool read_line(char *out, int size, const char *root, const char *path) {
  char whole[PATH_BYTES];
  if (snprintf(whole, sizeof whole, "%s%s", root, path) >= (int)sizeof whole) return false;
  FILE *file = fopen(whole, "re");
  if (file == NULL) return false;
  bool good = fgets(out, size, file) != NULL;
  fclose(file);
  if (good) out[strcspn(out, "\n")] = '\0';
  return good;
}

/* "150000 100000" is one and a half processors; "max 100000", "-1 100000" and anything else is no limit. */
static double quotient(const char *text) {
  char first[32], second[32];
  double quota, period;
  if (sscanf(text, "%31s %31s", first, second) != 2) return INFINITY;
  if (!gp_text_to_real(first, &quota) || !gp_text_to_real(second, &period)) return INFINITY;
  return quota > 0 && period > 0 ? quota / period : (double)INFINITY;
}

/* The limit of one group; the two versions keep it in one file or in two. */
static double group_limit(const char *root, const char *mount, const char *group, bool second) {
  char path[PATH_BYTES], text[64], period[32];
  if (second) {
    snprintf(path, sizeof path, "%s%s/cpu.max", mount, group);
    return read_line(text, sizeof text, root, path) ? quotient(text) : (double)INFINITY;
  }
  snprintf(path, sizeof path, "%s%s/cpu.cfs_quota_us", mount, group);
  if (!read_line(text, 32, root, path)) return INFINITY;
  snprintf(path, sizeof path, "%s%s/cpu.cfs_period_us", mount, group);
  if (!read_line(period, sizeof period, root, path)) return INFINITY;
  snprintf(text + strlen(text), sizeof text - strlen(text), " %s", period);
  return quotient(text);
}

/* The least limit of a group and those above it, up to the root of the hierarchy. */
static double path_limit(const char *root, const char *mount, char *group, bool second) {
  double least = INFINITY;
  for (;;) {
    least = fmin(least, group_limit(root, mount, group, second));
    char *slash = strrchr(group, '/');
    if (slash == NULL) return least;
    *slash = '\0';
  }
}

/* A line of /proc/self/cgroup is ID:CONTROLLERS:PATH; version 2 has no controllers. */
static double line_limit(const char *root, char *line) {
  char *controllers = strchr(line, ':'), *group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
  if (group == NULL) return INFINITY;
  *controllers++ = '\0';
  *group++ = '\0';
  group[strcspn(group, "\n")] = '\0';
  if (controllers[0] == '\0') return path_limit(root, "/sys/fs/cgroup", group, true);
  bool cpu = strcmp(controllers, "cpu") == 0 || strcmp(controllers, "cpu,cpuacct") == 0;
  return cpu ? path_limit(root, "/sys/fs/cgroup/cpu", group, false) : (double)INFINITY;
}

double gp_processors_quota(const char *root) {
  char path[PATH_BYTES], line[PATH_BYTES];
  double least = INFINITY;
  snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
  FILE *file = fopen(path, "re");
  if (file == NULL) return INFINITY;
  while (fgets(line, sizeof line, file) != NULL) least = fmin(least, line_limit(root, line));
  fclose(file);
  return least;
}

int gp_processors(void) {
  double most = fmin(omp_get_max_threads(), omp_get_num_procs());
  most = fmin(most, ceil(gp_processors_quota("")));
  return most >= 1 ? (int)most : 1;
}

void gp_processor_name(char *out, size_t size) {
  char line[256];
  snprintf(out, size, "unknown");
  FILE *file = fopen("/proc/cpuinfo", "re");
  if (file == NULL) return;
  while (fgets(line, sizeof line, file) != NULL) {
    char *colon = strchr(line, ':');
    if (strncmp(line, "model name", 10) != 0 || colon == NULL) continue;
    colon[strcspn(colon, "\n")] = '\0';
    snprintf(out, size, "%s", colon + 1 + strspn(colon + 1, " "));
    break;
  }
  fclose(file);
}
