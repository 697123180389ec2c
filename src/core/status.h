/* Status codes and the thread-local error message.
 *
 * Library code never prints, exits or aborts: a function that can fail returns a gp_status, and the reason
 * stands in a message of the calling thread until the next failure. The code says what the command line
 * exits with (INTERFACE: 2 usage/config/data, 74 input/output). */
#ifndef GP_STATUS_H
#define GP_STATUS_H

/* X(code, exit status, meaning) */
#define GP_STATUS_LIST(X)                                                                                    \
  X(GP_OK, 0, "success")                                                                                     \
  X(GP_ERR_NO, 1, "the answer is no")                                                                        \
  X(GP_ERR_USAGE, 2, "bad command line")                                                                     \
  X(GP_ERR_CONFIG, 2, "bad configuration")                                                                   \
  X(GP_ERR_DATA, 2, "bad data file")                                                                         \
  X(GP_ERR_FILE, 2, "bad result file or journal")                                                            \
  X(GP_ERR_MEMORY, 2, "out of memory")                                                                       \
  X(GP_ERR_IO, 74, "input/output error")                                                                     \
  X(GP_ERR_TERMINATED, 75, "stopped by SIGTERM")                                                             \
  X(GP_ERR_INTERRUPTED, 130, "interrupted")

typedef enum gp_status {
#define GP_STATUS_ENUM(code, exit_status, meaning) code,
  GP_STATUS_LIST(GP_STATUS_ENUM)
#undef GP_STATUS_ENUM
} gp_status;

/* Sets the calling thread's message (printf style, complete sentence without full stop, may hold several
 * lines: a config error carries its source line and caret) and returns `status`, so that
 * `return gp_fail(GP_ERR_DATA, "%s: ...", path);` reads well. */
gp_status gp_fail(gp_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts text in front of the calling thread's message (to say in which file or run it happened). */
gp_status gp_fail_prefix(gp_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Tells the compiler what it cannot see: gp_fail returns the status it was given, so that a failing path is known
 * not to reach what only success fills in. */
static inline gp_status gp_status_known(gp_status given, gp_status returned) {
  (void)returned;
  return given;
}
#define gp_fail(status, ...)        gp_status_known(status, gp_fail(status, __VA_ARGS__))
#define gp_fail_prefix(status, ...) gp_status_known(status, gp_fail_prefix(status, __VA_ARGS__))

/* The message of the calling thread's last failure; "" when there was none. Owned by the thread. */
const char *gp_message(void);

int gp_exit_status(gp_status status);
const char *gp_status_meaning(gp_status status);

/* Leaves the enclosing function with the status when a call fails. */
#define GP_TRY(call)                                                                                         \
  do {                                                                                                       \
    gp_status gp_try_status = (call);                                                                        \
    if (gp_try_status != GP_OK) return gp_try_status;                                                        \
  } while (0)

/* The same in an owning function, which has one `done:` label that frees what it owns and returns `status`. */
#define GP_TRY_DONE(call)                                                                                    \
  do {                                                                                                       \
    status = (call);                                                                                         \
    if (status != GP_OK) goto done;                                                                          \
  } while (0)

#endif
