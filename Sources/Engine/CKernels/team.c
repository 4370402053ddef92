#define _GNU_SOURCE
#include "include/CKernels.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Nanoseconds: longer than what lies between two steps of a decoder, short enough not to be felt by others.
enum { AWAKE = 20000, MOST_MEMBERS = 63 };

static atomic_bool busy;
static atomic_uint generation;  // changes with every task
static atomic_uint sleeping;
// Of the task: how many may still join, in units of SEAT, and how many are at it, without the caller.
static atomic_uint door;
enum { SEAT = 1 << 16 };
static struct {
  void (*task)(void *);
  void *context;
} work;
static size_t members;  // threads there are, without the caller's

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

static int64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static unsigned wait_for_change(unsigned seen) {
  // A pause is of 10 to 140 cycles, by the processor.
  for (const int64_t end = nanoseconds() + AWAKE; nanoseconds() < end;) {
    for (int i = 0; i < 4; i++) {
      const unsigned now = atomic_load_explicit(&generation, memory_order_acquire);
      if (now != seen) return now;
      pause_briefly();
    }
  }
  atomic_fetch_add(&sleeping, 1);
  unsigned now;
  while ((now = atomic_load(&generation)) == seen)
    syscall(SYS_futex, &generation, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
  atomic_fetch_sub(&sleeping, 1);
  return now;
}

// A member that comes late, on a machine with more to do than processors, finds the door closed: nobody
// waits for it.
static bool join(void) {
  unsigned seen = atomic_load(&door);
  while (seen >= SEAT)
    if (atomic_compare_exchange_weak(&door, &seen, seen - SEAT + 1)) return true;
  return false;
}

static void *member(void *unused) {
  unsigned seen = 0;
  for (;;) {
    seen = wait_for_change(seen);
    if (!join()) continue;
    work.task(work.context);
    atomic_fetch_sub_explicit(&door, 1, memory_order_release);
  }
  return unused;
}

static void start_members(size_t wanted) {
  while (members < wanted && members < MOST_MEMBERS) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, member, NULL) != 0) break;
    pthread_detach(thread);
    members++;
  }
}

bool ck_team_run(size_t workers, void (*task)(void *), void *context) {
  if (atomic_exchange(&busy, true)) return false;
  start_members(workers - 1);
  const size_t seats = workers - 1 < members ? workers - 1 : members;
  work.task = task;
  work.context = context;
  atomic_store(&door, (unsigned)seats * SEAT);
  atomic_fetch_add(&generation, 1);
  if (atomic_load(&sleeping) > 0)
    syscall(SYS_futex, &generation, FUTEX_WAKE_PRIVATE, (int)seats, NULL, NULL, 0);
  task(context);
  atomic_fetch_and(&door, SEAT - 1);
  const int64_t end = nanoseconds() + AWAKE;
  while (atomic_load_explicit(&door, memory_order_acquire) > 0) {
    if (nanoseconds() < end) pause_briefly();
    else sched_yield();
  }
  atomic_store(&busy, false);
  return true;
}
