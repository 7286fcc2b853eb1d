//===- Topology.cpp - CPUs and cores of this process ----------------------===//

#include "runtime/devices/cpu/Topology.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

using namespace weft;

/// Reads a small file of the system; false if it is not there.
static bool readFile(const char *path, char *text, size_t bytes) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return false;
  ssize_t length = read(file, text, bytes - 1);
  close(file);
  if (length <= 0)
    return false;
  text[length] = '\0';
  return true;
}

int32_t weft::parseCpuQuota(const char *text) {
  // "200000 100000": microseconds of CPU time in each period, or "max 100000".
  char *end;
  long long quota = strtoll(text, &end, 10);
  if (end == text || quota <= 0)
    return INT32_MAX;
  long long period = strtoll(end, nullptr, 10);
  if (period <= 0)
    return INT32_MAX;
  long long cpus = quota / period + (quota % period != 0);
  return cpus < INT32_MAX ? int32_t(cpus) : INT32_MAX;
}

/// The CPU time that a container gets, in CPUs; INT32_MAX if it is not bounded.
static int32_t readCpuQuota() {
  char text[64];
  return readFile("/sys/fs/cgroup/cpu.max", text, sizeof(text))
             ? parseCpuQuota(text)
             : INT32_MAX;
}

/// `count`, but at least 1 and no more than the quota.
static int32_t bound(int32_t count) {
  int32_t quota = readCpuQuota();
  count = count < quota ? count : quota;
  return count > 1 ? count : 1;
}

int32_t weft::countCpus() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
    return 1;
  return bound(CPU_COUNT(&allowed));
}

/// The lowest CPU of the core that `cpu` belongs to; `cpu` itself if unknown.
static int findFirstSibling(int cpu) {
  char path[96];
  snprintf(path, sizeof(path),
           "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
  char text[32];
  if (!readFile(path, text, sizeof(text)))
    return cpu;
  // "0,64" or "0-1": the list is sorted.
  char *end;
  long first = strtol(text, &end, 10);
  return end == text || first < 0 || first > cpu ? cpu : int(first);
}

int32_t weft::countCores() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
    return 1;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &allowed))
      CPU_SET(findFirstSibling(cpu), &cores);
  return bound(CPU_COUNT(&cores));
}
