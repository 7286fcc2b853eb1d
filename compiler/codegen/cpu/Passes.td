//===- Passes.td - Passes of CPU code generation -----------*- tablegen -*-===//

include "mlir/Pass/PassBase.td"

def EmitKernelsPass : Pass<"weft-emit-kernels", "::mlir::ModuleOp"> {
  let summary = "Makes the functions of kernels for a level of CPUs";
  let description = [{
    Replaces each `program.kernel` by the function that the emitter of its family
    makes, see docs/program-level.md. Other rows of the program are dropped.
    `test/codegen/cpu/linear.mlir` shows an example.
  }];
  let options = [
    Option<"level", "level", "std::string", "\"x86-64-v4\"",
           "Level of CPUs: x86-64-v3, x86-64-v4, x86-64-v4-vnni, x86-64-v4-amx">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def ExportKernelsPass : Pass<"weft-export-kernels", "::mlir::ModuleOp"> {
  let summary = "Gives lowered kernels the C type of the runtime";
  let description = [{
    Beside each function of the LLVM dialect that was a kernel, one of the type in
    `runtime/include/weft/kernel_abi.h` takes its name; the kernel becomes private
    and is inlined. Sizes and strides that the buffers' types leave open are read
    from the scalars of the launch, in order. Buffers do not alias unless the
    kernel is marked `program.aliased`.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def ReplaceMathPass : Pass<"weft-replace-math"> {
  let summary = "Replaces elementary functions by arithmetic";
  let description = [{
    The f32 ops of the math dialect that would end as calls of a C library become
    the polynomials of `compiler/codegen/cpu/math`, on scalars and vectors alike.

    ```mlir
    %y = math.exp %x : vector<16xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
}
