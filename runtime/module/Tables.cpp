//===- Tables.cpp - Verification of all but functions ---------------------===//

#include "runtime/module/Tables.h"

#include "runtime/core/Tensor.h"
#include "runtime/module/Header.h"

#include <cinttypes>
#include <cstdio>

using namespace weft;

static constexpr uint32_t kMaxVariants = 64;

/// Bounds the number of variants before the verifier visits them: variants may
/// share one list of features, and visiting that again for each of very many
/// would take forever.
static bool hasFewVariants(flatbuffers::Verifier &verifier,
                           const uint8_t *data) {
  if (verifier.VerifyOffset(0) == 0)
    return false;
  const auto *root = flatbuffers::GetRoot<flatbuffers::Table>(data);
  if (!verifier.VerifyTableStart(reinterpret_cast<const uint8_t *>(root)))
    return false;
  constexpr auto kField = fb::Program::VT_VARIANTS;
  using Variants = flatbuffers::Vector<flatbuffers::Offset<fb::Variant>>;
  if (!root->VerifyOffset(verifier, kField))
    return false;
  const auto *variants = root->GetPointer<const Variants *>(kField);
  bool few =
      verifier.VerifyVector(variants) && getSize(variants) <= kMaxVariants;
  verifier.EndTable();
  return few;
}

Status weft::verifyBuffer(const uint8_t *data, size_t bytes,
                          const fb::Program *&program) {
  if (reinterpret_cast<uintptr_t>(data) % kTablesAlignment != 0)
    return makeError(WEFT_INVALID_ARGUMENT,
                     "expected tables aligned to %" PRIu64 " bytes",
                     kTablesAlignment);
  if (bytes < 16 || bytes >= FLATBUFFERS_MAX_BUFFER_SIZE)
    return makeError(WEFT_CORRUPT, "tables: impossible size of %zu bytes",
                     bytes);
  // A table takes eight bytes at least; more visits mean shared tables.
  const size_t maxTables = bytes / 8 + 16;
  constexpr size_t kMaxDepth = 16;
  flatbuffers::Verifier early(data, bytes, kMaxDepth, maxTables);
  flatbuffers::Verifier full(data, bytes, kMaxDepth, maxTables);
  if (!fb::ProgramBufferHasIdentifier(data) || !hasFewVariants(early, data) ||
      !fb::VerifyProgramBuffer(full))
    return makeError(WEFT_CORRUPT, "tables: malformed FlatBuffer");
  program = fb::GetProgram(data);
  return ok();
}

static Status verifySegment(const fb::Segment &segment, uint32_t number,
                            const FilePlace &place) {
  if (segment.kind() > fb::SegmentKind::MAX)
    return makeError(WEFT_CORRUPT, "segment %u: unknown kind %d", number,
                     int(segment.kind()));
  if (segment.bytes() > kMaxBytes)
    return makeError(WEFT_CORRUPT, "segment %u: impossible size of %" PRIu64,
                     number, segment.bytes());
  if (place.isLinked)
    return ok();
  if (segment.offset() % kSegmentAlignment != 0)
    return makeError(WEFT_CORRUPT,
                     "segment %u: expected an offset that is a multiple of "
                     "%" PRIu64 " but got %" PRIu64,
                     number, kSegmentAlignment, segment.offset());
  if (segment.offset() < place.tablesEnd ||
      segment.offset() > place.fileBytes ||
      segment.bytes() > place.fileBytes - segment.offset())
    return makeError(WEFT_CORRUPT,
                     "segment %u: %" PRIu64 " bytes at %" PRIu64
                     " do not lie between the tables' end %" PRIu64
                     " and the file's end %" PRIu64,
                     number, segment.bytes(), segment.offset(), place.tablesEnd,
                     place.fileBytes);
  return ok();
}

/// Whether `index` names a segment of that kind.
static bool namesSegment(const fb::Program &program, uint32_t index,
                         fb::SegmentKind kind) {
  return index < getSize(program.segments()) &&
         program.segments()->Get(index)->kind() == kind;
}

static Status verifyParameter(const fb::Program &program,
                              const fb::Parameter &parameter, uint32_t number) {
  if (!namesSegment(program, parameter.segment(), fb::SegmentKind::Parameters))
    return makeError(WEFT_CORRUPT,
                     "parameter %u: segment %u does not hold parameters",
                     number, parameter.segment());
  uint64_t room = program.segments()->Get(parameter.segment())->bytes();
  if (parameter.offset() % kParameterAlignment != 0 ||
      parameter.offset() > room ||
      parameter.bytes() > room - parameter.offset())
    return makeError(WEFT_CORRUPT,
                     "parameter %u: %" PRIu64 " bytes at %" PRIu64
                     " do not lie aligned in the %" PRIu64
                     " bytes of segment %u",
                     number, parameter.bytes(), parameter.offset(), room,
                     parameter.segment());
  return ok();
}

static Status verifyVariant(const fb::Program &program,
                            const fb::Variant &variant, uint32_t number) {
  if (!namesSegment(program, variant.segment(), fb::SegmentKind::Code))
    return makeError(WEFT_CORRUPT, "variant %u: segment %u does not hold code",
                     number, variant.segment());
  return ok();
}

/// Verifies type and dimensions; `place` names them in messages.
static Status verifyShape(fb::DataType type,
                          const flatbuffers::Vector<int64_t> *dims,
                          const char *place) {
  if (type > fb::DataType::MAX)
    return makeError(WEFT_CORRUPT, "%s: unknown type %d", place, int(type));
  if (getSize(dims) > WEFT_MAX_RANK)
    return makeError(WEFT_CORRUPT,
                     "%s: expected a rank of %d at most but got %u", place,
                     WEFT_MAX_RANK, getSize(dims));
  if (dims && reinterpret_cast<uintptr_t>(dims->Data()) % alignof(int64_t))
    return makeError(WEFT_CORRUPT, "%s: dimensions are not aligned", place);
  return ok();
}

static Status verifyStateRoom(const fb::State &state, const char *place) {
  using fb::StateKind;
  if (state.capacity() == 0 || state.capacity() > kMaxBytes ||
      state.row_bytes() > kMaxBytes / state.capacity())
    return makeError(WEFT_CORRUPT,
                     "%s: impossible size of %" PRIu64 " rows of %" PRIu64
                     " bytes",
                     place, state.capacity(), state.row_bytes());
  if (state.kind() == StateKind::Fixed && state.capacity() != 1)
    return makeError(WEFT_CORRUPT,
                     "%s: expected a capacity of 1 but got %" PRIu64, place,
                     state.capacity());
  if (state.kind() == StateKind::Last &&
      (state.window() == 0 || state.window() >= state.capacity()))
    return makeError(WEFT_CORRUPT,
                     "%s: expected a window from 1 to below the capacity "
                     "%" PRIu64 " but got %" PRIu64,
                     place, state.capacity(), state.window());
  return ok();
}

static Status verifyState(const fb::Program &program, const fb::State &state) {
  char place[128];
  snprintf(place, sizeof(place), "state '%s'", state.name()->c_str());
  if (state.kind() > fb::StateKind::MAX)
    return makeError(WEFT_CORRUPT, "%s: unknown kind %d", place,
                     int(state.kind()));
  WEFT_TRY(verifyShape(state.type(), state.row_dims(), place));
  WEFT_TRY(verifyStateRoom(state, place));

  int64_t dims[WEFT_MAX_RANK];
  int32_t rank = int32_t(getSize(state.row_dims()));
  for (int32_t i = 0; i < rank; ++i)
    dims[i] = state.row_dims()->Get(i);
  uint64_t rowBytes;
  if (!computeBytes(dims, rank, weft_dtype_bytes(weft_dtype(state.type())),
                    rowBytes) ||
      rowBytes != state.row_bytes())
    return makeError(WEFT_CORRUPT,
                     "%s: the dimensions do not give %" PRIu64 " bytes a row",
                     place, state.row_bytes());

  if (state.initial() == kNone)
    return ok();
  if (state.kind() != fb::StateKind::Fixed ||
      state.initial() >= getSize(program.parameters()) ||
      program.parameters()->Get(state.initial())->bytes() != rowBytes)
    return makeError(WEFT_CORRUPT,
                     "%s: parameter %u cannot be its first contents", place,
                     state.initial());
  return ok();
}

Status weft::verifyTables(const fb::Program &program, const FilePlace &place) {
  for (uint32_t i = 0; i < getSize(program.segments()); ++i)
    WEFT_TRY(verifySegment(*program.segments()->Get(i), i, place));
  for (uint32_t i = 0; i < getSize(program.parameters()); ++i)
    WEFT_TRY(verifyParameter(program, *program.parameters()->Get(i), i));
  for (uint32_t i = 0; i < getSize(program.variants()); ++i)
    WEFT_TRY(verifyVariant(program, *program.variants()->Get(i), i));
  for (uint32_t i = 0; i < getSize(program.kernels()); ++i)
    if (program.kernels()->Get(i)->scratch() > kMaxBytes)
      return makeError(WEFT_CORRUPT,
                       "kernel %u: impossible scratch of %" PRIu64 " bytes", i,
                       program.kernels()->Get(i)->scratch());
  for (uint32_t i = 0; i < getSize(program.states()); ++i)
    WEFT_TRY(verifyState(program, *program.states()->Get(i)));
  return ok();
}

Status weft::verifyPort(const fb::Port &port, const char *function,
                        const char *what) {
  char place[160];
  snprintf(place, sizeof(place), "function '%s': %s '%s'", function, what,
           port.name()->c_str());
  return verifyShape(port.type(), port.dims(), place);
}
