//===- Futex.h - Sleeping until a word changes ------------------*- C++ -*-===//

#ifndef WEFT_DEVICES_CPU_FUTEX_H
#define WEFT_DEVICES_CPU_FUTEX_H

#include <atomic>
#include <climits>
#include <cstdint>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace weft {

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t) &&
                  std::atomic<uint32_t>::is_always_lock_free,
              "the kernel looks at the value itself");

/// Sleeps while `word` is `value`; may wake for no reason.
inline void waitFutex(std::atomic<uint32_t> &word, uint32_t value) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

/// Wakes who sleeps on `word`.
inline void wakeFutex(std::atomic<uint32_t> &word) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

/// Tells the core that this thread only waits.
inline void pauseCpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

} // namespace weft

#endif // WEFT_DEVICES_CPU_FUTEX_H
