//===- ScanRows.cpp - Features and gates of tokens, rows in lanes ---------===//

#include "compiler/codegen/cpu/scan/ScanRows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

KernelBuilder::Values
ScanRows::forEach(Values carried,
                  function_ref<Values(const Rows &, Values)> body) {
  SmallVector<int64_t> degrees{1};
  if (kernel.features)
    degrees = kernel.features.getDegrees();
  int64_t channels = kernel.channels, whole = channels / b.lanes() * b.lanes();
  int64_t first = 0;
  for (auto [part, degree] : llvm::enumerate(degrees)) {
    unsigned number = part;
    if (degree == 0) {
      carried = body({b.index(first), b.tailMask(1), number, 0, 0}, carried);
      first += 1;
      continue;
    }
    // The channels in lanes, for each channel of a pair.
    auto forLanes = [&](Index from, Index pair, Values carried) {
      carried = b.loop(
          0, whole, b.lanes(), carried, [&](Value channel, ValueRange old) {
            return body({b.add(from, channel), {}, number, pair, channel},
                        Values(old));
          });
      if (whole == channels)
        return carried;
      return body({b.add(from, whole), b.tailMask(channels - whole), number,
                   pair, whole},
                  carried);
    };
    if (degree == 1) {
      carried = forLanes(first, 0, carried);
      first += channels;
      continue;
    }
    carried = b.loop(0, channels, 1, carried, [&](Value pair, ValueRange old) {
      return forLanes(b.add(b.mul(pair, channels), first), pair, Values(old));
    });
    first += channels * channels;
  }
  return carried;
}

Value ScanRows::loadFeature(Value buffer, Value token, const Rows &rows) {
  auto load = [&] {
    return b.load(buffer, {batch, token, head, rows.channel}, rows.mask);
  };
  if (!kernel.features)
    return load();
  int64_t degree = kernel.features.getDegrees()[rows.part];
  Values channels;
  if (degree == 2)
    channels.push_back(
        b.loadBroadcast(buffer, {batch, token, head, rows.pair}));
  if (degree > 0)
    channels.push_back(load());
  Value feature =
      kernel.features.buildFeature(b, rows.part, b.vectorType(), channels);
  if (!rows.mask)
    return feature;
  return arith::SelectOp::create(b, rows.mask, feature, b.splat(0.0));
}

KernelBuilder::Values ScanRows::loadGates(Value token, const Rows &rows) {
  Values values;
  for (auto [i, axes] : llvm::enumerate(kernel.gates)) {
    SmallVector<Index> at;
    if (axes.time)
      at.append({batch, token});
    at.push_back(head);
    Value buffer = b.buffer(kernel.firstGate + i);
    if (axes.row) {
      at.push_back(rows.row);
      values.push_back(b.load(buffer, at, rows.mask));
    } else {
      values.push_back(b.loadBroadcast(buffer, at));
    }
  }
  return values;
}

Value cpu::sumLanes(KernelBuilder &b, KernelBuilder::Values vectors) {
  // Halves of the lanes of a number fold onto one another; two vectors share
  // one as long as there are two.
  for (int64_t width = b.lanes() / 2; width > 0; width /= 2) {
    KernelBuilder::Values next;
    for (size_t i = 0; i < vectors.size(); i += 2) {
      Value first = vectors[i],
            second = vectors[std::min(i + 1, vectors.size() - 1)];
      SmallVector<int64_t> low, high;
      for (int64_t lane = 0; lane < 2 * b.lanes(); lane += 2 * width)
        for (int64_t k = 0; k < width; ++k) {
          low.push_back(lane + k);
          high.push_back(lane + width + k);
        }
      next.push_back(b.addf(b.shuffle(first, second, low),
                            b.shuffle(first, second, high)));
    }
    vectors = next;
  }
  return vectors.front();
}
