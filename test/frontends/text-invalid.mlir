// RUN: not weft-import %s --params %S/models/llama/model.safetensors 2>&1 | FileCheck %s
// RUN: not weft-import %s 2>&1 | FileCheck %s --check-prefix=ALONE
// RUN: not weft-import %s --params %S/models/llama 2>&1 | FileCheck %s --check-prefix=DIRECTORY
// RUN: not weft-import %S/models/llama --params %s 2>&1 | FileCheck %s --check-prefix=NOT-TEXT
// RUN: echo "func.func @f() { return 5 }" > %t.mlir
// RUN: not weft-import %t.mlir 2>&1 | FileCheck %s --check-prefix=SYNTAX
// RUN: echo "weft.parameter @w : tensor<4xf32> in \"%t.bin\" at 1" > %t.mlir
// RUN: echo "0123456789" > %t.bin
// RUN: not weft-import %t.mlir 2>&1 | FileCheck %s --check-prefix=RANGE

// CHECK: error: {{.*}}model.safetensors: tensor "model.norm.weight": expected tensor<16xf32> but got f32 [32]
// ALONE: error: {{.*}}text-invalid.mlir: @model.norm.weight: {{.*}}nowhere: cannot open the file: No such file or directory
// DIRECTORY: error: {{.*}}models/llama: expected a file but got a directory
// NOT-TEXT: error: {{.*}}models/llama: takes no params file: the model holds its own
// SYNTAX: error: {{.*}}.mlir: 1:{{[0-9]+}}: expected
// RANGE: error: {{.*}}.mlir: @w: expected 16 bytes from 1 within the 11 bytes of {{.*}}.bin
weft.parameter @model.norm.weight : tensor<16xf32> in "nowhere" at 0
