/* The file that keeps what was measured: text, one number a line, named by a hash of what it depends on. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build.h"
#include "hash.h"
#include "processors.h"
#include "rates.h"

static const char first_line[] = "gradpath rates 1\n";

static bool cache_folder(char out[static GP_RATE_PATH]) {
  const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  /* The XDG specification: a relative path is to be ignored. */
  if (cache != NULL && cache[0] == '/')
    return snprintf(out, GP_RATE_PATH, "%s/gradpath", cache) < GP_RATE_PATH;
  if (home == NULL || home[0] != '/') return false;
  return snprintf(out, GP_RATE_PATH, "%s/.cache/gradpath", home) < GP_RATE_PATH;
}

bool gp_rates_cache_path(char out[static GP_RATE_PATH], const char *tier) {
  char folder[GP_RATE_PATH], key[512], hash[GP_HASH_TEXT], cpu[128];
  if (!cache_folder(folder)) return false;
  gp_processor_name(cpu, sizeof cpu);
  int length = snprintf(key, sizeof key, "%s\n%s\n%s\n%s\n%s\n", gp_build_version(), gp_build_commit(),
                        gp_build_compiler(), cpu, tier);
  if (length < 0 || length >= (int)sizeof key) return false;
  gp_hash_text(hash, key, (size_t)length);
  return snprintf(out, GP_RATE_PATH, "%s/rates-%.16s.txt", folder, hash) < GP_RATE_PATH;
}

static double *numbers(gp_rates *rates) {
  return &rates->seconds[0][0][0][0];
}

enum { NUMBERS = sizeof((gp_rates *)NULL)->seconds / sizeof(double) };

/* A table of another layout, cut short or tampered with is not read: every number must be a sensible time. */
bool gp_rates_cache_read(gp_rates *rates, const char *path) {
  char line[64];
  double value[NUMBERS];
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  bool good = fgets(line, sizeof line, file) != NULL && strcmp(line, first_line) == 0;
  for (int i = 0; i < NUMBERS && good; i++) {
    good = fgets(line, sizeof line, file) != NULL;
    line[strcspn(line, "\n")] = '\0';
    good = good && gp_text_to_real(line, &value[i]) && value[i] > 1e-12 && value[i] < 10;
  }
  fclose(file);
  if (good) memcpy(numbers(rates), value, sizeof value);
  return good;
}

static bool make_folders(const char *path) {
  char folder[GP_RATE_PATH];
  snprintf(folder, sizeof folder, "%s", path);
  for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) return false;
    *slash = '/';
  }
  return true;
}

void gp_rates_cache_write(const gp_rates *rates, const char *path) {
  char temporary[GP_RATE_PATH + 32], number[32];
  gp_rates copy = *rates;
  if (!make_folders(path)) return;
  snprintf(temporary, sizeof temporary, "%s.%ld", path, (long)getpid());
  FILE *file = fopen(temporary, "we");
  if (file == NULL) return;
  bool good = fputs(first_line, file) >= 0;
  for (int i = 0; i < NUMBERS && good; i++)
    good = fprintf(file, "%s\n", gp_text_real(number, numbers(&copy)[i])) > 0;
  good = fclose(file) == 0 && good;
  if (!good || rename(temporary, path) != 0) unlink(temporary);
}
