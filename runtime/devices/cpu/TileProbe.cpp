//===- TileProbe.cpp - Does AMX really run? -------------------------------===//
//
// Some virtual machines report AMX in CPUID and trap when it is used, and Linux
// gives tile registers only to who asks (arch_prctl, kernel 5.16). So: ask,
// then run one product of each kind in a child that shares our memory but not
// our signal handlers. If it traps, only the child ends. No handler of this
// process is touched, and without an exit signal no SIGCHLD handler or wait()
// sees the child.
//
//===----------------------------------------------------------------------===//

#include "runtime/devices/cpu/Features.h"

#ifdef __x86_64__

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static constexpr int kRequestPermission = 0x1023; // ARCH_REQ_XCOMP_PERM
static constexpr int kTileData = 18;              // its number in XCR0

namespace {
/// The operand of ldtilecfg: palette 1, as many rows and bytes a row as needed.
struct alignas(64) TileConfig {
  uint8_t palette = 1;
  uint8_t startRow = 0;
  uint8_t reserved[14] = {};
  uint16_t rowBytes[16] = {};
  uint8_t rows[16] = {};
};

struct Probe {
  TileConfig config;
  alignas(64) uint32_t ones[16]; // 16 x 4 bytes of 1
  alignas(64) int32_t sum[16];
};
} // namespace

/// tile 0 (1 row of 16) += tile 1 (1 row of 64 bytes) * tile 2 (16 rows of 64
/// bytes of ones, read with stride 0).
__attribute__((no_sanitize("address", "thread", "undefined"),
               target("amx-tile,amx-int8"))) static int
runProduct(void *argument) {
  // Not the handlers of the host: the default action, without a core dump.
  struct sigaction standard;
  memset(&standard, 0, sizeof(standard));
  standard.sa_handler = SIG_DFL;
  sigaction(SIGILL, &standard, nullptr);
  sigaction(SIGSEGV, &standard, nullptr);
  sigaction(SIGBUS, &standard, nullptr);
  rlimit noCore = {0, 0};
  setrlimit(RLIMIT_CORE, &noCore);

  Probe *probe = static_cast<Probe *>(argument);
  __asm__ volatile("ldtilecfg (%0)\n\t"
                   "tilezero %%tmm0\n\t"
                   "tileloadd (%1,%3,1), %%tmm1\n\t"
                   "tileloadd (%1,%3,1), %%tmm2\n\t"
                   "tdpbuud %%tmm2, %%tmm1, %%tmm0\n\t"
                   "tilestored %%tmm0, (%2,%3,1)\n\t"
                   "tilerelease"
                   :
                   : "r"(&probe->config), "r"(probe->ones), "r"(probe->sum),
                     "r"(int64_t(0))
                   : "memory");
  _exit(0);
}

bool weft::probeTiles() {
  if (syscall(SYS_arch_prctl, kRequestPermission, kTileData) != 0)
    return false;

  Probe probe;
  probe.config.rowBytes[0] = probe.config.rowBytes[1] = 64;
  probe.config.rowBytes[2] = 64;
  probe.config.rows[0] = probe.config.rows[1] = 1;
  probe.config.rows[2] = 16;
  for (int i = 0; i < 16; ++i) {
    probe.ones[i] = 0x01010101;
    probe.sum[i] = 0;
  }

  // CLONE_VFORK: this thread waits until the child ends, so its stack may lie
  // in ours.
  constexpr size_t kStackBytes = 32 * 1024;
  alignas(64) char stack[kStackBytes];
  pid_t child =
      clone(runProduct, stack + kStackBytes, CLONE_VM | CLONE_VFORK, &probe);
  if (child < 0)
    return false;
  int state = 0;
  while (waitpid(child, &state, __WALL) < 0)
    if (errno != EINTR)
      return false;
  if (!WIFEXITED(state) || WEXITSTATUS(state) != 0)
    return false;
  for (int32_t value : probe.sum)
    if (value != 64)
      return false;
  return true;
}

#endif // __x86_64__
