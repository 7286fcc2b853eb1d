// RUN: weft-opt %s -pass-pipeline='builtin.module(program.function(weft-plan-memory))' -verify-diagnostics

program.kernel @k family "f" config {} tasks affine_map<() -> (1)>
  operands [memref<?xf32>] scalars 0

// The position of a session has no bound.
program.function @unbounded inputs [] outputs [] dims [] symbols [] maxima [] {
  %c1 = arith.constant 1 : index
  %at = program.position
  // expected-error @+1 {{expected sizes bounded by the symbols of the function and the capacities of its states}}
  %a = program.alloc(%at) : memref<?xf32>
  program.launch @k tasks(%c1) buffers(%a) scalars() writes [0] : memref<?xf32>
  program.return
}
