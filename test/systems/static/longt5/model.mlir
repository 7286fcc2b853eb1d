// LongT5 encoder: keys within 3 tokens and a key for each block of 4, RMSNorm of its sum; T5 bias on both.
weft.import "../../library/scores.mlir"
weft.import "../../library/pool.mlir"
!x = tensor<?x?x32xf32>
!w = tensor<32x32xf32>
!h = tensor<?x?x4x8xf32>
!l = tensor<?x4x?xf32>
!t = tensor<8x4xf32>
func.func @forward(%x: !x {weft.name = "x"}, %wq: !w {weft.name = "wq"}, %wk: !w {weft.name = "wk"}, %wv: !w {weft.name = "wv"},
                   %g: tensor<32xf32> {weft.name = "g"}, %near: !t {weft.name = "near"}, %side: !t {weft.name = "side"})
    -> (!h {weft.name = "out"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %four = arith.constant 4.0 : f32
  %b = tensor.dim %x, %c0 : !x
  %n = tensor.dim %x, %c1 : !x
  %m = arith.divui %n, %c4 : index
  %xh = tensor.expand_shape %x [[0], [1], [2, 3]] output_shape [%b, %n, 4, 8] : !x into !h
  %mean = func.call @mean_of_queries(%xh) : (!h) -> !h
  %fours = tensor.splat %four[%b, %m] : !h
  %sum = arith.mulf %mean, %fours : !h
  %flat = tensor.collapse_shape %sum [[0], [1], [2, 3]] : !h into !x
  %s = weft.norm<rms> %flat scale %g epsilon 1.0e-06 : !x scale tensor<32xf32>
  %qp = weft.linear %x, %wq : !x, !w -> !x
  %kp = weft.linear %x, %wk : !x, !w -> !x
  %vp = weft.linear %x, %wv : !x, !w -> !x
  %ksp = weft.linear %s, %wk : !x, !w -> !x
  %vsp = weft.linear %s, %wv : !x, !w -> !x
  %q = tensor.expand_shape %qp [[0], [1], [2, 3]] output_shape [%b, %n, 4, 8] : !x into !h
  %k = tensor.expand_shape %kp [[0], [1], [2, 3]] output_shape [%b, %n, 4, 8] : !x into !h
  %v = tensor.expand_shape %vp [[0], [1], [2, 3]] output_shape [%b, %n, 4, 8] : !x into !h
  %ks = tensor.expand_shape %ksp [[0], [1], [2, 3]] output_shape [%b, %m, 4, 8] : !x into !h
  %vs = tensor.expand_shape %vsp [[0], [1], [2, 3]] output_shape [%b, %m, 4, 8] : !x into !h
  %a, %al = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.where<affine_map<(i, j, d) -> (d + 3, 3 - d)>>)
    scale(1.0) score(%s0, %batch, %h, %i, %j) {
      %0 = func.call @both_ways(%i, %j) : (index, index) -> index
      %bias = tensor.extract %near[%0, %h] : !t
      %1 = arith.addf %s0, %bias : f32
      weft.yield %1 : f32
    } : !h, !h, !h -> !h, !l
  %z, %zl = weft.attention %q, %ks, %vs normaliser(#weft.softmax) scale(1.0) score(%s1, %batch, %h, %i, %j) {
      %block = arith.divsi %i, %c4 : index
      %0 = func.call @both_ways(%block, %j) : (index, index) -> index
      %bias = tensor.extract %side[%0, %h] : !t
      %1 = arith.addf %s1, %bias : f32
      weft.yield %1 : f32
    } : !h, !h, !h -> !h, !l
  %out, %lse = weft.merge %a, %z by %al, %zl : !h, !h by !l, !l -> !h, !l
  return %out : !h
}
// Buckets for both directions: 4 of distance each, exact to 1, logarithmic to 8.
func.func private @both_ways(%i: index, %j: index) -> index {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %d = arith.subi %j, %i : index
  %ahead = arith.cmpi sgt, %d, %c0 : index
  %offset = arith.select %ahead, %c4, %c0 : index
  %minus = arith.subi %c0, %d : index
  %size = arith.maxsi %d, %minus : index
  %tall = arith.cmpi sge, %size, %c4 : index
  %high = arith.select %tall, %c3, %c2 : index
  %small = arith.cmpi sle, %size, %c1 : index
  %bucket = arith.select %small, %size, %high : index
  %0 = arith.addi %offset, %bucket : index
  return %0 : index
}
