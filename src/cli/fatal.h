/* The last words of a program that a library ends. HDF5 1.10 calls exit() or crashes for want of memory, and a crafted
 * file can make it crash; OpenMP calls exit(). The user must not be left with a bare signal or a silent status. */
#ifndef CLI_FATAL_H
#define CLI_FATAL_H

/* From here on, until main returns through cli_fatal_end, an exit that is not ours is reported and becomes exit code 74, and
 * so is a crash inside HDF5. Any other crash is one as it always was. */
void cli_fatal_begin(void);
void cli_fatal_end(void);

#endif
