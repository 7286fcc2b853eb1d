//===- PackKeys.cpp - Kernels of family attention_pack --------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/VectorBlocks.h"
#include "compiler/codegen/cpu/attention/AttentionKernel.h"
#include "compiler/codegen/cpu/attention/tiles/PackedKeys.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Index = KernelBuilder::Index;

/// Numbers of a row of a tile.
static constexpr int64_t kTileNumbers = 32;

Value cpu::roundSideBySide(KernelBuilder &b, Value low, Value high) {
  return b.intrinsic("llvm.x86.avx512bf16.cvtne2ps2bf16.512",
                     b.vectorType(b.getBF16Type(), 2 * b.lanes()), {high, low});
}

bool cpu::packsTiles(KernelBuilder &b) {
  return b.getLevel().has("amx-bf16") && b.lanes() == 16;
}

namespace {

class PackEmitter {
public:
  PackEmitter(KernelBuilder &b, StoredRow keyRows, StoredRow valueRows,
              int64_t channels, int64_t valueChannels)
      : b(b), keyRows(keyRows), valueRows(valueRows), channels(channels),
        valueChannels(valueChannels), lanes(b.lanes()), keys(join(b.buffer(2))),
        values(join(b.buffer(3))) {}

  void emitBlock(Value batch, Value head, Value block);

private:
  /// A packed buffer with the numbers of a block in one axis.
  Value join(Value packed);
  /// The numbers of a key from channel `c` on, rounded later; zeros past the
  /// last key and the last channel.
  Value load(Value buffer, const StoredRow &rows, Value key, int64_t c,
             int64_t count);
  void storeRows(Value from, const StoredRow &rows, int64_t count, Value to);
  void storeKeyTiles();
  void storeValueTiles();
  /// Stores the bits of a row of a tile.
  void storeTileRow(Value row, Value to, Index at) {
    VectorType numbers = b.vectorType(b.getBF16Type(), kTileNumbers);
    b.store(vector::BitCastOp::create(b, numbers, row), to,
            {batch, head, block, at});
  }

  KernelBuilder &b;
  StoredRow keyRows, valueRows;
  int64_t channels, valueChannels, lanes;
  Value keys, values; ///< [batch, head, block, number]
  Value batch, head, block;
};

} // namespace

Value PackEmitter::join(Value packed) {
  SmallVector<ReassociationIndices> groups{{0}, {1}, {2}, {3, 4}};
  return memref::CollapseShapeOp::create(b, packed, groups);
}

Value PackEmitter::load(Value buffer, const StoredRow &rows, Value key,
                        int64_t c, int64_t count) {
  if (c >= count)
    return b.splat(0.0);
  Value last = b.sub(b.scalar(1), 1);
  SmallVector<Index> at{batch, b.min(key, last), head};
  Value mask = c + lanes > count ? b.tailMask(count - c) : Value();
  Value x = rows.load(b, buffer, at, c, mask);
  if (rows.hasScale())
    x = b.mulf(x, b.broadcast(rows.loadScale(b, buffer, at)));
  return arith::SelectOp::create(b, b.less(key, b.scalar(1)), x, b.splat(0.0));
}

/// A key a row.
void PackEmitter::storeRows(Value from, const StoredRow &rows, int64_t count,
                            Value to) {
  int64_t packed = getPackedChannels(count);
  Value first = b.mul(block, kPackedKeys);
  b.loop(0, kPackedKeys, 1, [&](Value r) {
    for (int64_t c = 0; c < packed; c += lanes)
      b.store(toBf16(b, load(from, rows, b.add(first, r), c, count)), to,
              {batch, head, block, b.add(b.mul(r, packed), c)});
  });
}

/// Tiles of keys: squares of keys and pairs of channels, turned.
void PackEmitter::storeKeyTiles() {
  int64_t packed = getPackedChannels(channels);
  b.loop(0, kPackedKeys, lanes, [&](Value half) {
    Value first = b.add(b.mul(block, kPackedKeys), half);
    for (int64_t c = 0; c < packed; c += 2 * lanes) {
      SmallVector<Value> square;
      for (int64_t i = 0; i < lanes; ++i) {
        Value key = b.add(first, i);
        Value low = load(b.buffer(0), keyRows, key, c, channels);
        Value high = load(b.buffer(0), keyRows, key, c + lanes, channels);
        square.push_back(vector::BitCastOp::create(
            b, b.vectorType(), roundSideBySide(b, low, high)));
      }
      transpose(b, square);
      for (auto [pair, row] : llvm::enumerate(square))
        storeTileRow(
            row, keys,
            b.add(b.mul(half, packed), (c / 2 + int64_t(pair)) * kTileNumbers));
    }
  });
}

/// Tiles of values: a pair is of the keys at one place of both halves.
void PackEmitter::storeValueTiles() {
  SmallVector<int64_t> pairs;
  for (int64_t i = 0; i < lanes; ++i)
    pairs.append({i, lanes + i});
  Value first = b.mul(block, kPackedKeys);
  b.loop(0, lanes, 1, [&](Value r) {
    Value key = b.add(first, r);
    for (int64_t c = 0; c < getPackedChannels(valueChannels); c += lanes) {
      Value low = load(b.buffer(1), valueRows, key, c, valueChannels);
      Value high =
          load(b.buffer(1), valueRows, b.add(key, lanes), c, valueChannels);
      Value both = roundSideBySide(b, low, high);
      storeTileRow(b.shuffle(both, both, pairs), values,
                   b.add(b.mul(r, kTileNumbers), c * kPackedKeys));
    }
  });
}

void PackEmitter::emitBlock(Value ofBatch, Value ofHead, Value number) {
  batch = ofBatch, head = ofHead, block = number;
  if (packsTiles(b)) {
    storeKeyTiles();
    storeValueTiles();
    return;
  }
  storeRows(b.buffer(0), keyRows, channels, keys);
  storeRows(b.buffer(1), valueRows, valueChannels, values);
}

static LogicalResult emitPack(program::KernelOp kernel, KernelBuilder &b) {
  FailureOr<int64_t> heads = b.requireInt("g"), channels = b.requireInt("d"),
                     valueChannels = b.requireInt("e"),
                     perTask = b.requireInt("blocks_per_task");
  if (failed(heads) || failed(channels) || failed(valueChannels) ||
      failed(perTask))
    return failure();
  if (b.getNumBuffers() != 4 || kernel.getScalars() != 2)
    return kernel.emitOpError()
           << "expected 4 operands and 2 scalars but got " << b.getNumBuffers()
           << " and " << kernel.getScalars();
  FailureOr<StoredRow> keyRows = StoredRow::read(b, 0, *channels),
                       valueRows = StoredRow::read(b, 1, *valueChannels);
  if (failed(keyRows) || failed(valueRows))
    return failure();
  PackEmitter emitter(b, *keyRows, *valueRows, *channels, *valueChannels);
  Value blocks = b.ceilDiv(b.scalar(1), kPackedKeys);
  Value parts = b.ceilDiv(blocks, *perTask);
  b.forTasks([&](Value task) {
    Value batchHead = b.div(task, parts);
    Value first = b.mul(b.rem(task, parts), *perTask);
    b.loop(first, b.min(b.add(first, *perTask), blocks), 1, [&](Value block) {
      emitter.emitBlock(b.div(batchHead, *heads), b.rem(batchHead, *heads),
                        block);
    });
  });
  return success();
}

static RegisterKernelEmitter pack("attention_pack", emitPack);
