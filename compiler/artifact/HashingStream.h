//===- HashingStream.h - A stream that hashes what it writes ----*- C++ -*-===//

#ifndef WEFT_COMPILER_ARTIFACT_HASHINGSTREAM_H
#define WEFT_COMPILER_ARTIFACT_HASHINGSTREAM_H

#include "llvm/Support/raw_ostream.h"

#define XXH_INLINE_ALL // no library to link
#include <xxhash.h>

namespace weft::artifact {

/// Hands on to `out` and keeps XXH3 of 64 bits, seed 0, of all that went
/// through.
class HashingStream final : public llvm::raw_ostream {
public:
  explicit HashingStream(llvm::raw_ostream &out)
      : out(out), state(XXH3_createState()) {
    XXH3_64bits_reset(state);
    SetBufferSize(1 << 16);
  }
  ~HashingStream() override {
    flush();
    XXH3_freeState(state);
  }

  uint64_t hash() {
    flush();
    return XXH3_64bits_digest(state);
  }
  /// Writes zeros up to byte `offset` of this stream.
  void padTo(uint64_t offset) { write_zeros(offset - tell()); }

private:
  void write_impl(const char *data, size_t size) override {
    XXH3_64bits_update(state, data, size);
    out.write(data, size);
    written += size;
  }
  uint64_t current_pos() const override { return written; }

  llvm::raw_ostream &out;
  XXH3_state_t *state;
  uint64_t written = 0;
};

} // namespace weft::artifact

#endif // WEFT_COMPILER_ARTIFACT_HASHINGSTREAM_H
