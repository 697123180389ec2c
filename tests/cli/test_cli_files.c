/* Whole result files through the program: verify, diff, merge, pack. */
#include <criterion/criterion.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_case.h"

static void begin(void) {
  cli_case_begin();
  cli_result r = cli_sh("$G run tiny.yaml -j2 -o a.h5 --no-provenance");
  cr_assert_eq(r.exit, 0, "%s", r.err);
}

TestSuite(cli_files, .init = begin, .fini = cli_case_end, .timeout = 300);

static void ok(cli_result r) {
  cr_assert_eq(r.exit, 0, "exit %d: %s%s", r.exit, r.out, r.err);
}

static void fails(cli_result r, int exit, const char *why) {
  cr_assert_eq(r.exit, exit, "exit %d: %s%s", r.exit, r.out, r.err);
  cr_assert_not_null(strstr(r.err, why), "no '%s' in: %s", why, r.err);
}

static void says(cli_result r, const char *what) {
  cr_assert_not_null(strstr(r.out, what), "no '%s' in: %s", what, r.out);
}

/* Adds `by` to one value of a series of copy.h5, a copy of a.h5 (a value that is there: not NaN). */
static void tamper(const char *variable, hsize_t run, hsize_t checkpoint, hsize_t layer, double by) {
  char path[256];
  double value = 0;
  ok(cli_sh("cp a.h5 copy.h5"));
  snprintf(path, sizeof path, "%s/copy.h5", cli_case_folder());
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), set = H5Dopen2(file, variable, H5P_DEFAULT);
  hid_t space = H5Dget_space(set), one = H5Screate(H5S_SCALAR);
  const hsize_t at[] = {run, checkpoint, layer};
  cr_assert_geq(H5Sselect_elements(space, H5S_SELECT_SET, 1, at), 0);
  cr_assert_geq(H5Dread(set, H5T_NATIVE_DOUBLE, one, space, H5P_DEFAULT, &value), 0);
  cr_assert(value == value, "%s has no value there", variable);
  value += by;
  cr_assert_geq(H5Dwrite(set, H5T_NATIVE_DOUBLE, one, space, H5P_DEFAULT, &value), 0);
  H5Sclose(one);
  H5Sclose(space);
  cr_assert_geq(H5Dclose(set), 0);
  cr_assert_geq(H5Fclose(file), 0);
}

/* An attribute of /provenance of a file in the scratch folder. */
static void told(char out[static 4096], const char *name, const char *attribute) {
  char path[256];
  memset(out, 0, 4096);
  snprintf(path, sizeof path, "%s/%s", cli_case_folder(), name);
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t text = H5Aopen_by_name(file, "provenance", attribute, H5P_DEFAULT, H5P_DEFAULT);
  hid_t type = H5Aget_type(text);
  cr_assert(H5Tget_size(type) < 4096 && H5Aread(text, type, out) >= 0, "%s of %s", attribute, name);
  H5Tclose(type);
  H5Aclose(text);
  cr_assert_geq(H5Fclose(file), 0);
}

/* ---- provenance ---- */

/* A session that computes nothing adds its line to the history, and takes nobody's place. */
Test(cli_files, provenance_stays_with_who_computed) {
  static const char *const kept[] = {"start", "end", "threads", "plan", "runs_computed", "run_seconds"};
  char before[6][4096], after[4096];
  ok(cli_sh("$G run tiny.yaml -j2 --plan=single -o p.h5"));
  for (size_t i = 0; i < 6; i++) told(before[i], "p.h5", kept[i]);
  cr_assert_str_eq(before[2], "2");
  cr_assert_str_eq(before[3], "single");
  cr_assert_str_eq(before[4], "24");
  ok(cli_sh("sleep 1.1; $G run tiny.yaml -j1 -o p.h5"));
  for (size_t i = 0; i < 6; i++) {
    told(after, "p.h5", kept[i]);
    cr_assert_str_eq(after, before[i], "%s: %s, then %s", kept[i], before[i], after);
  }
  told(after, "p.h5", "ranks");
  cr_assert_str_eq(after, "1");
  told(after, "p.h5", "history");
  cr_assert(strstr(after, ": 24 runs") != NULL && strstr(after, ": 0 runs") != NULL, "%s", after);
  ok(cli_sh("$G run tiny.yaml seed=0..2 -j1 -o p.h5"));
  told(after, "p.h5", "runs_computed");
  cr_assert_str_eq(after, "12");
}

/* ---- verify ---- */

/* Every run of the file is computed again, also from a file made with overrides, in another folder, and without the
 * configuration's file: what is needed is in the result. */
Test(cli_files, verify_passes) {
  says(cli_sh("$G verify a.h5"), "PASS a.h5: 5 of 24 finished runs");
  says(cli_sh("$G verify a.h5 --runs 1000"), "24 of 24 finished runs");
  says(cli_sh("$G verify a.h5 --runs 24 --tier portable"), "24 of 24");
  ok(cli_sh("$G run tiny.yaml depth=2,3 'activation=[{name: leaky_relu, slope: 0.2}, relu]' -o b.h5"));
  ok(cli_sh("rm tiny.yaml && mkdir below && cd below && $G verify ../b.h5 --runs 100"));
}

/* A value that is off by one in its last place is found, and named. */
Test(cli_files, verify_finds_one_bit) {
  tamper("weight_norm", 9, 2, 1, 5e-16);
  cli_result r = cli_sh("$G verify copy.h5 --runs 24");
  fails(r, 1, "does not hold what its configuration gives");
  says(r, "FAIL copy.h5: run 9 differs (");
  says(r, "variable    weight_norm\n  checkpoint  2\n  layer       2\n");
}

Test(cli_files, verify_says_what_is_missing) {
  fails(cli_sh("$G verify none.h5"), 2, "no such file");
  fails(cli_sh("$G verify tiny.yaml"), 2, "tiny.yaml");
  fails(cli_sh("$G verify a.h5 --runs 0"), 2, "--runs wants at least 1");
  ok(cli_sh("for i in 1 2 3 4 5 6 7 8 9; do echo $i,$((i * i)),$((i %% 2)); done > x.csv && sed -i "
            "'1i a,b,c' x.csv && $G run tiny.yaml 'data={name: csv, file: x.csv, target: c}' batch=full -o "
            "csv.h5 && $G verify csv.h5 && rm x.csv"));
  fails(cli_sh("$G verify csv.h5"), 2, "x.csv");
}

/* ---- diff ---- */

Test(cli_files, diff_of_the_same) {
  ok(cli_sh("$G run tiny.yaml -j1 -o b.h5 --tier portable"));
  says(cli_sh("$G diff a.h5 b.h5"), "same: 24 runs, every value has the same bits");
  ok(cli_sh("$G diff a.h5 a.h5"));
}

/* The difference put in is the difference found, and nothing else is. */
Test(cli_files, diff_finds_one_value) {
  tamper("loss", 7, 1, 0, 0.5);
  cli_result r = cli_sh("$G diff a.h5 copy.h5");
  fails(r, 1, "a.h5 and copy.h5 differ");
  says(r, "1 of 24 common runs hold other values");
  /* variable, runs, values, absolute; then the relative one, which depends on the loss. */
  cli_result fields =
      cli_sh("$G diff a.h5 copy.h5 2>/dev/null | awk '$1 == \"loss\" {print $2, $3, $4, $6, $7, $8, $9}'");
  cr_assert_str_eq(fields.out, "1 1 0.5 run 7, step 1\n");
  says(cli_sh("$G diff a.h5 copy.h5 2>/dev/null | wc -l"), "3\n");
}

/* Other runs, other checkpoints and other depths are matched, not refused. */
Test(cli_files, diff_of_other_sweeps) {
  ok(cli_sh("$G run tiny.yaml depth=4,6 -o b.h5"));
  cli_result r = cli_sh("$G diff a.h5 b.h5");
  fails(r, 1, "differ");
  says(r, "12 runs only in a.h5");
  says(r, "12 runs only in b.h5");
  says(r, "... 7 more");
  cr_assert_null(strstr(r.out, "common runs"), "%s", r.out);
  cr_assert_null(strstr(cli_sh("$G diff a.h5 b.h5 --all").out, "more (--all"));
  fails(cli_sh("$G diff a.h5 none.h5"), 2, "no such file");
  fails(cli_sh("$G diff a.h5"), 2, "missing operand");
}

/* ---- merge ---- */

static void make_shards(int count) {
  for (int i = 1; i <= count; i++)
    ok(cli_sh("$G run tiny.yaml -j1 --shard %d/%d -o s%d.h5 --no-provenance", i, count, i));
}

/* From shards in any order, in one go or in two, comes the file that was computed in one piece. */
Test(cli_files, merge_gives_the_same_bytes) {
  make_shards(3);
  cli_result r = cli_sh("$G merge m.h5 s3.h5 s1.h5 s2.h5 --no-provenance && cmp m.h5 a.h5");
  ok(r);
  says(r, "m.h5: 24 of 24 runs, from 3 files");
  r = cli_sh("$G merge n.h5 s2.h5 --no-provenance");
  ok(r);
  says(r, "8 of 24 runs");
  cr_assert_not_null(strstr(r.err, "16 runs are in none of the files"), "%s", r.err);
  ok(cli_sh("$G verify n.h5 && $G merge n.h5 s1.h5 s3.h5 --no-provenance && cmp n.h5 a.h5"));
  cr_assert(!cli_has_file("n.h5.journal") && !cli_has_file("m.h5.tmp"));
}

/* A merged file is one like any other: the same command finds it finished, and a partial one is completed. */
Test(cli_files, merge_can_be_continued) {
  make_shards(2);
  ok(cli_sh("$G merge m.h5 s1.h5 --no-provenance"));
  says(cli_sh("$G run tiny.yaml -o m.h5 --no-provenance"), "12 kept, 12 computed");
  ok(cli_sh("cmp m.h5 a.h5"));
}

Test(cli_files, merge_keeps_history) {
  ok(cli_sh("for i in 1 2; do $G run tiny.yaml --shard $i/2 || exit 1; done"));
  cr_assert(cli_has_file("results/tiny.1-of-2.h5") && cli_has_file("results/tiny.2-of-2.h5"));
  ok(cli_sh("$G merge m.h5 results/tiny.*-of-2.h5 && $G diff m.h5 a.h5"));
  /* Attributes are stored as they are: two sessions of the shards, then the merge. */
  ok(cli_sh("grep -a -q ': merged 2 files, 24 runs' m.h5"));
  says(cli_sh("grep -a -c '12 runs, gradpath' m.h5"), "2\n");
  ok(cli_sh("$G merge m.h5 results/tiny.1-of-2.h5"));
  says(cli_sh("grep -a -c '12 runs, gradpath' m.h5"), "2\n");
}

/* Equal runs may be there twice; runs that differ in one bit may not, and nothing is written then. */
Test(cli_files, merge_compares_what_overlaps) {
  make_shards(2);
  cli_result r = cli_sh("$G merge m.h5 a.h5 s1.h5 s1.h5 --no-provenance && cmp m.h5 a.h5");
  ok(r);
  says(r, "24 were there more than once");
  tamper("weight_norm", 9, 2, 1, 5e-16);
  fails(cli_sh("$G merge n.h5 a.h5 copy.h5"), 2, "run 9 (run_id");
  fails(cli_sh("$G merge n.h5 a.h5 copy.h5"), 2, "weight_norm at step 2, layer 2 is");
  fails(cli_sh("$G merge m.h5 copy.h5"), 2, "is not the same in copy.h5 and m.h5");
  ok(cli_sh("cmp m.h5 a.h5"));
  cr_assert(!cli_has_file("n.h5") && !cli_has_file("n.h5.journal") && !cli_has_file("m.h5.journal"));
}

/* Nothing that is not of the study is taken, and nothing else is overwritten. */
Test(cli_files, merge_refuses) {
  make_shards(2);
  ok(cli_sh("$G run tiny.yaml steps=20 -o b.h5 && cp b.h5 keep.h5 && echo mine > text && mkdir folder"));
  fails(cli_sh("$G merge m.h5 s1.h5 b.h5"), 2, "b.h5 was made by another configuration than s1.h5");
  fails(cli_sh("$G merge b.h5 s1.h5 s2.h5"), 2, "b.h5 is there already and is left as it is");
  ok(cli_sh("cmp b.h5 keep.h5"));
  fails(cli_sh("$G merge text s1.h5 s2.h5"), 2, "text is there already");
  says(cli_sh("cat text"), "mine\n");
  fails(cli_sh("$G merge folder s1.h5"), 74, "not a regular file");
  fails(cli_sh("$G merge m.h5 s1.h5 none.h5"), 2, "no such file");
  fails(cli_sh("$G merge m.h5 tiny.yaml"), 2, "tiny.yaml");
  fails(cli_sh("$G merge m.h5"), 2, "missing operand");
  cr_assert(!cli_has_file("m.h5") && !cli_has_file("m.h5.journal") && !cli_has_file("text.journal"));
}

/* ---- pack ---- */

/* A sweep that is killed leaves a journal; it becomes a file without the configuration at hand. */
Test(cli_files, pack_after_a_kill) {
  ok(cli_sh("$G run long.yaml -j1 -o l.h5 >/dev/null 2>&1 & p=$!\n"
            "n=0; while [ \"$($G show l.h5 --csv --where status=done 2>/dev/null | wc -l)\" -lt 4 ] && [ $n "
            "-lt 500 ]; do "
            "sleep 0.05; n=$((n + 1)); done; kill -9 $p; wait $p; test ! -e l.h5"));
  fails(cli_sh("$G merge m.h5 l.h5"), 2, "gradpath pack l.h5");
  cli_result r =
      cli_sh("rm long.yaml && printf torn >> l.h5.journal && $G pack l.h5 && test ! -e l.h5.journal");
  ok(r);
  says(r, "of 120 runs");
  cr_assert_not_null(strstr(r.err, "4 bytes of an unfinished record"), "%s", r.err);
  ok(cli_sh("$G verify l.h5 --runs 2"));
  says(cli_sh("$G pack l.h5"), "nothing to pack");
  fails(cli_sh("$G pack none.h5"), 2, "no such file");
}

/* ---- job arrays ---- */

#define TASK(id, first, count)                                                                               \
  "export SLURM_ARRAY_TASK_ID=" id " SLURM_ARRAY_TASK_MIN=" first " SLURM_ARRAY_TASK_COUNT=" count "; "

/* The task of an array is a shard, with an output of its own; what is said on the command line wins. */
Test(cli_files, a_slurm_task_is_a_shard) {
  cli_result r = cli_sh(TASK("7", "5", "3") "$G run tiny.yaml -o b.h5");
  ok(r);
  cr_assert_not_null(strstr(r.err, "shard 3 of 3, by the task of the Slurm array"), "%s", r.err);
  cr_assert(cli_has_file("b.3-of-3.h5") && !cli_has_file("b.h5"));
  ok(cli_sh("$G run tiny.yaml --shard 3/3 -o c.h5 && $G diff b.3-of-3.h5 c.h5"));
  ok(cli_sh(TASK("1", "1", "2") "$G run tiny.yaml --quiet"));
  cr_assert(cli_has_file("results/tiny.1-of-2.h5"));
  ok(cli_sh(TASK("1", "1", "2") "$G run tiny.yaml --shard all --no-provenance -o d.h5 && cmp d.h5 a.h5"));
  ok(cli_sh(TASK("1", "1", "2") "$G run tiny.yaml --shard 2/4 -o e.h5"));
  fails(cli_sh(TASK("9", "1", "2") "$G run tiny.yaml"), 2, "without gaps");
  fails(cli_sh(TASK("x", "1", "2") "$G run tiny.yaml"), 2, "SLURM_ARRAY_TASK_ID is 'x'");
}

/* The scripts for sbatch, run as Slurm would run them: a task each, then the merge. */
Test(cli_files, slurm_scripts) {
  ok(cli_sh("export GRADPATH=$G SLURM_CPUS_PER_TASK=2; for i in 1 2 3; do " TASK(
                "$i", "1", "3") "sh %s/scripts/slurm/array.sbatch tiny.yaml || exit 1; done",
            GP_SOURCE_DIR));
  ok(cli_sh("GRADPATH=$G sh %s/scripts/slurm/merge.sbatch results/tiny.h5 && $G diff results/tiny.h5 a.h5",
            GP_SOURCE_DIR));
  cr_assert_eq(cli_sh("sh %s/scripts/slurm/array.sbatch", GP_SOURCE_DIR).exit, 2);
}
