// Galerkin and Fourier attention: no softmax; q (k^T v) / n and (q k^T) v / n with layer norms of each head.
!q = tensor<?x?x4x8xf32>
!s = tensor<?x4x8x8xf32>
#kd = affine_map<(b, h, d, e, j) -> (b, j, h, d)>
#ve = affine_map<(b, h, d, e, j) -> (b, j, h, e)>
#de = affine_map<(b, h, d, e, j) -> (b, h, d, e)>
#qd = affine_map<(b, i, h, e, d) -> (b, i, h, d)>
#sd = affine_map<(b, i, h, e, d) -> (b, h, d, e)>
#oe = affine_map<(b, i, h, e, d) -> (b, i, h, e)>
func.func @forward(%q: !q {weft.name = "q"}, %k: !q {weft.name = "k"}, %v: !q {weft.name = "v"})
    -> (!q {weft.name = "out"}, !q {weft.name = "fourier"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %q, %c0 : !q
  %n = tensor.dim %q, %c1 : !q
  %zero = arith.constant 0.0 : f32
  %qn = weft.norm<layer> %q epsilon 1.0e-05 : !q
  %kn = weft.norm<layer> %k epsilon 1.0e-05 : !q
  %vn = weft.norm<layer> %v epsilon 1.0e-05 : !q
  %s0 = tensor.splat %zero[%b] : !s
  %o0 = tensor.splat %zero[%b, %n] : !q
  %i = arith.index_cast %n : index to i32
  %tokens = arith.sitofp %i : i32 to f32
  %kv = linalg.generic {indexing_maps = [#kd, #ve, #de], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%kn, %vn : !q, !q) outs(%s0 : !s) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %0 = arith.mulf %x, %y : f32
    %1 = arith.addf %acc, %0 : f32
    linalg.yield %1 : f32
  } -> !s
  %out = linalg.generic {indexing_maps = [#qd, #sd, #oe], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%q, %kv : !q, !s) outs(%o0 : !q) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %0 = arith.mulf %x, %y : f32
    %1 = arith.divf %0, %tokens : f32
    %2 = arith.addf %acc, %1 : f32
    linalg.yield %2 : f32
  } -> !q
  %fourier = weft.attention %qn, %kn, %v normaliser(#weft.mean) scale(1.0) : !q, !q, !q -> !q
  return %out, %fourier : !q, !q
}
