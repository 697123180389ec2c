/* Files of a report: reading and writing them whole, the scratch folder they are made in, and how they get their names.
 *
 * A report is made beside where it goes and takes its names when all of it is there. A file that no report of ours left is never replaced. */
#ifndef GP_REPORT_FILES_H
#define GP_REPORT_FILES_H

#include <stdbool.h>

#include "status.h"
#include "text.h"

/* Appends a file's bytes. GP_ERR_IO. */
gp_status gp_file_read(gp_text *out, const char *path);

/* Writes `folder`/`name` whole. GP_ERR_IO, GP_ERR_MEMORY (also when the text itself failed). */
gp_status gp_file_write(const char *folder, const char *name, const gp_text *text);

/* Appends "folder/name". */
gp_status gp_path_join(gp_text *out, const char *folder, const char *name);

/* Makes the folder and those above it. GP_ERR_IO. */
gp_status gp_folder_make(const char *path);

/* Appends the path of a new folder inside `parent`. GP_ERR_IO. */
gp_status gp_scratch_make(gp_text *out, const char *parent);
/* Removes the folder and what is in it; nothing when `path` is empty. */
void gp_scratch_remove(const char *path);

/* Whether PATH may be written: it is not there, or has `mark` somewhere in it. Otherwise GP_ERR_USAGE, which says so. */
gp_status gp_file_is_ours(const char *path, const char *mark);

/* Whether what lies in the folder `from` may go into the folder `to`: no file of the same path is there, or one named
 * GP_FOLDER_MARK says that the folder is a report's. GP_ERR_USAGE otherwise. Then gp_folder_move renames file by file. */
#define GP_FOLDER_MARK ".gradpath-report"
gp_status gp_folder_is_ours(const char *from, const char *to);
gp_status gp_folder_move(const char *from, const char *to);

#endif
