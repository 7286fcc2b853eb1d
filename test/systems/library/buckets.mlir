// Hash tables of tokens. Tensors are batch x tokens x heads x channels.

/// The number of a bucket in each table: bit i is whether projection i is positive.
func.func private @hash(%y: tensor<?x?x?x?xf32>) -> tensor<?x?x?x1xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %y, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %y, %c1 : tensor<?x?x?x?xf32>
  %m = tensor.dim %y, %c2 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %t, %m) : tensor<?x?x?x1xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?x1xf32>) -> tensor<?x?x?x1xf32>
  %x = linalg.generic {indexing_maps = [affine_map<(b, t, m, k, i) -> (b, t, m, i)>, affine_map<(b, t, m, k, i) -> (b, t, m, k)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%y : tensor<?x?x?x?xf32>) outs(%init : tensor<?x?x?x1xf32>) {
    ^bb0(%a: f32, %o: f32):
      %i = linalg.index 4 : index
      %bit = arith.shli %c1, %i : index
      %int = arith.index_cast %bit : index to i32
      %weight = arith.sitofp %int : i32 to f32
      %positive = arith.cmpf ogt, %a, %zero : f32
      %0 = arith.select %positive, %weight, %zero : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x1xf32>
  return %x : tensor<?x?x?x1xf32>
}

/// Values for each of the tables of a head.
func.func private @repeat_heads(%v: tensor<?x?x?x?xf32>, %tables: index) -> tensor<?x?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %b = tensor.dim %v, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %v, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %v, %c2 : tensor<?x?x?x?xf32>
  %d = tensor.dim %v, %c3 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h, %tables, %d) : tensor<?x?x?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, m, d) -> (b, t, h, d)>, affine_map<(b, t, h, m, d) -> (b, t, h, m, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
    ins(%v : tensor<?x?x?x?xf32>) outs(%empty : tensor<?x?x?x?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      linalg.yield %a : f32
  } -> tensor<?x?x?x?x?xf32>
  return %y : tensor<?x?x?x?x?xf32>
}

/// The sum over the tables of a head.
func.func private @sum_tables(%x: tensor<?x?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?x?xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x?x?x?xf32>
  %h = tensor.dim %x, %c2 : tensor<?x?x?x?x?xf32>
  %d = tensor.dim %x, %c4 : tensor<?x?x?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h, %d) : tensor<?x?x?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, d, m) -> (b, t, h, m, d)>, affine_map<(b, t, h, d, m) -> (b, t, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%x : tensor<?x?x?x?x?xf32>) outs(%init : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.addf %o, %a : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}
