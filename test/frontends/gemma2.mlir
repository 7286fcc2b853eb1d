// Gemma 2: caps on scores and logits, norms before and after.
// RUN: weft-import %S/models/gemma2 | FileCheck %s
// RUN: weft-import %S/models/gemma2 | %python %S/check_model.py %S/models/gemma2/io.safetensors

// CHECK: weft.attention {{.*}} mask(#weft.and<#weft.causal, #weft.window<4>>) scale({{.*}}) score(
// CHECK: arith.constant 5.000000e+01
// CHECK: weft.attention {{.*}} mask(#weft.causal) scale
// CHECK: arith.constant 3.000000e+01
