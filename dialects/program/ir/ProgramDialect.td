//===- ProgramDialect.td - The program dialect -------------*- tablegen -*-===//

#ifndef PROGRAM_IR_PROGRAMDIALECT_TD
#define PROGRAM_IR_PROGRAMDIALECT_TD

include "mlir/IR/DialectBase.td"

def Program_Dialect : Dialect {
  let name = "program";
  let summary = "What an artifact holds: functions, launches, buffers, states";
  let description = [{
    Each op is a row of the artifact, nothing else. Buffers and views are memrefs,
    sizes and offsets `arith` on index, control flow is `scf.for` and `scf.if`.
    `docs/program-level.md` gives the kernel families.
  }];
  let cppNamespace = "::weft::program";
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::weft::WeftDialect"
  ];
  let extraClassDeclaration = [{
    void registerLayouts();
  }];
}

#endif // PROGRAM_IR_PROGRAMDIALECT_TD
