// Gemma 3: positions of their own for layers with a window, norms on heads.
// RUN: weft-import %S/models/gemma3 | FileCheck %s
// RUN: weft-import %S/models/gemma3 | %python %S/check_model.py %S/models/gemma3/io.safetensors

// CHECK: weft.rope {{.*}} frequencies [1.000000e+00, 1.000000e-01,
// CHECK: weft.attention {{.*}} #weft.window<4>
// CHECK: weft.rope {{.*}} frequencies [1.000000e+00, 0.0316
