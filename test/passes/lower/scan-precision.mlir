// RUN: weft-opt %s -weft-lower-to-program=explain=true | FileCheck %s
// RUN: sed 's/"bf16"/"int8"/' %s | weft-opt -weft-lower-to-program=explain=true | FileCheck %s
// RUN: sed 's/"bf16"/"split"/' %s | weft-opt -weft-lower-to-program=explain=true | FileCheck %s --check-prefix=SPLIT
// RUN: sed 's/"bf16"/"f64"/' %s | weft-opt -weft-lower-to-program=explain=true | FileCheck %s --check-prefix=EXACT
// RUN: sed 's/"bf16"/"int8-groups"/' %s | weft-opt -weft-lower-to-program=explain=true | FileCheck %s --check-prefix=EXACT

// Where products may be rounded, chunks of tokens are; a token by itself is not.
// CHECK-LABEL: program.function @chunks
// CHECK-NOT: not rounded
func.func @chunks(%q: tensor<1x?x4x64xf32>, %v: tensor<1x?x4x256xf32>,
    %a: tensor<1x?x4xf32>) -> tensor<1x?x4x256xf32>
    attributes {weft.precision = "bf16"} {
  %y, %next = weft.scan %q, %q, %v transition(#weft.decay<scalar> gates %a)
    : tensor<1x?x4x64xf32>, tensor<1x?x4x64xf32>, tensor<1x?x4x256xf32>,
      tensor<1x?x4xf32> -> tensor<1x?x4x256xf32>, tensor<1x4x64x256xf32>
  return %y : tensor<1x?x4x256xf32>
}

// CHECK-LABEL: program.function @step
func.func @step(%q: tensor<1x1x4x64xf32>, %v: tensor<1x1x4x256xf32>,
    %a: tensor<1x1x4xf32>) -> tensor<1x1x4x256xf32>
    attributes {weft.precision = "bf16"} {
  %y, %next = weft.scan %q, %q, %v transition(#weft.decay<scalar> gates %a)
    : tensor<1x1x4x64xf32>, tensor<1x1x4x64xf32>, tensor<1x1x4x256xf32>,
      tensor<1x1x4xf32> -> tensor<1x1x4x256xf32>, tensor<1x4x64x256xf32>
  return %y : tensor<1x1x4x256xf32>
}

// CHECK-LABEL: program.function @few_rows
// CHECK-SAME: products are not rounded: so few rows that the state stays in registers
func.func @few_rows(%q: tensor<1x?x4x16xf32>, %v: tensor<1x?x4x32xf32>)
    -> tensor<1x?x4x32xf32> attributes {weft.precision = "bf16"} {
  %y, %next = weft.scan %q, %q, %v transition(#weft.accumulate)
    : tensor<1x?x4x16xf32>, tensor<1x?x4x16xf32>, tensor<1x?x4x32xf32>
    -> tensor<1x?x4x32xf32>, tensor<1x4x16x32xf32>
  return %y : tensor<1x?x4x32xf32>
}

// CHECK: program.kernel @scan_0 family "scan" config {c = 256 : i64, columns_per_task = 128 : i64, h = 4 : i64, precision = "bf16",
// CHECK: program.kernel @scan_1 family "scan" config {c = 256 : i64, columns_per_task = 64 : i64, h = 4 : i64, one_token,
// CHECK: program.kernel @scan_2 family "scan" config {c = 32 : i64, columns_per_task = 32 : i64, h = 4 : i64, r = 16
// SPLIT: program.kernel @scan_0 {{.*}} precision = "split"
// EXACT: program.kernel @scan_0 family "scan" config {c = 256 : i64, columns_per_task = 64 : i64, h = 4 : i64, r = 64
