// Attention with the weight of a Gaussian of the distance. Tensors are batch x tokens x heads x channels.

/// The sum of the squares of each head's channels.
func.func private @square(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %x, %c2 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h) : tensor<?x?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (b, t, h)>],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%x : tensor<?x?x?x?xf32>) outs(%init : tensor<?x?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.mulf %a, %a : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

/// exp(-|q_i - k_j|^2 / 2 sqrt(d)), times values, not normalised: Gaussian weights. `a` is 1 / sqrt(d).
func.func private @gaussian(%q: tensor<?x?x2x16xf32>, %k: tensor<?x?x2x16xf32>, %v: tensor<?x?x2x16xf32>, %a: f32) -> tensor<?x?x2x16xf32> {
  %half = arith.constant 0.5 : f32
  %qq = func.call @square(%q) : (tensor<?x?x2x16xf32>) -> tensor<?x?x2xf32>
  %kk = func.call @square(%k) : (tensor<?x?x2x16xf32>) -> tensor<?x?x2xf32>
  %y = weft.attention %q, %k, %v rows %qq columns %kk normaliser(#weft.none) scale(1.0)
    score(%s, %b, %h, %i, %j, %x, %z) {
      %0 = arith.addf %x, %z : f32
      %1 = arith.mulf %half, %0 : f32
      %2 = arith.subf %s, %1 : f32
      %3 = arith.mulf %a, %2 : f32
      %4 = math.exp %3 : f32
      weft.yield %4 : f32
    } : tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32> rows tensor<?x?x2xf32> columns tensor<?x?x2xf32> -> tensor<?x?x2x16xf32>
  return %y : tensor<?x?x2x16xf32>
}

/// The same for values of 4 channels.
func.func private @gaussian_of_4(%q: tensor<?x?x2x16xf32>, %k: tensor<?x?x2x16xf32>, %v: tensor<?x?x2x4xf32>, %a: f32) -> tensor<?x?x2x4xf32> {
  %half = arith.constant 0.5 : f32
  %qq = func.call @square(%q) : (tensor<?x?x2x16xf32>) -> tensor<?x?x2xf32>
  %kk = func.call @square(%k) : (tensor<?x?x2x16xf32>) -> tensor<?x?x2xf32>
  %y = weft.attention %q, %k, %v rows %qq columns %kk normaliser(#weft.none) scale(1.0)
    score(%s, %b, %h, %i, %j, %x, %z) {
      %0 = arith.addf %x, %z : f32
      %1 = arith.mulf %half, %0 : f32
      %2 = arith.subf %s, %1 : f32
      %3 = arith.mulf %a, %2 : f32
      %4 = math.exp %3 : f32
      weft.yield %4 : f32
    } : tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32>, tensor<?x?x2x4xf32> rows tensor<?x?x2xf32> columns tensor<?x?x2xf32> -> tensor<?x?x2x4xf32>
  return %y : tensor<?x?x2x4xf32>
}
