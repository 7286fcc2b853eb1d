// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v4 | FileCheck %s

// Scores that their region bounds by 60 need no maximum; a few ulp of a tanh are
// enough.
// CHECK-LABEL: func.func @capped(
// CHECK-NOT: arith.cmpf ogt
// CHECK: math.tanh {{.*}} fastmath<afn>
// CHECK-NOT: arith.cmpf ogt
// CHECK: math.exp
// CHECK-NOT: arith.cmpf ogt
program.kernel @capped family "attention"
  config {normaliser = #weft.softmax, scale = 0.25, h = 1, g = 1, d = 16, e = 16,
          queries_per_task = 64}
  tasks affine_map<()[b, t, s, i, j] -> (b * (t ceildiv 64))>
  operands [memref<1x?x1x16xf32>, memref<1x?x1x16xf32>, memref<1x?x1x16xf32>,
            memref<1x?x1x16xf32>] scalars 5
  element {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %c = arith.constant 50.0 : f32
    %0 = arith.divf %s, %c : f32
    %1 = math.tanh %0 : f32
    %2 = arith.mulf %1, %c : f32
    program.yield %2 : f32
  }

// A bound is found of any region: 20 / (1 + exp(-s)) - 10 + min(max(s, -4), 4).
// CHECK-LABEL: func.func @logistic(
// CHECK-NOT: arith.cmpf ogt
program.kernel @logistic family "attention"
  config {normaliser = #weft.softmax, scale = 0.25, h = 1, g = 1, d = 16, e = 16,
          queries_per_task = 64}
  tasks affine_map<()[b, t, s, i, j] -> (b * (t ceildiv 64))>
  operands [memref<1x?x1x16xf32>, memref<1x?x1x16xf32>, memref<1x?x1x16xf32>,
            memref<1x?x1x16xf32>] scalars 5
  element {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %one = arith.constant 1.0 : f32
    %twenty = arith.constant 20.0 : f32
    %ten = arith.constant 10.0 : f32
    %low = arith.constant -4.0 : f32
    %high = arith.constant 4.0 : f32
    %0 = arith.negf %s : f32
    %1 = math.exp %0 : f32
    %2 = arith.addf %one, %1 : f32
    %3 = arith.divf %twenty, %2 : f32
    %4 = arith.subf %3, %ten : f32
    %5 = arith.maximumf %s, %low : f32
    %6 = arith.minimumf %5, %high : f32
    %7 = arith.addf %4, %6 : f32
    program.yield %7 : f32
  }

// CHECK-LABEL: func.func @wide(
// CHECK: arith.cmpf ogt
program.kernel @wide family "attention"
  config {normaliser = #weft.softmax, scale = 0.25, h = 1, g = 1, d = 16, e = 16,
          queries_per_task = 64}
  tasks affine_map<()[b, t, s, i, j] -> (b * (t ceildiv 64))>
  operands [memref<1x?x1x16xf32>, memref<1x?x1x16xf32>, memref<1x?x1x16xf32>,
            memref<1x?x1x16xf32>] scalars 5
  element {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %c = arith.constant 100.0 : f32
    %0 = arith.divf %s, %c : f32
    %1 = math.tanh %0 : f32
    %2 = arith.mulf %1, %c : f32
    program.yield %2 : f32
  }

// Where a bound is added to what has none, there is none.
// CHECK-LABEL: func.func @open(
// CHECK: arith.cmpf ogt
program.kernel @open family "attention"
  config {normaliser = #weft.softmax, scale = 0.25, h = 1, g = 1, d = 16, e = 16,
          queries_per_task = 64}
  tasks affine_map<()[b, t, s, i, j] -> (b * (t ceildiv 64))>
  operands [memref<1x?x1x16xf32>, memref<1x?x1x16xf32>, memref<1x?x1x16xf32>,
            memref<1x?x1x16xf32>] scalars 5
  element {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %1 = math.tanh %s : f32
    %2 = arith.addf %1, %s : f32
    program.yield %2 : f32
  }
