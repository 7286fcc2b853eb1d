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
  llvm::SmallVector<program::PanelsAttr> layouts;
  mlir::Region *element = nullptr; ///< Null: one product, written as it is.

  unsigned getNumProducts() const { return layouts.size(); }
  mlir::Value input(KernelBuilder &b) const { return b.buffer(0); }
  mlir::Value weight(KernelBuilder &b, unsigned product) const {
    return b.buffer(1 + product);
  }
  unsigned getFirstExtra() const { return 1 + getNumProducts(); }
  mlir::Value out(KernelBuilder &b) const {
    return b.buffer(b.getNumBuffers() - 1);
  }
  /// Rows of a launch where they are known, else -1.
  int64_t getStaticRows(KernelBuilder &b) const;
  /// Vectors across a panel.
  int64_t getVectors(KernelBuilder &b) const { return width / b.lanes(); }

private:
  mlir::LogicalResult readConfig(KernelBuilder &b);
  mlir::LogicalResult checkOperands(KernelBuilder &b);
};

/// Sums of some rows and neighbouring vectors of columns, for every product.
/// Those of all products but the last may wait in memory, so that each product
/// has all registers to itself.
class Accumulators {
public:
  Accumulators(unsigned products, int64_t rows, int64_t vectors)
      : products(products), rows(rows), vectors(vectors),
        values(products * rows * vectors) {}

  mlir::Value get(KernelBuilder &b, unsigned product, int64_t row,
                  int64_t vector) const;
  /// Takes the sums of a product, by row, then vector; with `memory`, a buffer
  /// of [products][rows][columns], stores them there.
  void set(KernelBuilder &b, unsigned product, mlir::ValueRange sums,
           mlir::Value memory = {});

  unsigned products;
  int64_t rows, vectors;

private:
  llvm::SmallVector<mlir::Value> values; ///< Null: in memory.
  mlir::Value memory;
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
};

/// Emits one panel for a block of rows through register tiles. `panels`: that
/// of each product as f32; `memory`: of createTileMemory().
mlir::LogicalResult emitTiles(KernelBuilder &b, const LinearKernel &kernel,
                              mlir::ValueRange panels, mlir::Value panel,
                              const RowBlock &rows, mlir::Value memory);

/// Scratch for the tiles of all products but the last; null if there is one.
mlir::Value createTileMemory(KernelBuilder &b, const LinearKernel &kernel);

/// Most rows that emitFewRows() takes: their sums stay in registers.
int64_t getMaxFewRows(KernelBuilder &b, const LinearKernel &kernel);

/// Emits one panel for a fixed, small number of rows straight from packed codes
/// or numbers. `sums`: sums of the input over each group,
/// [product][rows][groups], for products that have minima.
mlir::LogicalResult emitFewRows(KernelBuilder &b, const LinearKernel &kernel,
                                mlir::Value panel, int64_t rows,
                                mlir::ArrayRef<mlir::Value> sums);

/// Fills the sums that emitFewRows() takes; once a task.
llvm::SmallVector<mlir::Value>
emitGroupSums(KernelBuilder &b, const LinearKernel &kernel, int64_t rows);

/// Writes panel `number` of a product as f32 to `target` [K][width].
void emitDequantize(KernelBuilder &b, const LinearKernel &kernel,
                    unsigned product, mlir::Value number, mlir::Value target);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_LINEARKERNEL_H
