//===- TileUnit.cpp - The instructions of a matrix unit -------------------===//

#include "compiler/codegen/cpu/linear/tiles/TileUnit.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

Value cpu::getAddress(KernelBuilder &b, Value buffer) {
  return memref::ExtractAlignedPointerAsIndexOp::create(b, buffer);
}

Value TileUnit::pointer(Value address) {
  Value number = arith::IndexCastOp::create(b, b.getI64Type(), address);
  return LLVM::IntToPtrOp::create(b, LLVM::LLVMPointerType::get(b.getContext()),
                                  number);
}

void TileUnit::call(StringRef name, ValueRange operands) {
  LLVM::CallIntrinsicOp::create(b, b.getStringAttr(name), operands);
}

/// The operand of ldtilecfg: palette 1, then at byte 16 the bytes of a row of
/// each tile (u16), at byte 48 its rows (u8).
void TileUnit::configure() {
  SmallVector<int8_t> bytes(64, 0);
  bytes[0] = 1;
  for (int64_t tile = 0; tile < kTiles; ++tile) {
    bytes[16 + 2 * tile] = kRowBytes;
    bytes[48 + tile] = kRows;
  }
  VectorType type = b.vectorType(b.getI8Type(), 64);
  Value shapes = b.scratch({64}, b.getI8Type());
  b.store(arith::ConstantOp::create(
              b, DenseElementsAttr::get(type, ArrayRef<int8_t>(bytes))),
          shapes, {0});
  call("llvm.x86.ldtilecfg", pointer(getAddress(b, shapes)));
}

void TileUnit::release() { call("llvm.x86.tilerelease", {}); }

void TileUnit::zero(int64_t tile) { call("llvm.x86.tilezero", number(tile)); }

void TileUnit::load(int64_t tile, Value address, int64_t stride) {
  call("llvm.x86.tileloadd64",
       {number(tile), pointer(address), b.integer(stride, b.getI64Type())});
}

void TileUnit::stream(int64_t tile, Value address, int64_t stride) {
  call("llvm.x86.tileloaddt164",
       {number(tile), pointer(address), b.integer(stride, b.getI64Type())});
}

void TileUnit::store(int64_t tile, Value address, int64_t stride) {
  call("llvm.x86.tilestored64",
       {number(tile), pointer(address), b.integer(stride, b.getI64Type())});
}

void TileUnit::multiplyBf16(int64_t sums, int64_t rows, int64_t columns) {
  call("llvm.x86.tdpbf16ps", {number(sums), number(rows), number(columns)});
}

void TileUnit::multiplyBytes(int64_t sums, int64_t rows, int64_t columns) {
  call("llvm.x86.tdpbssd", {number(sums), number(rows), number(columns)});
}

Value TileUnit::order(Value vector) {
  return LLVM::InlineAsmOp::create(
             b, vector.getType(), vector, /*asm_string=*/"",
             /*constraints=*/"=v,0", /*has_side_effects=*/true,
             /*is_align_stack=*/false, LLVM::TailCallKind::None,
             /*asm_dialect=*/LLVM::AsmDialectAttr(),
             /*operand_attrs=*/ArrayAttr())
      .getRes();
}

void TileUnit::prefetch(Value address) {
  LLVM::Prefetch::create(b, pointer(address), /*rw=*/0, /*hint=*/2,
                         /*cache=*/1);
}
