// RUN: weft-opt %s -weft-lower-to-program='max-batch=8 max-sequence=100' -split-input-file | FileCheck %s

// Batch and tokens by their place; what else is dynamic has a symbol of its own.
func.func @places(%x: tensor<?x?x?xf32> {weft.name = "x"},
                  %y: tensor<?x4xf32> {weft.name = "y"}) -> tensor<?x4xf32> {
  %0 = math.exp %y : tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// CHECK: program.function @places inputs ["x", "y"] outputs ["out0"] dims {{\[\[}}-1, -2, -3], [-1, 4], [-1, 4{{\]\]}} symbols ["batch", "tokens", "x_2"] maxima [8, 100, 100]

// -----

// The sequence may be another axis.
func.func @sequence(%x: tensor<?x4xf32> {weft.sequence = 0})
    -> (tensor<?x4xf32> {weft.symbols = ["tokens"]}) {
  %0 = math.exp %x : tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// CHECK: program.function @sequence {{.*}} dims {{\[\[}}-1, 4], [-1, 4{{\]\]}} symbols ["tokens"] maxima [100]

// -----

// Names tell axes apart that stand at the same place.
func.func @cross(%q: tensor<?x?x2x8xf32>,
                 %k: tensor<?x?x2x8xf32> {weft.symbols = ["batch", "keys"]})
    -> tensor<?x?x2x8xf32> {
  %0 = weft.attention %q, %k, %k normaliser(#weft.softmax)
    : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>
    -> tensor<?x?x2x8xf32>
  return %0 : tensor<?x?x2x8xf32>
}

// CHECK: program.function @cross {{.*}} symbols ["batch", "tokens", "keys"] maxima [8, 100, 100]
// CHECK-DAG: %[[B:.*]] = program.symbol 0
// CHECK-DAG: %[[T:.*]] = program.symbol 1
// CHECK-DAG: %[[S:.*]] = program.symbol 2
// CHECK: program.launch @attention_0 {{.*}} scalars(%[[B]], %[[T]], %[[S]], %c0, %c0)
