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

// A correction is not diagonal: decomposed, a loop over tokens.
func.func @delta(%q: tensor<1x?x4x16xf32>, %v: tensor<1x?x4x32xf32>,
    %b: tensor<1x?x4xf32>) -> tensor<1x?x4x32xf32> {
  %y, %next = weft.scan %q, %q, %v transition(#weft.delta gates %b)
    : tensor<1x?x4x16xf32>, tensor<1x?x4x16xf32>, tensor<1x?x4x32xf32>,
      tensor<1x?x4xf32> -> tensor<1x?x4x32xf32>, tensor<1x4x16x32xf32>
  return %y : tensor<1x?x4x32xf32>
}

// CHECK-LABEL: program.function @delta
// CHECK-SAME: declined = ["scan: the transition has a correction beside its diagonal"], lowering = "decomposed"
// CHECK: ^bb0({{.*}}%[[OUT:[^:]*]]: memref<1x?x4x32xf32>):
// CHECK: %[[S:.*]] = program.alloc() : memref<1x4x16x32xf32>
// CHECK: scf.for
// The state is written over by each turn, the result goes to the caller.
// CHECK: program.launch @generic_{{.*}} buffers({{.*}}%[[S]]{{.*}})
// CHECK: program.view %[[OUT]]
// CHECK-NOT: program.copy %{{.*}} to %[[S]] :
// CHECK: }
