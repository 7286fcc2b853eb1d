// RUN: weft-opt %s | weft-opt | FileCheck %s

// CHECK: weft.parameter @w
weft.parameter @w : tensor<96x64xf32> in "model" at 0
weft.parameter @a_log : tensor<16xf32> in "model" at 24576

// CHECK: program.parameter @w.packed : #program.panels<96 by 64 of f32, width 48> from [@w]
program.parameter @w.packed : #program.panels<96 by 64 of f32, width 48> from [@w]

// CHECK: program.parameter @frequencies : #program.rows<tensor<2xf64>> data dense<[1.000000e+00, 5.000000e-01]>
program.parameter @frequencies : #program.rows<tensor<2xf64>>
  data dense<[1.0, 0.5]> : tensor<2xf64>

// CHECK: program.parameter @decay : #program.rows<tensor<16xf32>> from [@a_log] compute {
// CHECK-NEXT: ^bb0(%[[A:.*]]: tensor<16xf32>):
// CHECK-NEXT:   %[[EXP:.*]] = math.exp %[[A]] : tensor<16xf32>
// CHECK-NEXT:   program.yield %[[EXP]] : tensor<16xf32>
program.parameter @decay : #program.rows<tensor<16xf32>> from [@a_log] compute {
^bb0(%a: tensor<16xf32>):
  %0 = math.exp %a : tensor<16xf32>
  program.yield %0 : tensor<16xf32>
}

// CHECK: program.state @layers.0.key<append> : memref<4096x3x64xf32>
program.state @layers.0.key<append> : memref<4096x3x64xf32>
// CHECK: program.state @layers.1.key<last> window 255 : memref<1022x3x64xf32>
program.state @layers.1.key<last> window 255 : memref<1022x3x64xf32>
// CHECK: program.state @layers.2.scan<fixed> : memref<1x4x16x32xf32>
program.state @layers.2.scan<fixed> : memref<1x4x16x32xf32>

// CHECK: program.kernel @linear_0 family "linear" config {k = 64 : i64, n = 96 : i64} tasks #{{.*}} operands [memref<?x64xf32>, memref<24576xi8>, memref<?x96xf32>] scalars 1 element {
program.kernel @linear_0 family "linear" config {k = 64, n = 96}
    tasks affine_map<()[m] -> (m ceildiv 96)>
    operands [memref<?x64xf32>, memref<24576xi8>, memref<?x96xf32>] scalars 1
    element {
^bb0(%acc: f32):
  %0 = math.tanh %acc : f32
  weft.yield %0 : f32
}

// CHECK-LABEL: program.function @prefill inputs ["x"] outputs ["y"] dims {{\[\[}}1, -1, 64], [1, -1, 96{{\]\]}} symbols ["tokens"] maxima [512] {
program.function @prefill inputs ["x"] outputs ["y"]
    dims [[1, -1, 64], [1, -1, 96]] symbols ["tokens"] maxima [512] {
^bb0(%x: memref<1x?x64xf32>, %y: memref<1x?x96xf32>):
  %c0 = arith.constant 0 : index
  %c96 = arith.constant 96 : index
  // CHECK: %[[T:.*]] = program.symbol 0
  %t = program.symbol 0
  // CHECK: program.use_parameter @w.packed : memref<24576xi8>
  %w = program.use_parameter @w.packed : memref<24576xi8>
  // CHECK: program.use_state @layers.0.key : memref<4096x3x64xf32>
  %s = program.use_state @layers.0.key : memref<4096x3x64xf32>
  // CHECK: program.state_length @layers.0.key
  %length = program.state_length @layers.0.key
  // CHECK: program.state_offset @layers.0.key
  %offset = program.state_offset @layers.0.key
  // CHECK: program.position
  %position = program.position
  // CHECK: program.alloc(%[[T]]) : memref<1x?x96xf32>
  %a = program.alloc(%t) : memref<1x?x96xf32>
  // CHECK: program.arena %{{.*}}(%[[T]]) : memref<?x8xf32>
  %b = program.arena %c0(%t) : memref<?x8xf32>
  // CHECK: program.view %{{.*}} at %{{.*}} sizes(%[[T]]) strides() : memref<1x?x64xf32> to memref<?x64xf32>
  %rows = program.view %x at %c0 sizes(%t) strides()
    : memref<1x?x64xf32> to memref<?x64xf32>
  %out = program.view %a at %c0 sizes(%t) strides()
    : memref<1x?x96xf32> to memref<?x96xf32>
  // CHECK: program.view %{{.*}} at %{{.*}} sizes(%[[T]]) strides(%{{.*}}) : memref<1x?x96xf32> to memref<?x32xf32, strided<[?, 1]>>
  %part = program.view %a at %c0 sizes(%t) strides(%c96)
    : memref<1x?x96xf32> to memref<?x32xf32, strided<[?, 1]>>
  // CHECK: program.launch @linear_0 tasks(%[[T]]) buffers(%{{.*}}, %{{.*}}, %{{.*}}) scalars(%[[T]]) writes [2] label "layers.0"
  program.launch @linear_0 tasks(%t) buffers(%rows, %w, %out) scalars(%t)
    writes [2] label "layers.0"
    : memref<?x64xf32>, memref<24576xi8>, memref<?x96xf32>
  // CHECK: program.copy %{{.*}} to %{{.*}} : memref<1x?x96xf32> to memref<1x?x96xf32>
  program.copy %a to %y : memref<1x?x96xf32> to memref<1x?x96xf32>
  // CHECK: program.return tokens %[[T]]
  program.return tokens %t
}
