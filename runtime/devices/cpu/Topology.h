//===- Topology.h - How many threads are worth having ------------*- C++
//-*-===//

#ifndef WEFT_DEVICES_CPU_TOPOLOGY_H
#define WEFT_DEVICES_CPU_TOPOLOGY_H

#include <cstdint>

namespace weft {

/// The CPUs that this process may use; at least 1.
int32_t countCpus();

/// The physical cores among them: two hardware threads of a core share what
/// kernels need most. At least 1.
int32_t countCores();

} // namespace weft

#endif // WEFT_DEVICES_CPU_TOPOLOGY_H
