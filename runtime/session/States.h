//===- States.h - What a session keeps between calls ------------*- C++ -*-===//
//
// The rows of an Append state begin at slot 0. Those of a Last state are kept
// contiguous too, at slots that grow with the position: the row of token t lies
// at slot t - base, where base begins at -window, so that the window before the
// first token is there and zero. Only when the room is used up are rows moved
// to the front, and more of them than the window needs, so that a later
// rollback finds them.
//
// States lie side by side in one range of pages, which take no memory until
// they are written. Each 2 MiB of it becomes one large page once half of it is
// in use: reading a long context is bound by finding pages else, and the memory
// that states take at most doubles.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_SESSION_STATES_H
#define WEFT_SESSION_STATES_H

#include "runtime/module/Program.h"

namespace weft {

class States {
public:
  /// Reserves memory for the states of a program; `maxTokens` (0: none) bounds
  /// the position further.
  Status create(const weft_program &program, int64_t maxTokens);

  /// As at creation.
  void reset();

  int64_t getPosition() const { return position; }
  int64_t getCapacity() const { return capacity; }
  int64_t getCallLimit() const;
  const Array<Range> &getRanges() const { return ranges; }

  /// What StateLength and StateOffset say of a state.
  int64_t getLength(uint32_t state) const;
  int64_t getOffset(uint32_t state) const;

  /// Makes room for the rows of a call of `tokens` tokens, or fails and leaves
  /// everything as it was.
  Status makeRoom(int64_t tokens);
  void advance(int64_t tokens);

  /// To be called where a call failed halfway: Fixed states may be
  /// half-written.
  void markFailed() { isLost = hasFixed; }
  Status checkUsable() const;

  Status rollback(int64_t target);

  uint64_t getSavedBytes() const;
  Status save(void *buffer, size_t bytes) const;
  Status load(const void *buffer, size_t bytes);

  /// Both belong to sessions of one program.
  Status assign(const States &source);

private:
  struct State {
    const char *name;
    fb::StateKind kind;
    uint64_t rowBytes;
    int64_t capacity, window;
    int64_t base;           // Last: the position of the row in slot 0
    const uint8_t *initial; // Fixed: first contents; null: zeros
  };

  void fillIn(const weft_program &program, uint32_t number);
  void resetOne(uint32_t number);
  uint64_t getUsedBytes(const State &state) const;
  void makeLargePages();
  uint64_t getKeptBytes(const State &state, int64_t position) const;
  const uint8_t *getKept(uint32_t number) const;

  const weft_program *program = nullptr;
  Array<State> states;
  Array<Range> ranges;
  Pages pages;
  /// Of each 2 MiB of the pages: bytes in use when last counted, and whether
  /// they are a large page.
  struct Block {
    uint64_t used;
    bool isLarge;
  };
  Array<Block> blocks;
  int64_t position = 0;
  int64_t capacity = INT64_MAX;
  bool hasFixed = false;
  bool isLost = false;
};

} // namespace weft

#endif // WEFT_SESSION_STATES_H
