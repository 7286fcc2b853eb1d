//===- Program.cpp - Loading ----------------------------------------------===//
//
// Order matters: nothing of the tables is read before they are verified, and no
// code is mapped before its hash is right.
//
//===----------------------------------------------------------------------===//

#include "runtime/module/Program.h"

#include "runtime/core/Hash.h"
#include "runtime/module/Level.h"

#include <cinttypes>
#include <cstdlib>
#include <cstring>

using namespace weft;

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "tables and header are used as they lie in the file");

static Status makeMemoryError() {
  return makeError(WEFT_OUT_OF_MEMORY, "no memory for a program");
}

Status weft_program::readHeader(const uint8_t *data, size_t bytes) {
  if (bytes < sizeof(header) || memcmp(data, kMagic, sizeof(kMagic)) != 0)
    return makeError(WEFT_CORRUPT, "not a weft file: no magic at its begin");
  memcpy(&header, data, sizeof(header));
  if (header.majorVersion != kMajorVersion)
    return makeError(WEFT_UNSUPPORTED_VERSION,
                     "expected format version %u but got %u.%u", kMajorVersion,
                     header.majorVersion, header.minorVersion);
  if (header.fileBytes != bytes)
    return makeError(WEFT_CORRUPT,
                     "truncated or grown: expected %" PRIu64
                     " bytes but got %zu",
                     header.fileBytes, bytes);
  if (header.tablesOffset % kTablesAlignment != 0 ||
      header.tablesOffset < sizeof(header) || header.tablesOffset > bytes ||
      header.tablesBytes > bytes - header.tablesOffset)
    return makeError(WEFT_CORRUPT,
                     "tables: %" PRIu64 " bytes at %" PRIu64
                     " do not lie aligned in the file",
                     header.tablesBytes, header.tablesOffset);
  if (header.reserved[0] || header.reserved[1])
    return makeError(WEFT_CORRUPT, "header: reserved bytes are not zero");
  return ok();
}

Status weft_program::verify(const FilePlace &place) {
  WEFT_TRY(verifyBuffer(tables, tablesBytes, root));
  WEFT_TRY(verifyTables(*root, place));
  if (!functions.allocate(getSize(root->functions())))
    return makeMemoryError();
  // Sharing of tables is possible but rare: enough for a compiler's output,
  // with much to spare.
  Budget budget = {(uint64_t(1) << 24) + 16 * uint64_t(tablesBytes)};
  for (uint32_t i = 0; i < functions.size(); ++i)
    WEFT_TRY(
        planFunction(*root, *root->functions()->Get(i), functions[i], budget));
  return ok();
}

Status weft_program::placeParameters() {
  if (!parameters.allocate(getSize(root->parameters())))
    return makeMemoryError();
  for (uint32_t i = 0; i < parameters.size(); ++i) {
    const fb::Parameter &parameter = *root->parameters()->Get(i);
    const uint8_t *data = segments[parameter.segment()] + parameter.offset();
    parameters[i] = {const_cast<uint8_t *>(data), parameter.bytes()};
  }
  return ok();
}

Status weft_program::checkSegment(uint32_t number) const {
  const fb::Segment &segment = *root->segments()->Get(number);
  uint64_t hash = hashBytes(segments[number], segment.bytes());
  if (hash == segment.hash())
    return ok();
  return makeError(WEFT_CORRUPT,
                   "segment %u: damaged: expected hash %016" PRIx64
                   " but got %016" PRIx64,
                   number, segment.hash(), hash);
}

Status weft_program::checkParameters(const weft_load_options &options) const {
  if (options.flags & WEFT_LOAD_SKIP_PARAMETER_HASH)
    return ok();
  for (uint32_t i = 0; i < getSize(root->segments()); ++i)
    if (root->segments()->Get(i)->kind() == fb::SegmentKind::Parameters)
      WEFT_TRY(checkSegment(i));
  return ok();
}

/// The level that the caller or the environment asks for; null for the best.
static const char *getWantedLevel(const weft_load_options &options) {
  if (options.level)
    return options.level;
  const char *level = getenv("WEFT_LEVEL");
  return level && level[0] ? level : nullptr;
}

Status weft_program::loadCode(const weft_load_options &options) {
  if (options.flags & WEFT_LOAD_TABLES_ONLY)
    return ok();
  uint32_t variant = 0;
  WEFT_TRY(
      chooseVariant(*root, probeFor(*root), getWantedLevel(options), variant));
  const fb::Variant &chosen = *root->variants()->Get(variant);
  WEFT_TRY(checkSegment(chosen.segment()));
  WEFT_TRY(code.load(segments[chosen.segment()],
                     root->segments()->Get(chosen.segment())->bytes()));
  if (!kernels.allocate(getSize(root->kernels())))
    return makeMemoryError();
  for (uint32_t i = 0; i < kernels.size(); ++i) {
    const char *symbol = root->kernels()->Get(i)->symbol()->c_str();
    kernels[i] = code.find(symbol);
    if (!kernels[i])
      return makeError(WEFT_CODE_ERROR, "level '%s': no kernel '%s'",
                       chosen.level()->c_str(), symbol);
  }
  level = chosen.level()->c_str();
  return ok();
}

Status weft_program::openTrace() {
  const char *path = getenv("WEFT_TRACE");
  return path && path[0] && kernels.data() ? trace.open(path) : ok();
}

Status weft_program::loadFile(const uint8_t *data, size_t bytes,
                              const weft_load_options &options) {
  WEFT_TRY(readHeader(data, bytes));
  if (reinterpret_cast<uintptr_t>(data) % kTablesAlignment != 0)
    return makeError(WEFT_INVALID_ARGUMENT,
                     "expected a file aligned to %" PRIu64 " bytes in memory",
                     kTablesAlignment);
  tables = data + header.tablesOffset;
  tablesBytes = header.tablesBytes;
  fingerprint = hashBytes(tables, tablesBytes);
  if (fingerprint != header.tablesHash)
    return makeError(WEFT_CORRUPT,
                     "tables: damaged: expected hash %016" PRIx64
                     " but got %016" PRIx64,
                     header.tablesHash, fingerprint);
  FilePlace place;
  place.tablesEnd = header.tablesOffset + header.tablesBytes;
  place.fileBytes = bytes;
  WEFT_TRY(verify(place));

  if (!segments.allocate(getSize(root->segments())))
    return makeMemoryError();
  for (uint32_t i = 0; i < segments.size(); ++i)
    segments[i] = data + root->segments()->Get(i)->offset();
  WEFT_TRY(placeParameters());
  WEFT_TRY(checkParameters(options));
  WEFT_TRY(loadCode(options));
  return openTrace();
}

/// Finds a kernel among those of a linked level; null if it is not there.
static weft_kernel_fn findLinked(const weft_linked_level &level,
                                 const char *symbol, size_t guess) {
  // The compiler writes them in the tables' order.
  if (guess < level.kernel_count && level.kernels[guess].symbol &&
      strcmp(level.kernels[guess].symbol, symbol) == 0)
    return level.kernels[guess].run;
  for (size_t i = 0; i < level.kernel_count; ++i)
    if (level.kernels[i].symbol && strcmp(level.kernels[i].symbol, symbol) == 0)
      return level.kernels[i].run;
  return nullptr;
}

Status weft_program::bindLinked(const weft_linked_program &linked,
                                const weft_load_options &options) {
  if (options.flags & WEFT_LOAD_TABLES_ONLY)
    return ok();
  uint32_t variant = 0;
  WEFT_TRY(
      chooseVariant(*root, probeFor(*root), getWantedLevel(options), variant));
  const char *wanted = root->variants()->Get(variant)->level()->c_str();
  const weft_linked_level *found = nullptr;
  for (size_t i = 0; i < linked.level_count; ++i)
    if (linked.levels[i].level && strcmp(linked.levels[i].level, wanted) == 0)
      found = &linked.levels[i];
  if (!found)
    return makeError(WEFT_CODE_ERROR, "level '%s' is not linked in", wanted);
  if (!kernels.allocate(getSize(root->kernels())))
    return makeMemoryError();
  for (uint32_t i = 0; i < kernels.size(); ++i) {
    const char *symbol = root->kernels()->Get(i)->symbol()->c_str();
    kernels[i] = findLinked(*found, symbol, i);
    if (!kernels[i])
      return makeError(WEFT_CODE_ERROR, "level '%s': no kernel '%s'", wanted,
                       symbol);
  }
  level = wanted;
  return ok();
}

Status weft_program::loadLinked(const weft_linked_program &linked,
                                const weft_load_options &options) {
  if (!linked.tables ||
      (linked.segment_count && (!linked.segments || !linked.segment_bytes)) ||
      (linked.level_count && !linked.levels))
    return makeError(WEFT_INVALID_ARGUMENT,
                     "a linked program's lists must not be null");
  tables = static_cast<const uint8_t *>(linked.tables);
  tablesBytes = linked.tables_bytes;
  FilePlace place;
  place.isLinked = true;
  WEFT_TRY(verify(place));
  fingerprint = hashBytes(tables, tablesBytes);

  if (linked.segment_count != getSize(root->segments()))
    return makeError(WEFT_INVALID_ARGUMENT,
                     "expected %u linked segments but got %zu",
                     getSize(root->segments()), linked.segment_count);
  if (!segments.allocate(linked.segment_count))
    return makeMemoryError();
  for (uint32_t i = 0; i < segments.size(); ++i) {
    const fb::Segment &segment = *root->segments()->Get(i);
    if (segment.kind() == fb::SegmentKind::Code)
      continue;
    segments[i] = static_cast<const uint8_t *>(linked.segments[i]);
    if ((!segments[i] && segment.bytes() != 0) ||
        linked.segment_bytes[i] != segment.bytes() ||
        reinterpret_cast<uintptr_t>(segments[i]) % kParameterAlignment != 0)
      return makeError(WEFT_INVALID_ARGUMENT,
                       "linked segment %u: expected %" PRIu64
                       " bytes aligned to %" PRIu64 " but got %zu bytes at %p",
                       i, segment.bytes(), kParameterAlignment,
                       linked.segment_bytes[i], linked.segments[i]);
  }
  WEFT_TRY(placeParameters());
  WEFT_TRY(checkParameters(options));
  WEFT_TRY(bindLinked(linked, options));
  return openTrace();
}
