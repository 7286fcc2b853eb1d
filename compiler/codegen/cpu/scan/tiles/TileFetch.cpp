//===- TileFetch.cpp - Fetches what the next chunk reads ------------------===//
//
// Rows of a head are a few lines of each page, over which the hardware does not
// look ahead. They are fetched into the second cache line by line, between what
// else there is to do: many at once would take all that the processor can wait
// for.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/scan/tiles/TileScan.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

void TileScan::selectNext(Value task, Value first, Value last, Value token) {
  Value following = b.add(task, 1);
  Values next = b.select(
      b.less(following, last), [&] { return Values{following, token}; },
      [&] { return Values{first, b.add(token, kChunk)}; });
  const ScanTask own = getScanTask(b, kernel, next[0]);
  nextBatch = own.batch, nextHead = own.head, nextColumn = own.firstColumn;
  nextToken = next[1];
}

void TileScan::fetch(Value buffer, Value part, int64_t parts) {
  bool isValue = buffer == kernel.value;
  int64_t numbers = isValue ? columns : kernel.channels;
  int64_t perRow = llvm::divideCeil(numbers, kTile), lines = kChunk * perRow;
  int64_t perPart = llvm::divideCeil(lines, parts);
  for (int64_t i = 0; i < perPart; ++i) {
    Value line = b.add(b.mul(part, perPart), i);
    auto fetchLine = [&] {
      Value channel = b.mul(b.rem(line, perRow), kTile);
      b.prefetch(buffer,
                 {nextBatch, b.add(nextToken, b.div(line, perRow)), nextHead,
                  isValue ? b.add(nextColumn, channel) : channel},
                 /*locality=*/2);
    };
    if (perPart * parts == lines)
      fetchLine();
    else
      b.when(b.less(line, lines), fetchLine);
  }
}
