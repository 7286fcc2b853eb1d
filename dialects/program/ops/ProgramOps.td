//===- ProgramOps.td - Every op of the program dialect -----*- tablegen -*-===//

include "dialects/program/ops/FunctionOps.td"
include "dialects/program/ops/KernelOps.td"
include "dialects/program/ops/MemoryOps.td"
