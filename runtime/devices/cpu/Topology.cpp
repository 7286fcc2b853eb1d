//===- Topology.cpp - CPUs and cores of this process ----------------------===//

#include "runtime/devices/cpu/Topology.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

using namespace weft;

int32_t weft::countCpus() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
    return 1;
  int count = CPU_COUNT(&allowed);
  return count > 0 ? count : 1;
}

/// The lowest CPU of the core that `cpu` belongs to; `cpu` itself if unknown.
static int findFirstSibling(int cpu) {
  char path[96];
  snprintf(path, sizeof(path),
           "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return cpu;
  char text[32];
  ssize_t length = read(file, text, sizeof(text) - 1);
  close(file);
  if (length <= 0)
    return cpu;
  text[length] = '\0';
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
  int count = CPU_COUNT(&cores);
  return count > 0 ? count : 1;
}
