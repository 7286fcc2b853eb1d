//===- Trace.cpp - Writing trace events without allocating ----------------===//

#include "runtime/core/Trace.h"

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

using namespace weft;

/// Longest event: two names cut to this, and numbers.
static constexpr size_t kMaxName = 200;
static constexpr size_t kMaxEvent = 3 * kMaxName * 6 + 400;

Status TraceFile::open(const char *path) {
  file =
      ::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0)
    return makeSystemError(WEFT_IO_ERROR, path, errno);
  // A first event without the comma that all others begin with.
  char text[160];
  int length = snprintf(text, sizeof(text),
                        "[\n{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":%d,"
                        "\"args\":{\"name\":\"weft\"}}",
                        int(getpid()));
  write(text, size_t(length));
  return ok();
}

void TraceFile::write(const char *text, size_t bytes) {
  while (bytes) {
    ssize_t written = ::write(file, text, bytes);
    if (written < 0 && errno == EINTR)
      continue;
    // A trace is no result: a full disk must not end the run.
    if (written <= 0)
      return;
    text += written;
    bytes -= size_t(written);
  }
}

TraceFile::~TraceFile() {
  if (file < 0)
    return;
  write("\n]\n", 3);
  close(file);
}

void TraceBuffer::append(const char *piece, size_t bytes) {
  memcpy(text + used, piece, bytes);
  used += bytes;
}

void TraceBuffer::appendString(const char *string) {
  text[used++] = '"';
  for (size_t i = 0; i < kMaxName && string[i]; ++i) {
    unsigned char c = static_cast<unsigned char>(string[i]);
    if (c < 0x20 || c == '"' || c == '\\') {
      char escape[8];
      int length = snprintf(escape, sizeof(escape), "\\u%04x", c);
      append(escape, size_t(length));
    } else {
      text[used++] = char(c);
    }
  }
  text[used++] = '"';
}

void TraceBuffer::add(const weft_launch_event &event) {
  if (used + kMaxEvent > sizeof(text))
    flush();
  static const char kBegin[] = ",\n{\"name\":";
  append(kBegin, sizeof(kBegin) - 1);
  appendString(event.name[0] ? event.name : event.kernel);
  static const char kCategory[] = ",\"cat\":";
  append(kCategory, sizeof(kCategory) - 1);
  appendString(event.function);
  static const char kKernel[] = ",\"args\":{\"kernel\":";
  append(kKernel, sizeof(kKernel) - 1);
  appendString(event.kernel);
  // Times are microseconds.
  uint64_t duration = event.end_ns - event.begin_ns;
  int length =
      snprintf(text + used, sizeof(text) - used,
               ",\"tasks\":%" PRId64 ",\"bytes\":%" PRId64 ",\"flops\":%" PRId64
               "},\"ph\":\"X\",\"pid\":%d,\"tid\":%d,\"ts\":%" PRIu64 ".%03d,"
               "\"dur\":%" PRIu64 ".%03d}",
               event.tasks, event.bytes, event.flops, int(getpid()),
               int(session), event.begin_ns / 1000, int(event.begin_ns % 1000),
               duration / 1000, int(duration % 1000));
  used += size_t(length);
}

void TraceBuffer::flush() {
  if (used)
    file.write(text, used);
  used = 0;
}
