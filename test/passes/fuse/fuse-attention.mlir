// RUN: weft-opt %s -weft-fuse-elementwise -weft-fuse-attention -canonicalize -cse | FileCheck %s

#q = affine_map<(b, h, i, j, c) -> (b, i, h, c)>
#k = affine_map<(b, h, i, j, c) -> (b, j, h, c)>
#s = affine_map<(b, h, i, j, c) -> (b, h, i, j)>
#w = affine_map<(b, h, i, d, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, d, j) -> (b, j, h, d)>
#o = affine_map<(b, h, i, d, j) -> (b, h, i, d)>
#heads = affine_map<(b, h, i, j, c) -> (b, h, i, c)>
#keys = affine_map<(b, h, i, j, c) -> (b, h, c, j)>
#values = affine_map<(b, h, i, d, j) -> (b, h, j, d)>
#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#mask = affine_map<(b, h, i, j) -> (b, 0, i, j)>

// Scale on both sides, a mask of the keys given for every query (and used by others,
// as in a model of several layers), zeros where a weight is no number, heads behind
// the tokens: no axis moves.
// CHECK-LABEL: func.func @encoder
// CHECK: %[[BIAS:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<2x?xf32>)
// CHECK: %[[OUT:.*]] = weft.attention %arg0, %arg1, %arg2 normaliser(#weft.softmax) scale(2.500000e-01) score(%[[S:.*]], %[[B:.*]], %{{.*}}, %{{.*}}, %[[J:.*]]) {
// CHECK: %[[E:.*]] = tensor.extract %[[BIAS]][%[[B]], %[[J]]] : tensor<2x?xf32>
// CHECK: arith.addf %[[S]], %[[E]]
// CHECK-NOT: linalg
// CHECK: return %[[OUT]], %
func.func @encoder(%q: tensor<2x?x4x16xf32>, %k: tensor<2x?x4x16xf32>,
                   %v: tensor<2x?x4x8xf32>, %valid: tensor<2x?xi1>)
    -> (tensor<2x?x4x8xf32>, tensor<2x1x?x?xf32>) {
  %c1 = arith.constant 1 : index
  %l = tensor.dim %q, %c1 : tensor<2x?x4x16xf32>
  %n = tensor.dim %k, %c1 : tensor<2x?x4x16xf32>
  %zero = arith.constant 0.0 : f32
  %half = arith.constant 0.5 : f32
  %lowest = arith.constant -3.0e38 : f32
  %qe = tensor.empty(%l) : tensor<2x?x4x16xf32>
  %qs = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%q : tensor<2x?x4x16xf32>) outs(%qe : tensor<2x?x4x16xf32>) {
    ^bb0(%x: f32, %_: f32):
      %0 = arith.mulf %x, %half : f32
      linalg.yield %0 : f32
  } -> tensor<2x?x4x16xf32>
  %ke = tensor.empty(%n) : tensor<2x?x4x16xf32>
  %ks = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%k : tensor<2x?x4x16xf32>) outs(%ke : tensor<2x?x4x16xf32>) {
    ^bb0(%x: f32, %_: f32):
      %0 = arith.mulf %x, %half : f32
      linalg.yield %0 : f32
  } -> tensor<2x?x4x16xf32>
  %se = tensor.empty(%l, %n) : tensor<2x4x?x?xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%se : tensor<2x4x?x?xf32>) -> tensor<2x4x?x?xf32>
  %scores = linalg.generic {indexing_maps = [#q, #k, #s], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%qs, %ks : tensor<2x?x4x16xf32>, tensor<2x?x4x16xf32>) outs(%s0 : tensor<2x4x?x?xf32>) {
    ^bb0(%x: f32, %y: f32, %sum: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %sum, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<2x4x?x?xf32>
  %me = tensor.empty(%l, %n) : tensor<2x1x?x?xf32>
  %m = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, j)>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%valid : tensor<2x?xi1>) outs(%me : tensor<2x1x?x?xf32>) {
    ^bb0(%x: i1, %_: f32):
      %0 = arith.select %x, %zero, %lowest : f32
      linalg.yield %0 : f32
  } -> tensor<2x1x?x?xf32>
  %masked = linalg.generic {indexing_maps = [#id, #mask, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%scores, %m : tensor<2x4x?x?xf32>, tensor<2x1x?x?xf32>) outs(%se : tensor<2x4x?x?xf32>) {
    ^bb0(%x: f32, %y: f32, %_: f32):
      %0 = arith.addf %x, %y : f32
      linalg.yield %0 : f32
  } -> tensor<2x4x?x?xf32>
  %p = linalg.softmax dimension(3) ins(%masked : tensor<2x4x?x?xf32>) outs(%se : tensor<2x4x?x?xf32>) -> tensor<2x4x?x?xf32>
  %w = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%p : tensor<2x4x?x?xf32>) outs(%se : tensor<2x4x?x?xf32>) {
    ^bb0(%x: f32, %_: f32):
      %0 = arith.cmpf uno, %x, %x : f32
      %1 = arith.select %0, %zero, %x : f32
      linalg.yield %1 : f32
  } -> tensor<2x4x?x?xf32>
  %oe = tensor.empty(%l) : tensor<2x4x?x8xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%oe : tensor<2x4x?x8xf32>) -> tensor<2x4x?x8xf32>
  %out = linalg.generic {indexing_maps = [#w, #v, #o], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%w, %v : tensor<2x4x?x?xf32>, tensor<2x?x4x8xf32>) outs(%o0 : tensor<2x4x?x8xf32>) {
    ^bb0(%x: f32, %y: f32, %sum: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %sum, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<2x4x?x8xf32>
  %te = tensor.empty(%l) : tensor<2x?x4x8xf32>
  %t = linalg.transpose ins(%out : tensor<2x4x?x8xf32>) outs(%te : tensor<2x?x4x8xf32>) permutation = [0, 2, 1, 3]
  return %t, %m : tensor<2x?x4x8xf32>, tensor<2x1x?x?xf32>
}

// Heads first: the axes are moved. A divisor of the scores is the scale; what the
// index of a loop does is done with positions.
// CHECK-LABEL: func.func @causal
// CHECK-COUNT-3: linalg.transpose {{.*}} permutation = [0, 2, 1, 3]
// CHECK: weft.attention {{.*}} scale(1.250000e-01) score(%[[S:.*]], %{{.*}}, %{{.*}}, %[[I:.*]], %[[J:.*]]) {
// CHECK: arith.cmpi sge, %[[I]], %[[J]]
// CHECK: arith.select %{{.*}}, %[[S]], %{{.*}}
// CHECK: linalg.transpose {{.*}} permutation = [0, 2, 1, 3]
func.func @causal(%q: tensor<1x2x9x64xf32>, %k: tensor<1x2x9x64xf32>,
                  %v: tensor<1x2x9x64xf32>) -> tensor<1x2x9x64xf32> {
  %zero = arith.constant 0.0 : f32
  %root = arith.constant 8.0 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %se = tensor.empty() : tensor<1x2x9x9xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%se : tensor<1x2x9x9xf32>) -> tensor<1x2x9x9xf32>
  %kt = tensor.empty() : tensor<1x2x64x9xf32>
  %kk = linalg.transpose ins(%k : tensor<1x2x9x64xf32>) outs(%kt : tensor<1x2x64x9xf32>) permutation = [0, 1, 3, 2]
  %scores = linalg.generic {indexing_maps = [#heads, #keys, #s], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%q, %kk : tensor<1x2x9x64xf32>, tensor<1x2x64x9xf32>) outs(%s0 : tensor<1x2x9x9xf32>) {
    ^bb0(%x: f32, %y: f32, %sum: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %sum, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<1x2x9x9xf32>
  %masked = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%scores : tensor<1x2x9x9xf32>) outs(%se : tensor<1x2x9x9xf32>) {
    ^bb0(%x: f32, %_: f32):
      %i = linalg.index 2 : index
      %j = linalg.index 3 : index
      %0 = arith.cmpi sge, %i, %j : index
      %1 = arith.divf %x, %root : f32
      %2 = arith.select %0, %1, %lowest : f32
      linalg.yield %2 : f32
  } -> tensor<1x2x9x9xf32>
  %p = linalg.softmax dimension(3) ins(%masked : tensor<1x2x9x9xf32>) outs(%se : tensor<1x2x9x9xf32>) -> tensor<1x2x9x9xf32>
  %oe = tensor.empty() : tensor<1x2x9x64xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%oe : tensor<1x2x9x64xf32>) -> tensor<1x2x9x64xf32>
  %out = linalg.generic {indexing_maps = [#w, #values, #o], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%p, %v : tensor<1x2x9x9xf32>, tensor<1x2x9x64xf32>) outs(%o0 : tensor<1x2x9x64xf32>) {
    ^bb0(%x: f32, %y: f32, %sum: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %sum, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<1x2x9x64xf32>
  return %out : tensor<1x2x9x64xf32>
}

// The weights are a result too: they have to be made.
// CHECK-LABEL: func.func @weights
// CHECK-NOT: weft.attention
// CHECK: linalg.softmax
func.func @weights(%q: tensor<1x2x9x64xf32>, %k: tensor<1x2x64x9xf32>,
                   %v: tensor<1x2x9x64xf32>) -> (tensor<1x2x9x64xf32>, tensor<1x2x9x9xf32>) {
  %zero = arith.constant 0.0 : f32
  %se = tensor.empty() : tensor<1x2x9x9xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%se : tensor<1x2x9x9xf32>) -> tensor<1x2x9x9xf32>
  %scores = linalg.generic {indexing_maps = [#heads, #keys, #s], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%q, %k : tensor<1x2x9x64xf32>, tensor<1x2x64x9xf32>) outs(%s0 : tensor<1x2x9x9xf32>) {
    ^bb0(%x: f32, %y: f32, %sum: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %sum, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<1x2x9x9xf32>
  %p = linalg.softmax dimension(3) ins(%scores : tensor<1x2x9x9xf32>) outs(%se : tensor<1x2x9x9xf32>) -> tensor<1x2x9x9xf32>
  %oe = tensor.empty() : tensor<1x2x9x64xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%oe : tensor<1x2x9x64xf32>) -> tensor<1x2x9x64xf32>
  %out = linalg.generic {indexing_maps = [#w, #values, #o], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%p, %v : tensor<1x2x9x9xf32>, tensor<1x2x9x64xf32>) outs(%o0 : tensor<1x2x9x64xf32>) {
    ^bb0(%x: f32, %y: f32, %sum: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %sum, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<1x2x9x64xf32>
  return %out, %p : tensor<1x2x9x64xf32>, tensor<1x2x9x9xf32>
}
