// RUN: weft-opt %s | weft-opt | FileCheck %s

// CHECK-LABEL: func.func @rope
func.func @rope(%x: tensor<?x?x2x6xf32>, %p: index) -> tensor<?x?x2x6xf32> {
  // CHECK: weft.rope %{{.*}} pairing <half> frequencies [1.000000e+00, 1.000000e-02] : tensor<?x?x2x6xf32>
  %0 = weft.rope %x pairing <half> frequencies [1.0, 0.01] : tensor<?x?x2x6xf32>
  // CHECK: weft.rope %{{.*}} at %{{.*}} pairing <adjacent> frequencies [1.000000e+00] {magnitude = 1.500000e+00 : f64} : tensor<?x?x2x6xf32>
  %1 = weft.rope %0 at %p pairing <adjacent> frequencies [1.0]
    {magnitude = 1.5 : f64} : tensor<?x?x2x6xf32>
  return %1 : tensor<?x?x2x6xf32>
}
