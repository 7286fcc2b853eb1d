// Functions of one score, one weight or one pair, for descriptions to import.

/// i - j as a number.
func.func private @distance(%i: index, %j: index) -> f32 {
  %d = arith.subi %i, %j : index
  %x = func.call @number(%d) : (index) -> f32
  return %x : f32
}

func.func private @number(%i: index) -> f32 {
  %0 = arith.index_cast %i : index to i32
  %1 = arith.sitofp %0 : i32 to f32
  return %1 : f32
}

/// log(n), n the number of keys that a causal query at i sees.
func.func private @log_seen(%i: index) -> f32 {
  %one = arith.constant 1.0 : f32
  %x = func.call @number(%i) : (index) -> f32
  %n = arith.addf %x, %one : f32
  %0 = math.log %n : f32
  return %0 : f32
}

func.func private @alibi(%s: f32, %slope: f32, %i: index, %j: index) -> f32 {
  %d = func.call @distance(%i, %j) : (index, index) -> f32
  %0 = arith.mulf %slope, %d : f32
  %1 = arith.subf %s, %0 : f32
  return %1 : f32
}

func.func private @sigmoid(%x: f32) -> f32 {
  %one = arith.constant 1.0 : f32
  %0 = arith.negf %x : f32
  %1 = math.exp %0 : f32
  %2 = arith.addf %1, %one : f32
  %3 = arith.divf %one, %2 : f32
  return %3 : f32
}

func.func private @silu(%x: f32) -> f32 {
  %0 = func.call @sigmoid(%x) : (f32) -> f32
  %1 = arith.mulf %x, %0 : f32
  return %1 : f32
}

/// log(1 + e^x) without overflow.
func.func private @softplus(%x: f32) -> f32 {
  %zero = arith.constant 0.0 : f32
  %0 = math.absf %x : f32
  %1 = arith.negf %0 : f32
  %2 = math.exp %1 : f32
  %3 = math.log1p %2 : f32
  %4 = arith.maximumf %x, %zero : f32
  %5 = arith.addf %3, %4 : f32
  return %5 : f32
}

func.func private @relu(%x: f32) -> f32 {
  %zero = arith.constant 0.0 : f32
  %0 = arith.maximumf %x, %zero : f32
  return %0 : f32
}

/// The bucket of T5 for a key `d` tokens back, of 8 for the past, far from 16 on:
/// exact below 4, logarithmic above (Raffel et al. 2020).
func.func private @t5_bucket(%d: index) -> index {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c7 = arith.constant 7 : index
  %one = arith.constant 1.0 : f32
  %four = arith.constant 4.0 : f32
  %log4 = arith.constant 1.3862943611198906 : f32
  %back = arith.maxsi %d, %c0 : index
  %x = func.call @number(%back) : (index) -> f32
  %safe = arith.maximumf %x, %one : f32
  %0 = arith.divf %safe, %four : f32
  %1 = math.log %0 : f32
  %2 = arith.divf %1, %log4 : f32
  %3 = arith.mulf %2, %four : f32
  %4 = arith.fptosi %3 : f32 to i32
  %5 = arith.index_cast %4 : i32 to index
  %6 = arith.addi %5, %c4 : index
  %far = arith.minsi %6, %c7 : index
  %near = arith.cmpi slt, %back, %c4 : index
  %bucket = arith.select %near, %back, %far : index
  return %bucket : index
}
