//===- ProgramOpBase.td - What all program ops share -------*- tablegen -*-===//

#ifndef PROGRAM_OPS_PROGRAMOPBASE_TD
#define PROGRAM_OPS_PROGRAMOPBASE_TD

include "dialects/program/ir/ProgramDialect.td"
include "dialects/program/layouts/LayoutInterface.td"
include "dialects/weft/kinds/Enums.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Program_Op<string mnemonic, list<Trait> traits = []>
    : Op<Program_Dialect, mnemonic, traits>;

#endif // PROGRAM_OPS_PROGRAMOPBASE_TD
