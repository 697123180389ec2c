#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Long enough for two paths, a source line and its caret. */
enum { MESSAGE_BYTES = 12288 };

static _Thread_local char message[MESSAGE_BYTES];

gp_status(gp_fail)(gp_status status, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  return status;
}

gp_status(gp_fail_prefix)(gp_status status, const char *format, ...) {
  char prefix[MESSAGE_BYTES];
  va_list args;
  va_start(args, format);
  int length = vsnprintf(prefix, sizeof prefix, format, args);
  va_end(args);
  if (length < 0) return status;
  size_t used = (size_t)length < sizeof prefix ? (size_t)length : sizeof prefix - 1;
  size_t rest = strnlen(message, sizeof message - used - 1);
  memmove(message + used, message, rest);
  message[used + rest] = '\0';
  memcpy(message, prefix, used);
  return status;
}

const char *gp_message(void) {
  return message;
}

int gp_exit_status(gp_status status) {
  static const int exits[] = {
#define GP_STATUS_EXIT(code, exit_status, meaning) [code] = (exit_status),
      GP_STATUS_LIST(GP_STATUS_EXIT)
#undef GP_STATUS_EXIT
  };
  return exits[status];
}

const char *gp_status_meaning(gp_status status) {
  static const char *const meanings[] = {
#define GP_STATUS_MEANING(code, exit_status, meaning) [code] = (meaning),
      GP_STATUS_LIST(GP_STATUS_MEANING)
#undef GP_STATUS_MEANING
  };
  return meanings[status];
}
