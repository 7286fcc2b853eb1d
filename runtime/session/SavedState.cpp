//===- SavedState.cpp - States as bytes -----------------------------------===//
//
// A header, then for each state in order the rows that the next call can need:
// Append all, Last the window, Fixed the whole.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Hash.h"
#include "runtime/session/States.h"

#include <cinttypes>
#include <cstring>

using namespace weft;
using fb::StateKind;

namespace {
struct SavedHeader {
  unsigned char magic[8];
  uint32_t version;
  uint32_t reserved;
  uint64_t fingerprint; // of the program
  int64_t position;
  uint64_t bytes; // that follow
  uint64_t hash;  // of them
};
static_assert(sizeof(SavedHeader) == 48, "part of the format");
} // namespace

static constexpr unsigned char kSavedMagic[8] = {'W', 'E', 'F', 'T',
                                                 'S', 'T', 'A', 'T'};
static constexpr uint32_t kSavedVersion = 1;

uint64_t States::getKeptBytes(const State &state, int64_t at) const {
  switch (state.kind) {
  case StateKind::Append:
    return uint64_t(at) * state.rowBytes;
  case StateKind::Last:
    return uint64_t(state.window) * state.rowBytes;
  case StateKind::Fixed:
    return state.rowBytes;
  }
  return 0;
}

const uint8_t *States::getKept(uint32_t number) const {
  const State &state = states[number];
  int64_t slot =
      state.kind == StateKind::Last ? position - state.window - state.base : 0;
  return ranges[number].data + uint64_t(slot) * state.rowBytes;
}

uint64_t States::getSavedBytes() const {
  uint64_t bytes = sizeof(SavedHeader);
  for (const State &state : states)
    bytes += getKeptBytes(state, position);
  return bytes;
}

Status States::save(void *buffer, size_t bytes) const {
  WEFT_TRY(checkUsable());
  if (bytes != getSavedBytes())
    return makeError(WEFT_INVALID_ARGUMENT,
                     "expected a buffer of %" PRIu64 " bytes but got %zu",
                     getSavedBytes(), bytes);
  uint8_t *payload = static_cast<uint8_t *>(buffer) + sizeof(SavedHeader);
  uint8_t *next = payload;
  for (uint32_t i = 0; i < states.size(); ++i) {
    uint64_t size = getKeptBytes(states[i], position);
    if (size)
      memcpy(next, getKept(i), size);
    next += size;
  }
  SavedHeader header = {};
  memcpy(header.magic, kSavedMagic, sizeof(header.magic));
  header.version = kSavedVersion;
  header.fingerprint = program->fingerprint;
  header.position = position;
  header.bytes = uint64_t(next - payload);
  header.hash = hashBytes(payload, header.bytes);
  memcpy(buffer, &header, sizeof(header));
  return ok();
}

Status States::load(const void *buffer, size_t bytes) {
  SavedHeader header;
  if (bytes < sizeof(header) ||
      memcmp(buffer, kSavedMagic, sizeof(kSavedMagic)) != 0)
    return makeError(WEFT_CORRUPT, "not a saved state: no magic at its begin");
  memcpy(&header, buffer, sizeof(header));
  if (header.version != kSavedVersion)
    return makeError(WEFT_UNSUPPORTED_VERSION,
                     "saved state: expected version %u but got %u",
                     kSavedVersion, header.version);
  if (header.fingerprint != program->fingerprint)
    return makeError(WEFT_MISMATCHED,
                     "saved state: expected program %016" PRIx64
                     " but got %016" PRIx64,
                     program->fingerprint, header.fingerprint);
  if (header.position < 0 || header.position > capacity)
    return makeError(WEFT_FULL,
                     "saved state: a position of %" PRId64
                     " does not fit in %" PRId64,
                     header.position, capacity);
  const uint8_t *payload =
      static_cast<const uint8_t *>(buffer) + sizeof(header);
  uint64_t expected = 0;
  for (const State &state : states)
    expected += getKeptBytes(state, header.position);
  if (header.bytes != expected || bytes - sizeof(header) != expected)
    return makeError(WEFT_CORRUPT,
                     "saved state: expected %" PRIu64 " bytes but got %zu",
                     expected, bytes - sizeof(header));
  if (hashBytes(payload, expected) != header.hash)
    return makeError(WEFT_CORRUPT, "saved state: damaged");

  position = header.position;
  isLost = false;
  for (uint32_t i = 0; i < states.size(); ++i) {
    State &state = states[i];
    state.base = position - state.window; // the window comes to the front
    uint64_t size = getKeptBytes(state, position);
    if (size)
      memcpy(ranges[i].data, payload, size);
    payload += size;
  }
  return ok();
}
