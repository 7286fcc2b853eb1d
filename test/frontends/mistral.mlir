// Mistral: a window over the keys.
// RUN: weft-import %S/models/mistral | FileCheck %s
// RUN: weft-import %S/models/mistral | %python %S/check_model.py %S/models/mistral/io.safetensors
// RUN: weft-import %S/models/mistral | %python %S/check_model.py %S/models/mistral/io.safetensors --pieces

// CHECK-COUNT-2: weft.attention {{.*}} mask(#weft.and<#weft.causal, #weft.window<5>>)
// CHECK-NOT: weft.attention
