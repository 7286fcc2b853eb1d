// RUN: weft-opt %s -weft-lower-to-program=max-tokens=16 | FileCheck %s
// RUN: sed 's/"bf16"/"int8"/' %s | weft-opt -weft-lower-to-program=max-tokens=16 | FileCheck %s

// Where products may be rounded to bf16, keys and values are packed once, in blocks
// of 32 keys, and read by tasks of 32 queries.
// CHECK-LABEL: program.function @bf16
// CHECK: %[[BLOCKS:.*]] = arith.ceildiv{{.*}}
// CHECK: %[[K:.*]] = program.alloc(%{{.*}}, %[[BLOCKS]]) : memref<?x2x?x32x64xbf16>
// CHECK: %[[V:.*]] = program.alloc(%{{.*}}, %[[BLOCKS]]) : memref<?x2x?x32x32xbf16>
// CHECK: program.launch @attention_pack_0 tasks(%{{.*}}) buffers(%{{.*}}, %{{.*}}, %[[K]], %[[V]]) scalars(%{{.*}}, %{{.*}}) writes [2, 3]
// CHECK: program.launch @attention_0 tasks(%{{.*}}) buffers(%{{.*}}, %[[K]], %[[V]], %{{.*}})
func.func @bf16(%q: tensor<?x?x4x40xf32>, %k: tensor<?x?x2x40xf32>,
    %v: tensor<?x?x2x32xf32>) -> tensor<?x?x4x32xf32>
    attributes {weft.precision = "bf16"} {
  %0 = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.causal)
    : tensor<?x?x4x40xf32>, tensor<?x?x2x40xf32>, tensor<?x?x2x32xf32>
    -> tensor<?x?x4x32xf32>
  return %0 : tensor<?x?x4x32xf32>
}

// One query reads its keys once: packing them would not pay.
// CHECK-LABEL: program.function @step
// CHECK-NOT: attention_pack
// CHECK: program.launch @attention_decode_0
func.func @step(%q: tensor<1x1x4x32xf32>, %k: tensor<1x?x2x32xf32>,
    %v: tensor<1x?x2x32xf32>) -> tensor<1x1x4x32xf32>
    attributes {weft.precision = "bf16"} {
  %0 = weft.attention %q, %k, %v normaliser(#weft.softmax)
    : tensor<1x1x4x32xf32>, tensor<1x?x2x32xf32>, tensor<1x?x2x32xf32>
    -> tensor<1x1x4x32xf32>
  return %0 : tensor<1x1x4x32xf32>
}

// CHECK: program.kernel @attention_pack_0 family "attention_pack" config {blocks_per_task = 2 : i64, d = 40 : i64, e = 32 : i64, g = 2 : i64}
// CHECK: program.kernel @attention_0 family "attention" config {{{.*}}, packed, queries_per_task = 32
