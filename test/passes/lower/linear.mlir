// RUN: weft-opt %s -weft-lower-to-program -split-input-file | FileCheck %s

weft.parameter @w : tensor<96x64xf32> in "m" at 0
weft.parameter @b : tensor<96xf32> in "m" at 24576

func.func @biased(%x: tensor<?x?x64xf32> {weft.name = "x"})
    -> (tensor<?x?x96xf32> {weft.name = "y"}) {
  %w = weft.use @w : tensor<96x64xf32>
  %b = weft.use @b : tensor<96xf32>
  %y = weft.linear %x, %w with %b combine(%acc, %bias) {
    %0 = arith.addf %acc, %bias : f32
    weft.yield %0 : f32
  } : tensor<?x?x64xf32>, tensor<96x64xf32> with tensor<96xf32>
    -> tensor<?x?x96xf32>
  return %y : tensor<?x?x96xf32>
}

// The result is computed in the caller's buffer; all rows are one axis.
// CHECK-DAG: #[[TASKS:.*]] = affine_map<()[s0] -> (s0 ceildiv 264)>
// CHECK: program.function @biased inputs ["x"] outputs ["y"] dims {{\[\[}}-1, -2, 64], [-1, -2, 96{{\]\]}} symbols ["batch", "tokens"]
// CHECK: ^bb0(%[[X:.*]]: memref<?x?x64xf32>, %[[Y:.*]]: memref<?x?x96xf32>):
// CHECK-DAG: %[[W:.*]] = program.use_parameter @w.packed : memref<24576xi8>
// CHECK-DAG: %[[B:.*]] = program.use_parameter @b.packed : memref<96xf32>
// CHECK-DAG: %[[M:.*]] = arith.muli
// CHECK: %[[ROWS:.*]] = program.view %[[X]] at %c0 sizes(%[[M]]) strides() : memref<?x?x64xf32> to memref<?x64xf32>
// CHECK: %[[OUT:.*]] = program.view %[[Y]] at %c0 sizes(%[[M]]) strides()
// CHECK: %[[T:.*]] = arith.ceildivsi %[[M]], %c264
// CHECK: program.launch @linear_0 tasks(%[[T]]) buffers(%[[ROWS]], %[[W]], %[[B]], %[[OUT]]) scalars(%[[M]]) writes [3]
// CHECK-NOT: program.alloc

// CHECK: program.parameter @w.packed : #program.panels<96 by 64 of f32, width 48> from [@w]
// CHECK: program.parameter @b.packed : #program.rows<tensor<96xf32>> from [@b]
// CHECK: program.kernel @linear_0 family "linear"
// CHECK-SAME: k = 64 : i64, layouts = [#program.panels<96 by 64 of f32, width 48>], n = 96 : i64
// CHECK-SAME: precision = "f32"
// CHECK-SAME: tasks #[[TASKS]] operands [memref<?x64xf32>, memref<24576xi8>, memref<96xf32>, memref<?x96xf32>] scalars 1 element {
// CHECK: ^bb0(%[[ACC:.*]]: f32, %[[BIAS:.*]]: f32):
// CHECK: arith.addf %[[ACC]], %[[BIAS]]

// -----

// Equal launches share a kernel; a tied table is stored once, as panels.
weft.parameter @e : tensor<128x64xf32> in "m" at 0

func.func @tied(%ids: tensor<1x1xi64>) -> tensor<1x1x128xf32> {
  %e = weft.use @e : tensor<128x64xf32>
  %x = weft.embed %ids, %e
    : tensor<1x1xi64>, tensor<128x64xf32> -> tensor<1x1x64xf32>
  %a = weft.linear %x, %e
    : tensor<1x1x64xf32>, tensor<128x64xf32> -> tensor<1x1x128xf32>
  %h = tensor.extract_slice %a[0, 0, 0] [1, 1, 64] [1, 1, 1]
    : tensor<1x1x128xf32> to tensor<1x1x64xf32>
  %y = weft.linear %h, %e
    : tensor<1x1x64xf32>, tensor<128x64xf32> -> tensor<1x1x128xf32>
  return %y : tensor<1x1x128xf32>
}

// CHECK-LABEL: program.function @tied
// CHECK: program.launch @embed_0
// CHECK: program.launch @linear_0
// CHECK: program.launch @linear_0
// CHECK: program.parameter @e.packed : #program.panels<128 by 64 of f32, width 48>
// CHECK-NOT: program.parameter
// CHECK: program.kernel @linear_0
// CHECK-NOT: program.kernel
