/* Ranks over MPI: the module gradpath-mpi.so, the only code that includes mpi.h. Any MPI library fits whose launcher
 * the program knows; Open MPI is what it is tested with.
 *
 * Calls come from one thread at a time, but not always from the same one (MPI_THREAD_SERIALIZED). Every wait is a poll
 * with a sleep: MPI's own waits spin, and would take the processor from ranks that still compute. Errors end the job,
 * which is MPI's default. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ranks.h"

enum { PIECE_BYTES = 1 << 28 }; /* MPI counts in int */

static void pause_shortly(void) {
  nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
}

static void wait_for(MPI_Request *request) {
  int done = 0;
  for (MPI_Test(request, &done, MPI_STATUS_IGNORE); !done; MPI_Test(request, &done, MPI_STATUS_IGNORE))
    pause_shortly();
}

static void mpi_send(int to, int tag, const void *bytes, size_t length) {
  MPI_Request request;
  MPI_Isend(bytes, (int)length, MPI_BYTE, to, tag, MPI_COMM_WORLD, &request);
  wait_for(&request);
}

static bool mpi_probe(int tag, int *from, size_t *length) {
  int there, count;
  MPI_Status status;
  MPI_Iprobe(MPI_ANY_SOURCE, tag, MPI_COMM_WORLD, &there, &status);
  if (!there) return false;
  MPI_Get_count(&status, MPI_BYTE, &count);
  *from = status.MPI_SOURCE;
  *length = (size_t)count;
  return true;
}

static void mpi_receive(int tag, int from, void *bytes, size_t length) {
  MPI_Recv(bytes, (int)length, MPI_BYTE, from, tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static void mpi_broadcast(void *bytes, size_t length) {
  for (size_t at = 0; at < length; at += PIECE_BYTES) {
    MPI_Request request;
    size_t piece = length - at < PIECE_BYTES ? length - at : PIECE_BYTES;
    MPI_Ibcast((char *)bytes + at, (int)piece, MPI_BYTE, 0, MPI_COMM_WORLD, &request);
    wait_for(&request);
  }
}

/* Takes in what no one waits for any more (a call to halt that came after the last run), meets the others without
 * spinning, and leaves. */
static void mpi_finish(void) {
  MPI_Request request;
  int there;
  MPI_Status status;
  MPI_Ibarrier(MPI_COMM_WORLD, &request);
  wait_for(&request);
  for (;;) {
    int count;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &status);
    if (!there) break;
    MPI_Get_count(&status, MPI_BYTE, &count);
    void *bytes = malloc((size_t)count + 1);
    if (bytes == NULL) break;
    MPI_Recv(bytes, count, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    free(bytes);
  }
  MPI_Finalize();
}

__attribute__((visibility("default"))) void gp_ranks_mpi_open(gp_ranks *out);

void gp_ranks_mpi_open(gp_ranks *out) {
  int provided, length;
  char name[MPI_MAX_PROCESSOR_NAME];
  MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
  *out = (gp_ranks){.send = mpi_send,
                    .probe = mpi_probe,
                    .receive = mpi_receive,
                    .broadcast = mpi_broadcast,
                    .finish = mpi_finish};
  MPI_Comm_rank(MPI_COMM_WORLD, &out->rank);
  MPI_Comm_size(MPI_COMM_WORLD, &out->size);
  MPI_Get_processor_name(name, &length);
  snprintf(out->host, sizeof out->host, "%.*s", (int)sizeof out->host - 1, name);
  if (provided < MPI_THREAD_SERIALIZED) MPI_Abort(MPI_COMM_WORLD, 1);
}
