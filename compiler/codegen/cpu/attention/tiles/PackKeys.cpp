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
  void storeRows(Value from, const StoredRow &rows, int64_t count, Value to,
                 bool isTiled);
  void storeColumns();
  void store(Value vector, Value to, Index at) {
    b.store(toBf16(b, vector), to, {batch, head, block, at});
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

/// A key a row; as tiles, steps of 32 channels apart.
void PackEmitter::storeRows(Value from, const StoredRow &rows, int64_t count,
                            Value to, bool isTiled) {
  int64_t packed = getPackedChannels(count);
  Value first = b.mul(block, kPackedKeys);
  b.loop(0, kPackedKeys, 1, [&](Value r) {
    for (int64_t c = 0; c < packed; c += lanes) {
      Value at = b.add(b.mul(r, packed), c);
      if (isTiled) {
        at = b.add(b.mul(b.div(r, 16), 16 * packed), b.mul(b.rem(r, 16), 32));
        at = b.add(at, c / 32 * 512 + c % 32);
      }
      store(load(from, rows, b.add(first, r), c, count), to, at);
    }
  });
}

/// Tiles of values: squares of keys and channels, turned.
void PackEmitter::storeColumns() {
  Value first = b.mul(block, kPackedKeys);
  for (int64_t c = 0; c < getPackedChannels(valueChannels); c += lanes)
    b.loop(0, kPackedKeys, lanes, [&](Value r) {
      SmallVector<Value> square;
      for (int64_t i = 0; i < lanes; ++i)
        square.push_back(load(b.buffer(1), valueRows, b.add(b.add(first, r), i),
                              c, valueChannels));
      transpose(b, square);
      for (int64_t i = 0; i < lanes; ++i)
        store(square[i], values, b.add(r, (c + i) * kPackedKeys));
    });
}

void PackEmitter::emitBlock(Value ofBatch, Value ofHead, Value number) {
  batch = ofBatch, head = ofHead, block = number;
  bool isTiled = packsTiles(b);
  storeRows(b.buffer(0), keyRows, channels, keys, isTiled);
  if (isTiled)
    storeColumns();
  else
    storeRows(b.buffer(1), valueRows, valueChannels, values, false);
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
