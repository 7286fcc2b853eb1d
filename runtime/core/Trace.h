//===- Trace.h - Chrome's trace format --------------------------*- C++ -*-===//

#ifndef WEFT_CORE_TRACE_H
#define WEFT_CORE_TRACE_H

#include "runtime/core/Memory.h"
#include "runtime/core/Status.h"
#include "weft/session.h"

#include <atomic>

namespace weft {

/// The file that WEFT_TRACE names: one for a program, written by its sessions.
/// An array of events, whole once the program is released; viewers take it
/// before.
class TraceFile {
public:
  TraceFile() = default;
  TraceFile(const TraceFile &) = delete;
  TraceFile &operator=(const TraceFile &) = delete;
  ~TraceFile();

  Status open(const char *path);
  bool isOpen() const { return file >= 0; }
  int32_t numberSession() { return sessions.fetch_add(1) + 1; }

  /// Appends whole events at once, so that sessions do not mix.
  void write(const char *text, size_t bytes);

private:
  int file = -1;
  std::atomic<int32_t> sessions{0};
};

/// The events of one session, collected to be written in large pieces.
class TraceBuffer {
public:
  explicit TraceBuffer(TraceFile &file)
      : file(file), session(file.numberSession()) {}
  ~TraceBuffer() { flush(); }

  void add(const weft_launch_event &event);
  void flush();

private:
  void append(const char *text, size_t bytes);
  void appendString(const char *text);

  TraceFile &file;
  int32_t session;
  size_t used = 0;
  char text[1 << 16];
};

} // namespace weft

#endif // WEFT_CORE_TRACE_H
