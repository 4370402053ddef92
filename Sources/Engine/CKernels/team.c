#define _GNU_SOURCE
#include "include/CKernels.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

// Some tens of microseconds: longer than what lies between two steps of a decoder, short enough not to be
// felt by others.
enum { AWAKE = 20000, MOST_WORKERS = 64 };

static atomic_bool busy;
static atomic_uint generation;  // changes with every task
static atomic_uint sleeping;
static atomic_uint pending;
static struct {
  void (*task)(void *, size_t);
  void *context;
  size_t workers;
} work;
static size_t started;  // threads there are, without the caller's

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

static unsigned wait_for_change(unsigned seen) {
  for (int i = 0; i < AWAKE; i++) {
    const unsigned now = atomic_load_explicit(&generation, memory_order_acquire);
    if (now != seen) return now;
    pause_briefly();
  }
  atomic_fetch_add(&sleeping, 1);
  unsigned now;
  while ((now = atomic_load(&generation)) == seen)
    syscall(SYS_futex, &generation, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
  atomic_fetch_sub(&sleeping, 1);
  return now;
}

static void *member(void *argument) {
  const size_t index = (size_t)argument;
  // Members are made before the first task, whose generation is 1.
  unsigned seen = 0;
  for (;;) {
    seen = wait_for_change(seen);
    if (index < work.workers) work.task(work.context, index);
    // Also a member that had nothing to do answers: so none reads the work while it is replaced.
    atomic_fetch_sub_explicit(&pending, 1, memory_order_release);
  }
  return NULL;
}

static void start_members(void) {
  const size_t wanted = ck_processor_count() < MOST_WORKERS ? ck_processor_count() : MOST_WORKERS;
  for (size_t i = 1; i < wanted; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, member, (void *)i) != 0) break;
    pthread_detach(thread);
    started++;
  }
}

bool ck_team_run(size_t workers, void (*task)(void *, size_t), void *context) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  if (atomic_exchange(&busy, true)) return false;
  pthread_once(&once, start_members);
  if (workers > started + 1) {
    atomic_store(&busy, false);
    return false;
  }
  work.task = task;
  work.context = context;
  work.workers = workers;
  atomic_store_explicit(&pending, (unsigned)started, memory_order_relaxed);
  atomic_fetch_add(&generation, 1);
  if (atomic_load(&sleeping) > 0)
    syscall(SYS_futex, &generation, FUTEX_WAKE_PRIVATE, MOST_WORKERS, NULL, NULL, 0);
  task(context, 0);
  for (size_t i = 0; atomic_load_explicit(&pending, memory_order_acquire) > 0; i++) {
    if (i < AWAKE) pause_briefly();
    else sched_yield();
  }
  atomic_store(&busy, false);
  return true;
}
