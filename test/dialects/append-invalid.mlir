// RUN: weft-opt %s -split-input-file -verify-diagnostics

func.func @fixed(%k: tensor<1x?x8xf32>, %s: tensor<1x64x8xf32>, %p: index) {
  // expected-error @below {{expected growth append or last but got fixed}}
  %0, %1, %2 = weft.append<fixed> %k to %s at %p
    : tensor<1x?x8xf32> to tensor<1x64x8xf32> -> tensor<1x?x8xf32>
  return
}

// -----

func.func @dynamic(%k: tensor<1x?x8xf32>, %s: tensor<1x?x8xf32>, %p: index) {
  // expected-error @below {{expected a state of static shape with rows on axis 1 but got 'tensor<1x?x8xf32>'}}
  %0, %1, %2 = weft.append<append> %k to %s at %p
    : tensor<1x?x8xf32> to tensor<1x?x8xf32> -> tensor<1x?x8xf32>
  return
}

// -----

func.func @element(%k: tensor<1x?x8xi1>, %s: tensor<1x64x8xf32>, %p: index) {
  // expected-error @below {{expected tokens of the rank and elements of state, 'tensor<1x64x8xf32>', but got 'tensor<1x?x8xi1>'}}
  %0, %1, %2 = weft.append<append> %k to %s at %p
    : tensor<1x?x8xi1> to tensor<1x64x8xf32> -> tensor<1x?x8xf32>
  return
}

// -----

func.func @row(%k: tensor<1x?x8xf32>, %s: tensor<1x64x8xf32>, %p: index) {
  // expected-error @below {{expected seen with 8 elements as state but got 4}}
  %0, %1, %2 = weft.append<append> %k to %s at %p
    : tensor<1x?x8xf32> to tensor<1x64x8xf32> -> tensor<1x?x4xf32>
  return
}
