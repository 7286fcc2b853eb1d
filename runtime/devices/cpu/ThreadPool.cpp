//===- ThreadPool.cpp - Mailboxes, spinning and sleeping ------------------===//

#include "runtime/devices/cpu/ThreadPool.h"

#include "runtime/devices/cpu/FloatMode.h"
#include "runtime/devices/cpu/Futex.h"
#include "runtime/devices/cpu/Topology.h"

#include <csignal>

using namespace weft;

/// Some 50 microseconds of pauses: longer than the gaps between the launches of
/// a token, shorter than anybody notices.
static constexpr uint32_t kSpins = 1000;
/// Threads beyond this are surely a mistake of the caller.
static constexpr int32_t kMaxThreads = 4096;

/// The first task of part `part` of `parts`.
static int64_t getPartBegin(int64_t tasks, int32_t part, int32_t parts) {
  // Without overflow, and in parts that differ by one task at most.
  int64_t each = tasks / parts, rest = tasks % parts;
  return each * part + (part < rest ? part : rest);
}

Status ThreadPool::start(int32_t threads, weft_parallel_for_fn parallelFor,
                         void *user, ThreadPool *&pool) {
  if (threads < 1 || threads > kMaxThreads)
    return makeError(WEFT_INVALID_ARGUMENT,
                     "expected from 1 to %d threads but got %d", kMaxThreads,
                     int(threads));
  ThreadPool *made = create<ThreadPool>(threads, parallelFor, user);
  if (!made)
    return makeError(WEFT_OUT_OF_MEMORY, "no memory for a thread pool");
  pool = made;
  if (parallelFor || threads == 1)
    return ok();

  // Where threads outnumber CPUs, who spins keeps another from working.
  made->spins = threads <= countCpus() ? kSpins : 0;
  if (!made->memory.reserve(uint64_t(threads - 1) * sizeof(Worker))) {
    pool = nullptr;
    made->release();
    return makeError(WEFT_OUT_OF_MEMORY, "no memory for %d threads",
                     int(threads));
  }
  made->workers = reinterpret_cast<Worker *>(made->memory.data());

  // Signals are the application's: no worker takes one.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = 0;
  for (int32_t number = 1; number < threads && error == 0; ++number) {
    Worker &worker = *new (&made->workers[number - 1]) Worker();
    worker.pool = made;
    worker.number = number;
    error = pthread_create(&worker.thread, nullptr, work, &worker);
    if (error == 0)
      ++made->started;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error == 0)
    return ok();
  pool = nullptr;
  made->release();
  return makeSystemError(WEFT_OUT_OF_MEMORY, "cannot start a thread", error);
}

void ThreadPool::release() {
  // The last owner sees what the others did.
  if (owners.fetch_sub(1, std::memory_order_acq_rel) == 1)
    destroy(this);
}

ThreadPool::~ThreadPool() {
  stops = true;
  for (int32_t i = 0; i < started; ++i) {
    workers[i].ticket.fetch_add(1, std::memory_order_seq_cst);
    wakeFutex(workers[i].ticket);
  }
  for (int32_t i = 0; i < started; ++i)
    pthread_join(workers[i].thread, nullptr);
  pthread_mutex_destroy(&mutex);
}

void ThreadPool::runParallel(int64_t tasks, weft_task_fn task, void *context) {
  if (parallelFor) {
    parallelFor(user, tasks, task, context);
    return;
  }
  this->task = task;
  this->context = context;
  this->tasks = tasks;
  parts = tasks < threads ? int32_t(tasks) : threads;

  for (int32_t i = 0; i < parts - 1; ++i)
    workers[i].ticket.store(workers[i].ticket.load(std::memory_order_relaxed) +
                                1,
                            std::memory_order_release);
  // A worker states that it sleeps, then looks at its ticket again; we write
  // the ticket, then look whether it sleeps. The fence keeps that order, so
  // that one of us sees the other.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  for (int32_t i = 0; i < parts - 1; ++i)
    if (workers[i].sleeps.load(std::memory_order_relaxed))
      wakeFutex(workers[i].ticket);

  runPart(0, 0);
  for (int32_t i = 0; i < parts - 1; ++i)
    finish(workers[i]);
}

void ThreadPool::runPart(int32_t part, int32_t thread) {
  task(context, getPartBegin(tasks, part, parts),
       getPartBegin(tasks, part + 1, parts), thread);
}

/// Runs a worker's range if nobody has begun it, else waits for its end.
void ThreadPool::finish(Worker &worker) {
  uint32_t ticket = worker.ticket.load(std::memory_order_relaxed);
  if (worker.take(ticket)) {
    runPart(worker.number, 0);
    return;
  }
  for (uint32_t i = 0; i <= spins; ++i) {
    if (worker.finished.load(std::memory_order_acquire) == ticket)
      return;
    pauseCpu();
  }
  callerSleeps.store(1, std::memory_order_seq_cst);
  uint32_t finished;
  while ((finished = worker.finished.load(std::memory_order_seq_cst)) != ticket)
    waitFutex(worker.finished, finished);
  callerSleeps.store(0, std::memory_order_relaxed);
}

uint32_t ThreadPool::awaitTicket(Worker &worker, uint32_t last) {
  uint32_t ticket;
  for (uint32_t i = 0; i <= worker.pool->spins; ++i) {
    ticket = worker.ticket.load(std::memory_order_acquire);
    if (ticket != last)
      return ticket;
    pauseCpu();
  }
  worker.sleeps.store(1, std::memory_order_seq_cst);
  while ((ticket = worker.ticket.load(std::memory_order_seq_cst)) == last)
    waitFutex(worker.ticket, last);
  worker.sleeps.store(0, std::memory_order_relaxed);
  return ticket;
}

void *ThreadPool::work(void *argument) {
  Worker &worker = *static_cast<Worker *>(argument);
  ThreadPool &pool = *worker.pool;
  FloatMode mode;
  for (uint32_t ticket = 0;;) {
    ticket = awaitTicket(worker, ticket);
    if (pool.stops)
      return nullptr;
    // Taken by the caller: the job may be another already, so do not look.
    if (!worker.take(ticket))
      continue;
    pool.runPart(worker.number, worker.number);
    worker.finished.store(ticket, std::memory_order_seq_cst);
    if (pool.callerSleeps.load(std::memory_order_seq_cst))
      wakeFutex(worker.finished);
  }
}
