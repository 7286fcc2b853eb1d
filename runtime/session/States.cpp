//===- States.cpp - Room, positions and rollback --------------------------===//

#include "runtime/session/States.h"

#include <cinttypes>
#include <cstring>

using namespace weft;
using fb::StateKind;

void States::fillIn(const weft_program &program, uint32_t number) {
  const fb::State &table = *program.root->states()->Get(number);
  State &state = states[number];
  state.name = table.name()->c_str();
  state.kind = table.kind();
  state.rowBytes = table.row_bytes();
  state.capacity = int64_t(table.capacity());
  state.window = state.kind == StateKind::Last ? int64_t(table.window()) : 0;
  state.base = -state.window;
  state.initial = table.initial() == kNone
                      ? nullptr
                      : program.parameters[table.initial()].data;
  if (state.kind == StateKind::Append && state.capacity < capacity)
    capacity = state.capacity;
  hasFixed |= state.kind == StateKind::Fixed;
  ranges[number].bytes = table.capacity() * table.row_bytes();
}

static uint64_t roundUp(uint64_t bytes, uint64_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

Status States::create(const weft_program &owner, int64_t maxTokens) {
  program = &owner;
  uint32_t count = getSize(owner.root->states());
  if (!states.allocate(count) || !ranges.allocate(count))
    return makeError(WEFT_OUT_OF_MEMORY, "no memory for %u states", count);
  constexpr uint64_t kPage = 4096;
  uint64_t total = 0;
  for (uint32_t i = 0; i < count; ++i) {
    fillIn(owner, i);
    total += roundUp(ranges[i].bytes, kPage);
    // Keeps sums of sizes from overflowing.
    if (total > kMaxBytes)
      return makeError(WEFT_OUT_OF_MEMORY, "the states take too much memory");
  }
  total = roundUp(total, Pages::kLarge);
  if (!pages.reserve(total, Pages::kLarge) ||
      !blocks.allocate(size_t(total / Pages::kLarge)))
    return makeError(WEFT_OUT_OF_MEMORY,
                     "cannot reserve %" PRIu64 " bytes for %u states", total,
                     count);
  uint8_t *next = pages.data();
  for (uint32_t i = 0; i < count; ++i) {
    ranges[i].data = next;
    next += roundUp(ranges[i].bytes, kPage);
    // Fresh pages are zeros, and zeroing them once more would touch them.
    if (states[i].initial)
      resetOne(i);
  }
  if (maxTokens > 0 && maxTokens < capacity)
    capacity = maxTokens;
  return ok();
}

void States::resetOne(uint32_t number) {
  State &state = states[number];
  uint8_t *data = ranges[number].data;
  if (state.rowBytes == 0)
    return;
  if (state.kind == StateKind::Last) {
    state.base = -state.window;
    memset(data, 0, uint64_t(state.window) * state.rowBytes);
  } else if (state.kind == StateKind::Fixed && state.initial) {
    memcpy(data, state.initial, state.rowBytes);
  } else if (state.kind == StateKind::Fixed) {
    memset(data, 0, state.rowBytes);
  }
}

void States::reset() {
  position = 0;
  isLost = false;
  for (uint32_t i = 0; i < states.size(); ++i)
    resetOne(i);
}

int64_t States::getLength(uint32_t number) const {
  const State &state = states[number];
  return state.kind == StateKind::Last && state.window < position ? state.window
                                                                  : position;
}

int64_t States::getOffset(uint32_t number) const {
  const State &state = states[number];
  return state.kind == StateKind::Last
             ? position - getLength(number) - state.base
             : 0;
}

int64_t States::getCallLimit() const {
  int64_t limit = capacity;
  for (const State &state : states)
    if (state.kind == StateKind::Last && state.capacity - state.window < limit)
      limit = state.capacity - state.window;
  return limit;
}

Status States::makeRoom(int64_t tokens) {
  if (tokens > capacity - position)
    return makeError(WEFT_FULL,
                     "the session is full: %" PRId64 " tokens after %" PRId64
                     " do not fit in %" PRId64,
                     tokens, position, capacity);
  for (const State &state : states)
    if (state.kind == StateKind::Last && tokens > state.capacity - state.window)
      return makeError(WEFT_FULL,
                       "state '%s': expected at most %" PRId64
                       " tokens a call but got %" PRId64,
                       state.name, state.capacity - state.window, tokens);

  for (uint32_t i = 0; i < states.size(); ++i) {
    State &state = states[i];
    int64_t held = position - state.base;
    if (state.kind != StateKind::Last || held + tokens <= state.capacity)
      continue;
    // Half of what is free stays free, so that this is seldom; the other half
    // keeps rows for a rollback.
    int64_t kept = state.window + (state.capacity - state.window - tokens) / 2;
    if (kept > held)
      kept = held;
    if (state.rowBytes)
      memmove(ranges[i].data,
              ranges[i].data + uint64_t(held - kept) * state.rowBytes,
              uint64_t(kept) * state.rowBytes);
    state.base = position - kept;
  }
  return ok();
}

uint64_t States::getUsedBytes(const State &state) const {
  if (state.kind == StateKind::Fixed)
    return state.rowBytes;
  int64_t rows = position + state.window;
  return uint64_t(rows < state.capacity ? rows : state.capacity) *
         state.rowBytes;
}

void States::advance(int64_t tokens) {
  constexpr int64_t kTokensBetween = 64;
  int64_t before = position;
  position += tokens;
  if (before / kTokensBetween != position / kTokensBetween)
    makeLargePages();
}

void States::makeLargePages() {
  for (Block &block : blocks)
    block.used = 0;
  for (uint32_t i = 0; i < states.size(); ++i) {
    uint64_t from = uint64_t(ranges[i].data - pages.data());
    uint64_t to = from + getUsedBytes(states[i]);
    while (from < to) {
      uint64_t number = from / Pages::kLarge;
      uint64_t end = (number + 1) * Pages::kLarge;
      end = end < to ? end : to;
      blocks[number].used += end - from;
      from = end;
    }
  }
  for (size_t i = 0; i < blocks.size(); ++i)
    if (!blocks[i].isLarge && 2 * blocks[i].used >= Pages::kLarge) {
      pages.makeLarge(i * Pages::kLarge);
      blocks[i].isLarge = true;
    }
}

Status States::checkUsable() const {
  if (!isLost)
    return ok();
  return makeError(WEFT_WRONG_STATE,
                   "a call failed halfway and lost the states: reset the "
                   "session, or load a saved state");
}

Status States::rollback(int64_t target) {
  if (target < 0 || target > position)
    return makeError(WEFT_OUT_OF_RANGE,
                     "expected a position from 0 to %" PRId64
                     " but got %" PRId64,
                     position, target);
  if (target == 0) {
    reset();
    return ok();
  }
  WEFT_TRY(checkUsable());
  if (target == position)
    return ok();
  for (const State &state : states) {
    if (state.kind == StateKind::Fixed)
      return makeError(WEFT_OUT_OF_RANGE,
                       "state '%s' keeps no history: it cannot go back from "
                       "position %" PRId64 " to %" PRId64
                       "; keep a fork or a saved state",
                       state.name, position, target);
    if (state.kind == StateKind::Last && target - state.window < state.base)
      return makeError(WEFT_OUT_OF_RANGE,
                       "state '%s' holds rows back to position %" PRId64
                       " only, which is too few to go back to %" PRId64,
                       state.name, state.base + state.window, target);
  }
  position = target;
  return ok();
}

Status States::assign(const States &source) {
  if (program != source.program)
    return makeError(WEFT_MISMATCHED, "the sessions run different programs");
  if (source.position > capacity)
    return makeError(WEFT_FULL,
                     "a position of %" PRId64 " does not fit in %" PRId64,
                     source.position, capacity);
  WEFT_TRY(source.checkUsable());
  if (this == &source)
    return ok();
  position = source.position;
  isLost = false;
  for (uint32_t i = 0; i < states.size(); ++i) {
    State &state = states[i];
    state.base = source.states[i].base;
    uint64_t rows =
        state.kind == StateKind::Fixed
            ? 1
            : uint64_t(position -
                       (state.kind == StateKind::Last ? state.base : 0));
    if (rows && state.rowBytes)
      memcpy(ranges[i].data, source.ranges[i].data, rows * state.rowBytes);
  }
  return ok();
}
