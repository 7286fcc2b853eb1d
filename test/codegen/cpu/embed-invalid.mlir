// RUN: weft-opt %s -weft-emit-kernels -split-input-file -verify-diagnostics

// expected-error @+1 {{expected a family with a CPU emitter but got 'telepathy'}}
program.kernel @unknown family "telepathy" config {} tasks affine_map<(m) -> (m)>
  operands [] scalars 1

// -----

// expected-error @+1 {{expected an integer 'rows' in the config of family 'embed'}}
program.kernel @config family "embed" config {c = 20} tasks affine_map<(m) -> (m)>
  operands [memref<?xi64>, memref<4000xi8>, memref<?x20xf32>] scalars 1

// -----

// expected-error @+1 {{expected operand 1 of type 'memref<5760xi8>' for its layout but got 'memref<10xi8>'}}
program.kernel @bytes family "embed"
  config {layout = #program.panels<100 by 64 of !weft.blocks<#weft.q4_1>, width 48>, rows = 100, c = 64}
  tasks affine_map<(m) -> (m)>
  operands [memref<?xi64>, memref<10xi8>, memref<?x64xf32>] scalars 1
