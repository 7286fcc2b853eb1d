// Functions of rows: sums of exponentials, best numbers.

#token = affine_map<(b, n, r) -> (b, n)>
#number = affine_map<(b, n, r) -> (b, n, r)>

/// Takes `e` into the maximum and the sum of e^(x - maximum) of a row.
func.func private @online(%e: f32, %m: f32, %d: f32) -> (f32, f32) {
  %max = arith.maximumf %m, %e : f32
  %0 = arith.subf %m, %max : f32
  %1 = math.exp %0 : f32
  %2 = arith.mulf %d, %1 : f32
  %3 = arith.subf %e, %max : f32
  %4 = math.exp %3 : f32
  %sum = arith.addf %2, %4 : f32
  return %max, %sum : f32, f32
}

func.func private @share(%e: f32, %m: f32, %d: f32) -> f32 {
  %0 = arith.subf %e, %m : f32
  %1 = math.exp %0 : f32
  %2 = arith.divf %1, %d : f32
  return %2 : f32
}

/// Takes `e`, at place `at`, into the four best; of equal ones the first stays first.
func.func private @insert(%e: f32, %at: i64, %v0: f32, %v1: f32, %v2: f32, %v3: f32, %p0: i64, %p1: i64, %p2: i64, %p3: i64)
    -> (f32, f32, f32, f32, i64, i64, i64, i64) {
  %c0 = arith.cmpf ogt, %e, %v0 : f32
  %c1 = arith.cmpf ogt, %e, %v1 : f32
  %c2 = arith.cmpf ogt, %e, %v2 : f32
  %c3 = arith.cmpf ogt, %e, %v3 : f32
  %va = arith.select %c0, %e, %v0 : f32
  %vb0 = arith.select %c1, %e, %v1 : f32
  %vb = arith.select %c0, %v0, %vb0 : f32
  %vc0 = arith.select %c2, %e, %v2 : f32
  %vc = arith.select %c1, %v1, %vc0 : f32
  %vd0 = arith.select %c3, %e, %v3 : f32
  %vd = arith.select %c2, %v2, %vd0 : f32
  %pa = arith.select %c0, %at, %p0 : i64
  %pb0 = arith.select %c1, %at, %p1 : i64
  %pb = arith.select %c0, %p0, %pb0 : i64
  %pc0 = arith.select %c2, %at, %p2 : i64
  %pc = arith.select %c1, %p1, %pc0 : i64
  %pd0 = arith.select %c3, %at, %p3 : i64
  %pd = arith.select %c2, %p2, %pd0 : i64
  return %va, %vb, %vc, %vd, %pa, %pb, %pc, %pd : f32, f32, f32, f32, i64, i64, i64, i64
}

/// Four numbers of each token behind each other.
func.func private @stack(%x0: tensor<?x?xf32>, %x1: tensor<?x?xf32>, %x2: tensor<?x?xf32>, %x3: tensor<?x?xf32>) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %x0, %c0 : tensor<?x?xf32>
  %n = tensor.dim %x0, %c1 : tensor<?x?xf32>
  %e = tensor.empty(%b, %n) : tensor<?x?x4xf32>
  %out = linalg.generic {indexing_maps = [#token, #token, #token, #token, #number], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x0, %x1, %x2, %x3 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>) outs(%e : tensor<?x?x4xf32>) {
  ^bb0(%y0: f32, %y1: f32, %y2: f32, %y3: f32, %o: f32):
    %i = linalg.index 2 : index
    %first = arith.cmpi eq, %i, %c0 : index
    %second = arith.cmpi eq, %i, %c1 : index
    %third = arith.cmpi eq, %i, %c2 : index
    %0 = arith.select %third, %y2, %y3 : f32
    %1 = arith.select %second, %y1, %0 : f32
    %2 = arith.select %first, %y0, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<?x?x4xf32>
  return %out : tensor<?x?x4xf32>
}

func.func private @stack_places(%x0: tensor<?x?xi64>, %x1: tensor<?x?xi64>, %x2: tensor<?x?xi64>, %x3: tensor<?x?xi64>) -> tensor<?x?x4xi64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %x0, %c0 : tensor<?x?xi64>
  %n = tensor.dim %x0, %c1 : tensor<?x?xi64>
  %e = tensor.empty(%b, %n) : tensor<?x?x4xi64>
  %out = linalg.generic {indexing_maps = [#token, #token, #token, #token, #number], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x0, %x1, %x2, %x3 : tensor<?x?xi64>, tensor<?x?xi64>, tensor<?x?xi64>, tensor<?x?xi64>) outs(%e : tensor<?x?x4xi64>) {
  ^bb0(%y0: i64, %y1: i64, %y2: i64, %y3: i64, %o: i64):
    %i = linalg.index 2 : index
    %first = arith.cmpi eq, %i, %c0 : index
    %second = arith.cmpi eq, %i, %c1 : index
    %third = arith.cmpi eq, %i, %c2 : index
    %0 = arith.select %third, %y2, %y3 : i64
    %1 = arith.select %second, %y1, %0 : i64
    %2 = arith.select %first, %y0, %1 : i64
    linalg.yield %2 : i64
  } -> tensor<?x?x4xi64>
  return %out : tensor<?x?x4xi64>
}
