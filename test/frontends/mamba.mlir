// Mamba: short convolution, selective scan, gate.
// RUN: weft-import %S/models/mamba | FileCheck %s
// RUN: weft-import %S/models/mamba | %python %S/check_model.py %S/models/mamba/io.safetensors
// RUN: weft-import %S/models/mamba | %python %S/check_model.py %S/models/mamba/io.safetensors --pieces

// CHECK: weft.parameter @layers.0.mixer.conv1d.weight : tensor<64x4xf32>
// CHECK: weft.short_conv
// CHECK: math.log1p
// CHECK: %[[A:.*]] = linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel"]
// CHECK: weft.scan {{.*}} transition(#weft.selective gates %{{.*}}, %[[A]])
