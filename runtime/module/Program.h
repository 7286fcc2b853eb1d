//===- Program.h - A loaded program -----------------------------*- C++ -*-===//

#ifndef WEFT_MODULE_PROGRAM_H
#define WEFT_MODULE_PROGRAM_H

#include "runtime/core/Memory.h"
#include "runtime/core/Trace.h"
#include "runtime/module/CodeObject.h"
#include "runtime/module/Header.h"
#include "runtime/module/Mapping.h"
#include "runtime/module/Plan.h"
#include "weft/program.h"

#include <atomic>

namespace weft {

/// Memory that an operand may lie in.
struct Range {
  uint8_t *data;
  uint64_t bytes;
};

} // namespace weft

/// Immutable once loaded, but for the count of its owners.
struct weft_program {
  std::atomic<int32_t> owners{1};
  weft::Mapping mapping; // of a file; else the caller keeps the bytes
  weft::FileHeader header = {};
  const uint8_t *tables = nullptr;
  size_t tablesBytes = 0;
  uint64_t fingerprint = 0;
  const weft::fb::Program *root = nullptr;
  weft::Array<weft::FunctionPlan> functions;
  weft::Array<const uint8_t *> segments; // null: code of a linked program
  weft::Array<weft::Range> parameters;   // only read
  weft::CodeObject code;
  weft::Array<weft_kernel_fn> kernels; // empty: no code was loaded
  const char *level = "";
  weft::TraceFile trace;

  weft::Status loadFile(const uint8_t *data, size_t bytes,
                        const weft_load_options &options);
  weft::Status loadLinked(const weft_linked_program &linked,
                          const weft_load_options &options);

private:
  weft::Status readHeader(const uint8_t *data, size_t bytes);
  weft::Status verify(const weft::FilePlace &place);
  weft::Status placeParameters();
  weft::Status checkSegment(uint32_t segment) const;
  weft::Status checkParameters(const weft_load_options &options) const;
  weft::Status loadCode(const weft_load_options &options);
  weft::Status bindLinked(const weft_linked_program &linked,
                          const weft_load_options &options);
  weft::Status openTrace();
};

#endif // WEFT_MODULE_PROGRAM_H
