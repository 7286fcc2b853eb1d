// RUN: weft-opt %s -weft-emit-kernels -split-input-file -verify-diagnostics

// expected-error @+1 {{expected precision 'f64', 'f32', 'split', 'bf16' or 'int8' but got 'int3'}}
program.kernel @precision family "linear"
  config {k = 64, n = 48, layouts = [#program.panels<48 by 64 of f32, width 48>],
          rows_per_task = 1, panels_per_task = 1, precision = "int3"}
  tasks affine_map<()[m] -> (m)>
  operands [memref<?x64xf32>, memref<12288xi8>, memref<?x48xf32>] scalars 1

// -----

// expected-error @+1 {{expected weights of 48 by 64 in panels of 48 but got #program.panels<96 by 64 of f32, width 48>}}
program.kernel @shape family "linear"
  config {k = 64, n = 48, layouts = [#program.panels<96 by 64 of f32, width 48>],
          rows_per_task = 1, panels_per_task = 1, precision = "f32"}
  tasks affine_map<()[m] -> (m)>
  operands [memref<?x64xf32>, memref<24576xi8>, memref<?x48xf32>] scalars 1

// -----

// expected-error @+1 {{expected an input of 64 columns but got 'memref<?x63xf32>'}}
program.kernel @input family "linear"
  config {k = 64, n = 48, layouts = [#program.panels<48 by 64 of f32, width 48>],
          rows_per_task = 1, panels_per_task = 1, precision = "f32"}
  tasks affine_map<()[m] -> (m)>
  operands [memref<?x63xf32>, memref<12288xi8>, memref<?x48xf32>] scalars 1

// -----

// expected-error @+1 {{expected an element region on 2 numbers, the products and extras}}
program.kernel @element family "linear"
  config {k = 64, n = 48, layouts = [#program.panels<48 by 64 of f32, width 48>],
          rows_per_task = 1, panels_per_task = 1, precision = "f32"}
  tasks affine_map<()[m] -> (m)>
  operands [memref<?x64xf32>, memref<12288xi8>, memref<48xf32>, memref<?x48xf32>] scalars 1

// -----

// expected-error @+1 {{expected tiles of 1 or 2 parts of bf16 or one of i8 but got #program.panels<48 by 64 of tuple<f16>, width 48>}}
program.kernel @tiles family "linear"
  config {k = 64, n = 48, layouts = [#program.panels<48 by 64 of tuple<f16>, width 48>],
          rows_per_task = 32, panels_per_task = 2, precision = "bf16"}
  tasks affine_map<()[m] -> (m ceildiv 32)>
  operands [memref<?x64xf32>, memref<6144xi8>, memref<?x48xf32>] scalars 1

// -----

// expected-error @+1 {{expected all weights in tiles of i8, or none}}
program.kernel @mixed family "linear"
  config {k = 64, n = 48,
          layouts = [#program.panels<48 by 64 of tuple<i8>, width 48>,
                     #program.panels<48 by 64 of f32, width 48>],
          rows_per_task = 32, panels_per_task = 2, precision = "int8"}
  tasks affine_map<()[m] -> (m ceildiv 32)>
  operands [memref<?x64xf32>, memref<3456xi8>, memref<12288xi8>, memref<?x48xf32>] scalars 1

// -----

// expected-error @+1 {{expected tiles of 64 columns and weights in tiles of i8 but got 'memref<?x1088xi8>' and #program.panels<48 by 64 of tuple<bf16>, width 48>}}
program.kernel @bytes family "linear"
  config {k = 64, n = 48, layouts = [#program.panels<48 by 64 of tuple<bf16>, width 48>],
          rows_per_task = 32, panels_per_task = 2, precision = "bf16"}
  tasks affine_map<()[m] -> (m ceildiv 32)>
  operands [memref<?x1088xi8>, memref<6144xi8>, memref<?x48xf32>] scalars 1

// -----

// expected-error @+1 {{expected weights in tiles of i8 or in blocks for precision 'int8' but got #program.panels<48 by 64 of f32, width 48>}}
program.kernel @numbers family "linear"
  config {k = 64, n = 48, layouts = [#program.panels<48 by 64 of f32, width 48>],
          rows_per_task = 32, panels_per_task = 2, precision = "int8"}
  tasks affine_map<()[m] -> (m ceildiv 32)>
  operands [memref<?x64xf32>, memref<12288xi8>, memref<?x48xf32>] scalars 1

// -----

// expected-error @+1 {{expected rows_at_once of at least rows_per_task, 32, but got 16}}
program.kernel @at_once family "linear"
  config {k = 64, n = 48, layouts = [#program.panels<48 by 64 of tuple<bf16>, width 48>],
          rows_per_task = 32, rows_at_once = 16, panels_per_task = 2, precision = "bf16"}
  tasks affine_map<()[m] -> (m ceildiv 32)>
  operands [memref<?x64xf32>, memref<6144xi8>, memref<?x48xf32>] scalars 1
