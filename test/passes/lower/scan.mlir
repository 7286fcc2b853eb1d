// RUN: weft-opt %s -weft-lower-to-program=explain=true -split-input-file | FileCheck %s

// The state is updated in place; the result goes to the caller.
func.func @step(%q: tensor<1x1x4x16xf32>, %v: tensor<1x1x4x32xf32>,
    %a: tensor<1x1x4xf32>,
    %s: tensor<1x4x16x32xf32> {weft.state = #weft.state<"scan", fixed>},
    %at: index {weft.position})
    -> (tensor<1x1x4x32xf32>,
        tensor<1x4x16x32xf32> {weft.state = #weft.state<"scan", fixed>}) {
  %y, %next = weft.scan %q, %q, %v transition(#weft.decay<scalar> gates %a)
    from %s
    : tensor<1x1x4x16xf32>, tensor<1x1x4x16xf32>, tensor<1x1x4x32xf32>,
      tensor<1x1x4xf32> -> tensor<1x1x4x32xf32>, tensor<1x4x16x32xf32>
  return %y, %next : tensor<1x1x4x32xf32>, tensor<1x4x16x32xf32>
}

// CHECK-LABEL: program.function @step
// CHECK: ^bb0(%[[Q:.*]]: memref<1x1x4x16xf32>, %[[V:.*]]: memref<1x1x4x32xf32>, %[[A:.*]]: memref<1x1x4xf32>, %[[OUT:.*]]: memref<1x1x4x32xf32>):
// CHECK: %[[S:.*]] = program.use_state @scan : memref<1x4x16x32xf32>
// CHECK: program.launch @scan_0 tasks(%c4) buffers(%[[Q]], %[[Q]], %[[V]], %[[A]], %[[S]], %[[OUT]], %[[S]]) scalars(%c1, %c1) writes [5, 6]
// CHECK-NEXT: program.return tokens %c1
// CHECK: program.kernel @scan_0 family "scan" config {c = 32 : i64, columns_per_task = 32 : i64, h = 4 : i64, r = 16 : i64, transition = #weft.decay<scalar>}

// -----

// Without a state to begin with, zeros.
func.func @whole(%q: tensor<?x?x4x16xf32>, %v: tensor<?x?x4x32xf32>,
    %a: tensor<?x?x4xf32>) -> tensor<?x?x4x32xf32> {
  %y, %next = weft.scan %q, %q, %v transition(#weft.decay<scalar> gates %a)
    : tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>, tensor<?x?x4x32xf32>,
      tensor<?x?x4xf32> -> tensor<?x?x4x32xf32>, tensor<?x4x16x32xf32>
  return %y : tensor<?x?x4x32xf32>
}

// CHECK-LABEL: program.function @whole
// CHECK: %[[S:.*]] = program.alloc(%{{.*}}) : memref<?x4x16x32xf32>
// CHECK: program.launch @generic_0 {{.*}} label "fill"
// CHECK: program.launch @scan_0 tasks({{.*}}) buffers({{.*}}, %[[S]], %{{.*}}, %[[S]])

// -----

// The old state is still read afterwards: the new one has a place of its own first.
func.func @kept(%q: tensor<1x1x4x16xf32>, %v: tensor<1x1x4x32xf32>,
    %a: tensor<1x1x4xf32>,
    %s: tensor<1x4x16x32xf32> {weft.state = #weft.state<"scan", fixed>},
    %at: index {weft.position})
    -> (tensor<1x4x16x32xf32>,
        tensor<1x4x16x32xf32> {weft.state = #weft.state<"scan", fixed>}) {
  %y, %next = weft.scan %q, %q, %v transition(#weft.decay<scalar> gates %a)
    from %s
    : tensor<1x1x4x16xf32>, tensor<1x1x4x16xf32>, tensor<1x1x4x32xf32>,
      tensor<1x1x4xf32> -> tensor<1x1x4x32xf32>, tensor<1x4x16x32xf32>
  return %s, %next : tensor<1x4x16x32xf32>, tensor<1x4x16x32xf32>
}

// CHECK-LABEL: program.function @kept
// CHECK: %[[S:.*]] = program.use_state @scan
// CHECK: %[[NEXT:.*]] = program.alloc() : memref<1x4x16x32xf32>
// CHECK: program.launch @scan_0 tasks(%c4) buffers({{.*}}, %[[S]], %{{.*}}, %[[NEXT]])
// CHECK: program.copy %[[S]] to
// CHECK: program.copy %[[NEXT]] to %[[S]]

// -----

// What it reads is its own affair: decomposed, a loop over tokens.
func.func @region(%q: tensor<1x?x4x16xf32>, %v: tensor<1x?x4x32xf32>,
    %b: tensor<1x?x4xf32>) -> tensor<1x?x4x32xf32> {
  %y, %next = weft.scan %q, %q, %v transition(#weft.delta gates %b)
    read(%r, %s) {
      %0 = math.tanh %s : f32
      %1 = arith.mulf %r, %0 : f32
      weft.yield %1 : f32
    } : tensor<1x?x4x16xf32>, tensor<1x?x4x16xf32>, tensor<1x?x4x32xf32>,
      tensor<1x?x4xf32> -> tensor<1x?x4x32xf32>, tensor<1x4x16x32xf32>
  return %y : tensor<1x?x4x32xf32>
}

// CHECK-LABEL: program.function @region
// CHECK-SAME: declined = ["scan: it writes or reads by a region of its own"], lowering = "decomposed"
// CHECK: ^bb0({{.*}}%[[OUT:[^:]*]]: memref<1x?x4x32xf32>):
// CHECK: %[[S:.*]] = program.alloc() : memref<1x4x16x32xf32>
// CHECK: scf.for
// The state is written over by each turn, the result goes to the caller.
// CHECK: program.launch @generic_{{.*}} buffers({{.*}}%[[S]]{{.*}})
// CHECK: program.view %[[OUT]]
// CHECK-NOT: program.copy %{{.*}} to %[[S]] :
// CHECK: }

// -----

// Features, a sum and a correction are the kernel's; one token says so.
func.func @linear(%q: tensor<1x1x4x16xf32>, %v: tensor<1x1x4x80xf32>,
    %s: tensor<1x4x32x80xf32> {weft.state = #weft.state<"scan", fixed>},
    %z: tensor<1x4x32xf32> {weft.state = #weft.state<"sum", fixed>},
    %at: index {weft.position})
    -> (tensor<1x1x4x80xf32>,
        tensor<1x4x32x80xf32> {weft.state = #weft.state<"scan", fixed>},
        tensor<1x4x32xf32> {weft.state = #weft.state<"sum", fixed>}) {
  %y, %next, %sum = weft.scan %q, %q, %v transition(#weft.accumulate)
    features(#weft.exp_features) from %s sum_from %z : tensor<1x4x32xf32> finish(%acc, %n) {
      %0 = arith.subf %acc, %n : f32
      weft.yield %0 : f32
    } : tensor<1x1x4x16xf32>, tensor<1x1x4x16xf32>, tensor<1x1x4x80xf32>
    -> tensor<1x1x4x80xf32>, tensor<1x4x32x80xf32>, tensor<1x4x32xf32>
  return %y, %next, %sum : tensor<1x1x4x80xf32>, tensor<1x4x32x80xf32>, tensor<1x4x32xf32>
}

// CHECK-LABEL: program.function @linear
// CHECK-DAG: %[[S:.*]] = program.use_state @scan
// CHECK-DAG: %[[Z:.*]] = program.use_state @sum
// CHECK: program.launch @scan_0 tasks(%c4) buffers({{.*}}, %[[S]], %[[Z]], %{{.*}}, %[[S]], %[[Z]]) scalars(%c1, %c1) writes [5, 6, 7]
// CHECK: program.kernel @scan_0 family "scan" config {c = 80 : i64, channels = 16 : i64, columns_per_task = 80 : i64, features = #weft.exp_features, h = 4 : i64, one_token, r = 32 : i64, sum, transition = #weft.accumulate}
// CHECK: element
// CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: f32):
// CHECK: arith.subf

// -----

func.func @both(%q: tensor<?x?x4x16xf32>, %b: tensor<?x?x4xf32>)
    -> tensor<?x?x4x16xf32> {
  %y, %next = weft.scan %q, %q, %q transition(#weft.delta gates %b) bidirectional
    : tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>,
      tensor<?x?x4xf32> -> tensor<?x?x4x16xf32>, tensor<?x4x16x16xf32>
  return %y : tensor<?x?x4x16xf32>
}

// CHECK-LABEL: program.function @both
// CHECK: program.launch @scan_0
// CHECK: program.kernel @scan_0 family "scan" config {bidirectional, c = 16 : i64,

// -----

// A table by one-hot features; logarithms go token by token.
func.func @kinds(%n: tensor<1x?x4x1xf32>, %v: tensor<1x?x4x32xf32>, %a: tensor<1x?x4xf32>)
    -> (tensor<1x?x4x32xf32>, tensor<1x?x4x32xf32>) {
  %y, %s = weft.scan %n, %n, %v transition(#weft.accumulate) features(#weft.one_hot_features<9>) bidirectional
    : tensor<1x?x4x1xf32>, tensor<1x?x4x1xf32>, tensor<1x?x4x32xf32> -> tensor<1x?x4x32xf32>, tensor<1x4x9x32xf32>
  %z, %t = weft.scan %n, %n, %v transition(#weft.log_plus gates %a)
    : tensor<1x?x4x1xf32>, tensor<1x?x4x1xf32>, tensor<1x?x4x32xf32>, tensor<1x?x4xf32> -> tensor<1x?x4x32xf32>, tensor<1x4x1x32xf32>
  return %y, %z : tensor<1x?x4x32xf32>, tensor<1x?x4x32xf32>
}

// CHECK-LABEL: program.function @kinds
// CHECK: family "scan" config {bidirectional, c = 32 : i64, channels = 1 : i64, {{.*}}, features = #weft.one_hot_features<9>, h = 4 : i64, r = 9 : i64, transition = #weft.accumulate}
// CHECK: family "scan" config {{{.*}} r = 1 : i64, transition = #weft.log_plus}

// -----

// Sums of rows by their number, which nobody reads on the way.
func.func @sums(%n: tensor<1x?x1x1xf32>, %v: tensor<1x?x1x32xf32>, %s: tensor<1x1x9x32xf32>) -> tensor<1x1x9x32xf32> {
  %y, %t = weft.scan %n, %n, %v transition(#weft.accumulate) features(#weft.one_hot_features<9>) from %s
    : tensor<1x?x1x1xf32>, tensor<1x?x1x1xf32>, tensor<1x?x1x32xf32> -> tensor<1x?x1x32xf32>, tensor<1x1x9x32xf32>
  return %t : tensor<1x1x9x32xf32>
}

// CHECK-LABEL: program.function @sums
// CHECK: program.launch @scan_0 {{.*}} writes [4]
// CHECK: family "scan" config {{{.*}}, state_only, transition = #weft.accumulate}

// -----

// What no kernel takes is decomposed.
func.func @declined(%n: tensor<1x?x4x1xf32>, %v: tensor<1x?x4x32xf32>, %a: tensor<1x?x4xf32>)
    -> (tensor<1x?x4x32xf32>, tensor<1x?x4x32xf32>) {
  %y, %s, %m = weft.scan %n, %n, %v transition(#weft.accumulate) features(#weft.one_hot_features<9>)
    : tensor<1x?x4x1xf32>, tensor<1x?x4x1xf32>, tensor<1x?x4x32xf32>
    -> tensor<1x?x4x32xf32>, tensor<1x4x9x32xf32>, tensor<1x4x9xf32>
  %z, %t = weft.scan %n, %n, %v transition(#weft.log_plus gates %a) bidirectional
    : tensor<1x?x4x1xf32>, tensor<1x?x4x1xf32>, tensor<1x?x4x32xf32>, tensor<1x?x4xf32> -> tensor<1x?x4x32xf32>, tensor<1x4x1x32xf32>
  return %y, %z : tensor<1x?x4x32xf32>, tensor<1x?x4x32xf32>
}

// CHECK-LABEL: program.function @declined
// CHECK-NOT: family "scan"
