// Tokens on a grid of 6 columns behind a class token at position 0.
weft.import "scores.mlir"

/// Rows down and columns to the right from i to j.
func.func private @steps(%i: index, %j: index) -> (index, index) {
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  %i0 = arith.subi %i, %c1 : index
  %j0 = arith.subi %j, %c1 : index
  %ir = arith.divsi %i0, %c6 : index
  %jr = arith.divsi %j0, %c6 : index
  %ic = arith.remsi %i0, %c6 : index
  %jc = arith.remsi %j0, %c6 : index
  %down = arith.subi %jr, %ir : index
  %right = arith.subi %jc, %ic : index
  return %down, %right : index, index
}

func.func private @has_class(%i: index, %j: index) -> i1 {
  %c0 = arith.constant 0 : index
  %0 = arith.cmpi eq, %i, %c0 : index
  %1 = arith.cmpi eq, %j, %c0 : index
  %2 = arith.ori %0, %1 : i1
  return %2 : i1
}

func.func private @lookhere_score(%s: f32, %slope: f32, %i: index, %j: index) -> f32 {
  %zero = arith.constant 0.0 : f32
  %down, %right = func.call @steps(%i, %j) : (index, index) -> (index, index)
  %x = func.call @number(%down) : (index) -> f32
  %y = func.call @number(%right) : (index) -> f32
  %xx = arith.mulf %x, %x : f32
  %yy = arith.mulf %y, %y : f32
  %sum = arith.addf %xx, %yy : f32
  %distance = math.sqrt %sum : f32
  %bias = arith.mulf %slope, %distance : f32
  %class = func.call @has_class(%i, %j) : (index, index) -> i1
  %kept = arith.select %class, %zero, %bias : f32
  %0 = arith.subf %s, %kept : f32
  return %0 : f32
}

/// Head 0 looks right, 1 left, 2 down, 3 up, each over 90 degrees.
func.func private @lookhere_allowed(%h: index, %i: index, %j: index) -> i1 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %down, %right = func.call @steps(%i, %j) : (index, index) -> (index, index)
  %across = arith.cmpi slt, %h, %c2 : index
  %ahead = arith.select %across, %right, %down : index
  %aside = arith.select %across, %down, %right : index
  %odd = arith.remsi %h, %c2 : index
  %back = arith.cmpi eq, %odd, %c1 : index
  %turned = arith.subi %c0, %ahead : index
  %forward = arith.select %back, %turned, %ahead : index
  %mirrored = arith.subi %c0, %aside : index
  %width = arith.maxsi %aside, %mirrored : index
  %seen = arith.cmpi sge, %forward, %width : index
  %class = func.call @has_class(%i, %j) : (index, index) -> i1
  %0 = arith.ori %seen, %class : i1
  return %0 : i1
}
