// Products of tokens with matrices, and of matrices whose rows are tokens. Tensors are batch x tokens x heads x channels.

/// Products with a matrix per head, features x channels, and a bias per head.
func.func private @project_heads(%x: tensor<?x?x?x?xf32>, %w: tensor<?x?x?xf32>, %bias: tensor<?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %w, %c0 : tensor<?x?x?xf32>
  %f = tensor.dim %w, %c1 : tensor<?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h, %f) : tensor<?x?x?x?xf32>
  %init = linalg.generic {indexing_maps = [affine_map<(b, t, h, f) -> (h, f)>, affine_map<(b, t, h, f) -> (b, t, h, f)>],
                          iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%bias : tensor<?x?xf32>) outs(%empty : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      linalg.yield %a : f32
  } -> tensor<?x?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, f, d) -> (b, t, h, d)>, affine_map<(b, t, h, f, d) -> (h, f, d)>,
                                        affine_map<(b, t, h, f, d) -> (b, t, h, f)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%x, %w : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) outs(%init : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %m: f32, %o: f32):
      %0 = arith.mulf %a, %m : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

/// Products along the tokens with a matrix, results x tokens.
func.func private @project_tokens(%x: tensor<?x?x?x?xf32>, %w: tensor<?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?xf32>
  %m = tensor.dim %w, %c0 : tensor<?x?xf32>
  %h = tensor.dim %x, %c2 : tensor<?x?x?x?xf32>
  %d = tensor.dim %x, %c3 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %m, %h, %d) : tensor<?x?x?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, m, h, d, n) -> (b, n, h, d)>, affine_map<(b, m, h, d, n) -> (m, n)>,
                                        affine_map<(b, m, h, d, n) -> (b, m, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%x, %w : tensor<?x?x?x?xf32>, tensor<?x?xf32>) outs(%init : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %e: f32, %o: f32):
      %0 = arith.mulf %a, %e : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

/// Products of m x k and k x n matrices: rows are tokens, columns are channels.
func.func private @multiply(%x: tensor<?x?x?x?xf32>, %y: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?xf32>
  %m = tensor.dim %x, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %x, %c2 : tensor<?x?x?x?xf32>
  %n = tensor.dim %y, %c3 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %m, %h, %n) : tensor<?x?x?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(b, m, h, n, k) -> (b, m, h, k)>, affine_map<(b, m, h, n, k) -> (b, k, h, n)>,
                                        affine_map<(b, m, h, n, k) -> (b, m, h, n)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%x, %y : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) outs(%init : tensor<?x?x?x?xf32>) {
    ^bb0(%p: f32, %q: f32, %o: f32):
      %0 = arith.mulf %p, %q : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?xf32>
  return %z : tensor<?x?x?x?xf32>
}

/// a I - X.
func.func private @subtract_from_unit(%x: tensor<?x?x?x?xf32>, %a: f32) -> tensor<?x?x?x?xf32> {
  %zero = arith.constant 0.0 : f32
  %y = linalg.generic {indexing_maps = [affine_map<(b, i, h, j) -> (b, i, h, j)>, affine_map<(b, i, h, j) -> (b, i, h, j)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%x : tensor<?x?x?x?xf32>) outs(%x : tensor<?x?x?x?xf32>) {
    ^bb0(%p: f32, %o: f32):
      %i = linalg.index 1 : index
      %j = linalg.index 3 : index
      %on = arith.cmpi eq, %i, %j : index
      %0 = arith.select %on, %a, %zero : f32
      %1 = arith.subf %0, %p : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

/// Each head times its number.
func.func private @scale_heads(%x: tensor<?x?x?x?xf32>, %scale: tensor<?xf32>) -> tensor<?x?x?x?xf32> {
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (h)>, affine_map<(b, t, h, d) -> (b, t, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%x, %scale : tensor<?x?x?x?xf32>, tensor<?xf32>) outs(%x : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %s: f32, %o: f32):
      %0 = arith.mulf %a, %s : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}
