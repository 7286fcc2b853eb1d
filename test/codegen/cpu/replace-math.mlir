// RUN: weft-opt %s -weft-replace-math | FileCheck %s

// No call of a library is left, on scalars and vectors alike.
// CHECK-LABEL: func.func @functions
// CHECK-NOT: math.{{exp|log|tanh|erf|sin|cos|powf|rsqrt|round }}
// CHECK: return
func.func @functions(%x: f32, %v: vector<16xf32>) -> (f32, vector<16xf32>) {
  %0 = math.exp %x : f32
  %1 = math.tanh %0 : f32
  %2 = math.sin %1 : f32
  %3 = math.powf %2, %x : f32
  %4 = math.log1p %v : vector<16xf32>
  %5 = math.erf %4 : vector<16xf32>
  %6 = math.rsqrt %5 : vector<16xf32>
  %7 = math.exp2 %6 : vector<16xf32>
  return %3, %7 : f32, vector<16xf32>
}

// What is not f32 stays.
// CHECK-LABEL: func.func @double
// CHECK: math.exp %{{.*}} : f64
func.func @double(%x: f64) -> f64 {
  %0 = math.exp %x : f64
  return %0 : f64
}

// A small whole power is a product.
// CHECK-LABEL: func.func @square
// CHECK: arith.mulf %[[X:.*]], %[[X]] : f32
// CHECK-NEXT: return
func.func @square(%x: f32) -> f32 {
  %two = arith.constant 2.0 : f32
  %0 = math.powf %x, %two : f32
  return %0 : f32
}

// log1p(exp(x)) has no exponential that overflows: max(x, 0) + log1p(exp(-|x|)), in
// which no division is needed. The exponential stays where it has another use.
// CHECK-LABEL: func.func @softplus
// CHECK: math.absf
// CHECK-NOT: arith.divf
// CHECK: return
func.func @softplus(%x: f32) -> f32 {
  %0 = math.exp %x : f32
  %1 = math.log1p %0 : f32
  return %1 : f32
}

// CHECK-LABEL: func.func @shared
// CHECK: arith.divf
// CHECK: return
func.func @shared(%x: f32) -> (f32, f32) {
  %0 = math.exp %x : f32
  %1 = math.log1p %0 : f32
  return %0, %1 : f32, f32
}
