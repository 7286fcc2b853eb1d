// RUN: weft-opt %s -weft-emit-kernels -split-input-file -verify-diagnostics

// expected-error @+1 {{expected a normaliser in 'normaliser'}}
program.kernel @normaliser family "attention" config {h = 2, g = 2, d = 8, e = 8}
  tasks affine_map<(b, t, s, i, j) -> (b)>
  operands [memref<?x?x2x8xf32>, memref<?x?x2x8xf32>, memref<?x?x2x8xf32>, memref<?x?x2x8xf32>] scalars 5

// -----

// expected-error @+1 {{expected heads in groups of equal size but got 3 heads and 2 key heads}}
program.kernel @groups family "attention_decode"
  config {normaliser = #weft.softmax, h = 3, g = 2, d = 8, e = 8, keys_per_task = 64}
  tasks affine_map<(b, t, s, i, j) -> (b)>
  operands [memref<?x?x3x8xf32>, memref<?x?x2x8xf32>, memref<?x?x2x8xf32>, memref<?x?x3x?x10xf32>] scalars 5

// -----

// expected-error @+1 {{expected 'key_heads_per_task' to divide 2 key heads but got 3}}
program.kernel @parts family "attention_decode"
  config {normaliser = #weft.softmax, h = 4, g = 2, d = 8, e = 8, keys_per_task = 64, key_heads_per_task = 3}
  tasks affine_map<(b, t, s, i, j) -> (b)>
  operands [memref<?x?x4x8xf32>, memref<?x?x2x8xf32>, memref<?x?x2x8xf32>, memref<?x?x4x?x10xf32>] scalars 5

// -----

// expected-error @+1 {{expected a normaliser with a maximum and a sum for 'lse'}}
program.kernel @lse family "attention"
  config {normaliser = #weft.sigmoid, h = 2, g = 2, d = 8, e = 8, lse, queries_per_task = 64}
  tasks affine_map<(b, t, s, i, j) -> (b)>
  operands [memref<?x?x2x8xf32>, memref<?x?x2x8xf32>, memref<?x?x2x8xf32>, memref<?x?x2x8xf32>, memref<?x2x?xf32>] scalars 5

// -----

// expected-error @+1 {{expected an integer 'queries_per_task' in the config of family 'attention'}}
program.kernel @tasks family "attention"
  config {normaliser = #weft.softmax, h = 2, g = 2, d = 8, e = 8}
  tasks affine_map<(b, t, s, i, j) -> (b)>
  operands [memref<?x?x2x8xf32>, memref<?x?x2x8xf32>, memref<?x?x2x8xf32>, memref<?x?x2x8xf32>] scalars 5

// -----

// expected-error @+1 {{expected 7 operands for its transition and region but got 3}}
program.kernel @gates family "scan"
  config {transition = #weft.decay<scalar>, h = 1, r = 4, c = 8, columns_per_task = 8}
  tasks affine_map<(b, t) -> (b)>
  operands [memref<?x?x1x4xf32>, memref<?x?x1x4xf32>, memref<?x?x1x8xf32>] scalars 2

// -----

// expected-error @+1 {{expected a map for each of 2 inputs and 1 outputs but got 2}}
program.kernel @maps family "generic"
  config {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
          iterator_types = [#linalg.iterator_type<parallel>], inputs = 2, outputs = 1}
  tasks affine_map<(n) -> (n)>
  operands [memref<?xf32>, memref<?xf32>, memref<?xf32>] scalars 1
