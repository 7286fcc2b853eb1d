// RUN: sed s/HOW/bf16/ %s | weft-opt -weft-lower-to-program -weft-tile-activations | FileCheck %s
// RUN: sed s/HOW/bf16/ %s | weft-opt -weft-lower-to-program -weft-tile-activations -weft-plan-memory | FileCheck %s --check-prefix=PLAN
// RUN: sed s/HOW/split/ %s | weft-opt -weft-lower-to-program -weft-tile-activations | FileCheck %s --check-prefix=OTHER
// RUN: sed s/HOW/f32/ %s | weft-opt -weft-lower-to-program -weft-tile-activations | FileCheck %s --check-prefix=OTHER
// RUN: sed s/HOW/int8/ %s | weft-opt -weft-lower-to-program -weft-tile-activations | FileCheck %s --check-prefix=BYTES
// OTHER-NOT: x16x32xbf16

module attributes {weft.precision = "HOW"} {
weft.parameter @s : tensor<64xf32> in "m" at 0
weft.parameter @w : tensor<72x64xf32> in "m" at 256
weft.parameter @v : tensor<64x72xf32> in "m" at 18688
weft.parameter @q : tensor<192x64xf32> in "m" at 37120
weft.parameter @o : tensor<64x64xf32> in "m" at 86272

// The norm writes both, as its rows are added to as well; the first product
// writes tiles alone, whose last step is filled up with zeros.
// CHECK-LABEL: program.function @feed
// CHECK: %[[M:.*]] = arith.muli
// CHECK: %[[ALL:.*]] = program.alloc(%{{.*}}) : memref<?x?x64xf32>
// CHECK: %[[ROWS:.*]] = program.view %[[ALL]] {{.*}} to memref<?x64xf32>
// CHECK: %[[BLOCKS:.*]] = arith.ceildivsi %[[M]], %c16
// CHECK: %[[X:.*]] = program.alloc(%[[BLOCKS]]) : memref<?x2x16x32xbf16>
// CHECK: program.launch @norm{{.*}} buffers(%{{.*}}, %{{.*}}, %[[ROWS]], %[[X]]) {{.*}} writes [2, 3]
// CHECK: %[[H:.*]] = program.alloc(%{{.*}}) : memref<?x3x16x32xbf16>
// CHECK: program.launch @linear{{.*}} buffers(%[[X]], %{{.*}}, %[[H]])
// CHECK: program.launch @linear{{.*}} buffers(%[[H]], %{{.*}}, %[[ROWS]], %{{.*}})
// With codes the norm, which has whole rows, writes those; the product hands on bf16.
// BYTES-LABEL: program.function @feed
// BYTES: %[[ALL:.*]] = program.alloc(%{{.*}}) : memref<?x?x64xf32>
// BYTES: %[[ROWS:.*]] = program.view %[[ALL]] {{.*}} to memref<?x64xf32>
// BYTES: %[[X:.*]] = program.alloc(%{{.*}}) : memref<?x1088xi8>
// BYTES: program.launch @norm{{.*}} buffers(%{{.*}}, %{{.*}}, %[[ROWS]], %[[X]]) {{.*}} writes [2, 3]
// BYTES: %[[H:.*]] = program.alloc(%{{.*}}) : memref<?x3x16x32xbf16>
// BYTES: program.launch @linear{{.*}} buffers(%[[X]], %{{.*}}, %[[H]])
// BYTES: program.launch @linear{{.*}} buffers(%[[H]], %{{.*}}, %[[ROWS]], %{{.*}})
// PLAN-LABEL: program.function @feed
// PLAN: program.arena {{.*}} : memref<?x2x16x32xbf16>
func.func @feed(%x: tensor<?x?x64xf32> {weft.name = "x"})
    -> (tensor<?x?x64xf32> {weft.name = "y"}) {
  %s = weft.use @s : tensor<64xf32>
  %w = weft.use @w : tensor<72x64xf32>
  %v = weft.use @v : tensor<64x72xf32>
  %n = weft.norm<rms> %x scale %s epsilon 1.0e-5 : tensor<?x?x64xf32> scale tensor<64xf32>
  %h = weft.linear %n, %w
    : tensor<?x?x64xf32>, tensor<72x64xf32> -> tensor<?x?x72xf32>
  %y = weft.linear %h, %v with %n combine(%a, %b) {
    %0 = arith.addf %a, %b : f32
    weft.yield %0 : f32
  } : tensor<?x?x72xf32>, tensor<64x72xf32> with tensor<?x?x64xf32>
    -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Results of attention, on their way to the projection; the rows are those of all
// heads. What a product gives to attention stays f32.
// CHECK-LABEL: program.function @mix
// CHECK: %[[X:.*]] = program.alloc(%{{.*}}) : memref<?x2x16x32xbf16>
// CHECK: program.launch @norm{{.*}} buffers(%{{.*}}, %{{.*}}, %[[X]]) {{.*}} writes [2]
// CHECK: program.launch @linear{{.*}} buffers(%[[X]], {{.*}}memref<?x192xf32>
// CHECK: %[[A:.*]] = program.alloc(%{{.*}}) : memref<?x2x16x32xbf16>
// CHECK: program.launch @attention tasks({{.*}} %[[A]]) scalars
// CHECK: program.launch @linear{{.*}} buffers(%[[A]],
// BYTES-LABEL: program.function @mix
// BYTES: %[[X:.*]] = program.alloc(%{{.*}}) : memref<?x1088xi8>
// BYTES: program.launch @norm{{.*}} buffers(%{{.*}}, %{{.*}}, %[[X]]) {{.*}} writes [2]
// BYTES: program.launch @linear{{.*}} buffers(%[[X]], {{.*}}memref<?x192xf32>
// BYTES: program.launch @attention tasks
// BYTES: program.launch @linear{{.*}} memref<?x2x16x32xbf16>
func.func @mix(%x: tensor<?x?x64xf32> {weft.name = "x"})
    -> (tensor<?x?x64xf32> {weft.name = "y"}) {
  %b = arith.constant 0 : index
  %t = arith.constant 1 : index
  %s = weft.use @s : tensor<64xf32>
  %wq = weft.use @q : tensor<192x64xf32>
  %wo = weft.use @o : tensor<64x64xf32>
  %n = weft.norm<rms> %x scale %s epsilon 1.0e-5 : tensor<?x?x64xf32> scale tensor<64xf32>
  %p = weft.linear %n, %wq
    : tensor<?x?x64xf32>, tensor<192x64xf32> -> tensor<?x?x192xf32>
  %batch = tensor.dim %x, %b : tensor<?x?x64xf32>
  %tokens = tensor.dim %x, %t : tensor<?x?x64xf32>
  %all = tensor.expand_shape %p [[0], [1], [2, 3]] output_shape [%batch, %tokens, 12, 16]
    : tensor<?x?x192xf32> into tensor<?x?x12x16xf32>
  %query = tensor.extract_slice %all[0, 0, 0, 0] [%batch, %tokens, 4, 16] [1, 1, 1, 1]
    : tensor<?x?x12x16xf32> to tensor<?x?x4x16xf32>
  %key = tensor.extract_slice %all[0, 0, 4, 0] [%batch, %tokens, 4, 16] [1, 1, 1, 1]
    : tensor<?x?x12x16xf32> to tensor<?x?x4x16xf32>
  %value = tensor.extract_slice %all[0, 0, 8, 0] [%batch, %tokens, 4, 16] [1, 1, 1, 1]
    : tensor<?x?x12x16xf32> to tensor<?x?x4x16xf32>
  %o = weft.attention %query, %key, %value normaliser(#weft.softmax)
    : tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>
    -> tensor<?x?x4x16xf32>
  %r = tensor.collapse_shape %o [[0], [1], [2, 3]]
    : tensor<?x?x4x16xf32> into tensor<?x?x64xf32>
  %y = weft.linear %r, %wo
    : tensor<?x?x64xf32>, tensor<64x64xf32> -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// One row stays as it is, and so does what is returned.
// CHECK-LABEL: program.function @kept
// CHECK-NOT: x16x32xbf16
// CHECK: program.return
// BYTES-LABEL: program.function @kept
// BYTES-NOT: {{x16x32xbf16|x1088xi8}}
// BYTES: program.return
func.func @kept(%x: tensor<1x1x64xf32> {weft.name = "x"},
                %z: tensor<?x?x64xf32> {weft.name = "z"})
    -> (tensor<1x1x64xf32> {weft.name = "y"}, tensor<?x?x72xf32> {weft.name = "h"},
        tensor<?x?x64xf32> {weft.name = "u"}) {
  %w = weft.use @w : tensor<72x64xf32>
  %v = weft.use @v : tensor<64x72xf32>
  %h = weft.linear %x, %w
    : tensor<1x1x64xf32>, tensor<72x64xf32> -> tensor<1x1x72xf32>
  %y = weft.linear %h, %v
    : tensor<1x1x72xf32>, tensor<64x72xf32> -> tensor<1x1x64xf32>
  %g = weft.linear %z, %w
    : tensor<?x?x64xf32>, tensor<72x64xf32> -> tensor<?x?x72xf32>
  %u = weft.linear %g, %v
    : tensor<?x?x72xf32>, tensor<64x72xf32> -> tensor<?x?x64xf32>
  return %y, %g, %u : tensor<1x1x64xf32>, tensor<?x?x72xf32>, tensor<?x?x64xf32>
}
}
