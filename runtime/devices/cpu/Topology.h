//===- Topology.h - How many threads are worth having -----------*- C++ -*-===//

#ifndef WEFT_DEVICES_CPU_TOPOLOGY_H
#define WEFT_DEVICES_CPU_TOPOLOGY_H

#include <cstdint>

namespace weft {

/// The CPUs that this process may use, by its affinity and by the quota of its
/// container; at least 1.
int32_t countCpus();

/// The physical cores among them: two hardware threads of a core share what
/// kernels need most. At least 1.
int32_t countCores();

/// The CPUs that a cgroup's cpu.max allows; INT32_MAX if it sets no bound.
int32_t parseCpuQuota(const char *text);

} // namespace weft

#endif // WEFT_DEVICES_CPU_TOPOLOGY_H
