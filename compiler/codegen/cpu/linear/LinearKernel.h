//===- LinearKernel.h - What a kernel of family linear computes -*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_LINEAR_LINEARKERNEL_H
#define WEFT_CODEGEN_CPU_LINEAR_LINEARKERNEL_H

#include "compiler/codegen/cpu/linear/Panels.h"

namespace weft::cpu {

/// A kernel's config and operands, checked. Products share K, N and the width
/// of panels; storages may differ.
struct LinearKernel {
  /// Fails with an error on the kernel.
  static mlir::FailureOr<LinearKernel> create(KernelBuilder &b);

  int64_t k = 0, n = 0, width = 0, panels = 0;
  int64_t rowsPerTask = 0, panelsPerTask = 0;
  int64_t rowsAtOnce = 0; ///< Of all tasks of some row blocks, at most.
  llvm::StringRef precision = "f32"; ///< f64, f32, split, bf16, int8.
  llvm::SmallVector<program::PanelsAttr> layouts;
  mlir::Region *element = nullptr; ///< Null: one product, written as it is.
  mlir::Value scaleScratch;        ///< Of GroupScales, for all products.
  /// Rows of a tiled input as f32, in scratch; null: input() is rows of f32.
  mlir::Value widened;

  unsigned getNumProducts() const { return layouts.size(); }
  /// Rows of f32: operand 0, or those that are widened.
  mlir::Value input(KernelBuilder &b) const {
    return widened ? widened : b.buffer(0);
  }
  /// Whether operand 0 stands in tiles of bf16 (RowTiles.h).
  bool hasTiledInput(KernelBuilder &b) const;
  /// Whether it does in tiles of bytes (ByteTiles.h).
  bool hasByteInput(KernelBuilder &b) const;
  mlir::Value weight(KernelBuilder &b, unsigned product) const {
    return b.buffer(1 + product);
  }
  unsigned getFirstExtra() const { return 1 + getNumProducts(); }
  mlir::Value out(KernelBuilder &b) const {
    return b.buffer(b.getNumBuffers() - 1);
  }
  /// Rows of a launch where they are known, else -1.
  int64_t getStaticRows(KernelBuilder &b) const;
  /// Numbers of K that are added up before their sum joins the others: whole
  /// blocks, few enough for rounding errors not to grow with K and for their
  /// f32 to stay in the first-level cache.
  int64_t getPartOfK() const;
  /// Of the numbers that sums of products are, f32 or f64.
  mlir::Type getSumType(KernelBuilder &b) const;
  /// Whether tiles can read all weights as they are.
  bool isPlain() const;
  /// Whether all weights are codes in tiles, and products are of integers.
  bool hasCodes() const;
  /// Whether products are of integers in each group of weights in blocks.
  bool hasGroups() const;
  /// Vectors across a panel.
  int64_t getVectors(KernelBuilder &b) const { return width / b.lanes(); }

private:
  mlir::LogicalResult readConfig(KernelBuilder &b);
  mlir::LogicalResult checkOperands(KernelBuilder &b);
};

/// Sums of some rows and neighbouring vectors of columns, for every product.
/// Those that are not set wait in memory, so that each product has all
/// registers to itself.
class Accumulators {
public:
  Accumulators(unsigned products, int64_t rows, int64_t vectors)
      : products(products), rows(rows), vectors(vectors), values(products) {}

  mlir::Value get(KernelBuilder &b, unsigned product, int64_t row,
                  int64_t vector) const;
  /// Takes the sums of a product, by row, then vector.
  void set(unsigned product, mlir::ValueRange sums) {
    values[product] = llvm::to_vector(sums);
  }
  /// Where the sums of the others are: [products][rows][columns].
  void setMemory(mlir::Value buffer, mlir::Value row, mlir::Value column) {
    memory = buffer;
    firstRow = row;
    firstColumn = column;
  }

  unsigned products;
  int64_t rows, vectors;

private:
  llvm::SmallVector<llvm::SmallVector<mlir::Value>> values;
  mlir::Value memory, firstRow, firstColumn;
};

/// Applies the element region and stores rows from `row` on, columns from
/// `column` on; lanes beyond N are left out.
mlir::LogicalResult writeBack(KernelBuilder &b, const LinearKernel &kernel,
                              const Accumulators &acc, mlir::Value row,
                              mlir::Value column);

/// Rows from `row` on; `staticCount` is -1 where the number is not known.
struct RowBlock {
  mlir::Value row, count;
  int64_t staticCount;
  mlir::Value inputRow; ///< Of kernel.input(); null: `row`.
  mlir::Value getInputRow(KernelBuilder &b, KernelBuilder::Index number) const {
    return b.add(inputRow ? inputRow : row, number);
  }
};

/// A part of K, whole blocks: the input's columns, the weights' rows.
struct ColumnRange {
  mlir::Value first, count;
};

class GroupPart;

/// What register tiles multiply: a block of rows by a part of K of a panel.
struct TileWork {
  unsigned product;
  mlir::Value panel; ///< Its number.
  ColumnRange range;
  mlir::Value weights;  ///< The panel, or a part of it, [k][width] of f32.
  mlir::Value firstRow; ///< Of `weights`, that of range.first.
  GroupPart *groups = nullptr; ///< Instead of weights in f32.
  RowBlock rows;
  /// Whether the range is the first and the last one; null: it is the only one.
  mlir::Value isFirst, isLast;
  mlir::Value memory; ///< Of createTileMemory().
};
mlir::LogicalResult emitTiles(KernelBuilder &b, const LinearKernel &kernel,
                              const TileWork &work);

/// Rows that a tile has at most.
int64_t getMaxTileRows(KernelBuilder &b, const LinearKernel &kernel);

/// Scratch for the sums of parts of K and of products; null if tiles need none.
mlir::Value createTileMemory(KernelBuilder &b, const LinearKernel &kernel);

/// Writes `range` of panel `number` of a product as f32 to `target`
/// [range.count][width].
void emitDequantize(KernelBuilder &b, const LinearKernel &kernel,
                    unsigned product, mlir::Value number,
                    const ColumnRange &range, mlir::Value target);

/// Most rows that emitFewRows() takes: their sums stay in registers. None where
/// sums are f64: tiles take those.
int64_t getMaxFewRows(KernelBuilder &b, const LinearKernel &kernel);

/// A panel for a fixed, small number of rows.
struct FewRowsPanel {
  RowBlock rows;
  mlir::Value panel, lastPanel; ///< Numbers; the last one of the call.
  /// Sums of the input over each group, [product][rows][groups], for products
  /// that have minima.
  mlir::ArrayRef<mlir::Value> sums;
};
/// Emits it straight from packed codes or numbers.
mlir::LogicalResult emitFewRows(KernelBuilder &b, const LinearKernel &kernel,
                                const FewRowsPanel &where);

/// Scratch for the sums that emitFewRows() takes.
llvm::SmallVector<mlir::Value>
createGroupSums(KernelBuilder &b, const LinearKernel &kernel, int64_t rows);

/// Fills them; once a task.
void emitGroupSums(KernelBuilder &b, const LinearKernel &kernel,
                   const RowBlock &rows, mlir::ValueRange sums);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_LINEARKERNEL_H
