//===- ThreadPool.h - Threads for launches ----------------------*- C++ -*-===//
//
// Decoding a token takes hundreds of launches of some microseconds, so what a
// launch costs beside its work must stay near one microsecond. Hence no queue:
// a launch is cut into one contiguous range a thread, known from its number
// alone, and each worker has a mailbox of its own cache lines. A worker spins
// briefly on its mailbox, then sleeps on it. A range that its worker has not
// begun when the caller is done with its own is run by the caller: on a busy
// machine waiting for a worker to be scheduled would take far longer than the
// work.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_DEVICES_CPU_THREADPOOL_H
#define WEFT_DEVICES_CPU_THREADPOOL_H

#include "runtime/core/Memory.h"
#include "runtime/core/Status.h"
#include "weft/session.h"

#include <atomic>
#include <pthread.h>

namespace weft {

/// Shared by a session and its forks. `run` is called by one thread at a time,
/// which holds the lock meanwhile.
class ThreadPool {
public:
  /// Starts threads - 1 workers, or none where the caller's pool replaces them.
  /// The pool has one owner.
  static Status start(int32_t threads, weft_parallel_for_fn parallelFor,
                      void *user, ThreadPool *&pool);

  void retain() { owners.fetch_add(1, std::memory_order_relaxed); }
  void release();

  int32_t getThreads() const { return threads; }

  void lock() { pthread_mutex_lock(&mutex); }
  void unlock() { pthread_mutex_unlock(&mutex); }

  /// Calls `task` such that [0, tasks) is covered, and returns when all is
  /// done. One task runs on the calling thread, without waking anybody.
  void run(int64_t tasks, weft_task_fn task, void *context) {
    if (tasks == 1 || (threads == 1 && !parallelFor))
      task(context, 0, tasks, 0);
    else
      runParallel(tasks, task, context);
  }

  ThreadPool(int32_t threads, weft_parallel_for_fn parallelFor, void *user)
      : threads(threads), parallelFor(parallelFor), user(user) {}
  ~ThreadPool();

private:
  /// The two directions lie on cache lines of their own: each has one writer
  /// nearly always.
  struct Worker {
    // Written by the caller: the number of the worker's newest range.
    std::atomic<uint32_t> ticket;
    std::atomic<uint32_t> sleeps; // set by the worker before it sleeps
    char gap1[64 - 2 * sizeof(uint32_t)];
    // The last range that somebody took: whoever moves this up by one runs it.
    std::atomic<uint32_t> taken;
    // Written by the worker: the last range that it has finished.
    std::atomic<uint32_t> finished;
    char gap2[64 - 2 * sizeof(uint32_t)];
    ThreadPool *pool;
    pthread_t thread;
    int32_t number;
    char gap3[64 - sizeof(void *) - sizeof(pthread_t) - sizeof(int32_t)];

    bool take(uint32_t range) {
      uint32_t before = range - 1;
      return taken.compare_exchange_strong(before, range,
                                           std::memory_order_acq_rel);
    }
  };
  static_assert(sizeof(Worker) == 192, "whole cache lines");

  void runParallel(int64_t tasks, weft_task_fn task, void *context);
  void runPart(int32_t part, int32_t thread);
  void finish(Worker &worker);
  static void *work(void *worker);
  static uint32_t awaitTicket(Worker &worker, uint32_t last);

  const int32_t threads;
  const weft_parallel_for_fn parallelFor;
  void *const user;
  std::atomic<int32_t> owners{1};
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

  // The job; written between tickets only.
  weft_task_fn task = nullptr;
  void *context = nullptr;
  int64_t tasks = 0;
  int32_t parts = 0;
  std::atomic<bool> stops{false};
  std::atomic<uint32_t> callerSleeps{0};

  uint32_t spins = 0;
  int32_t started = 0;
  Pages memory;
  Worker *workers = nullptr; // number 1 … threads - 1 at [number - 1]
};

} // namespace weft

#endif // WEFT_DEVICES_CPU_THREADPOOL_H
