// RUN: split-file %s %t
// RUN: not weft-import %t/unknown.mlir 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not weft-import %t/file.mlir 2>&1 | FileCheck %s --check-prefix=FILE
// RUN: not weft-import %t/circle.mlir 2>&1 | FileCheck %s --check-prefix=CIRCLE
// RUN: not weft-import %t/type.mlir 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: not weft-import %t/twice.mlir 2>&1 | FileCheck %s --check-prefix=TWICE

// UNKNOWN: unknown.mlir: 3:{{[0-9]+}}: expected a function of this text or of an import but got "nowhere"
//--- unknown.mlir
weft.import "library.mlir"
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = func.call @nowhere(%x) : (tensor<?xf32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}
// FILE: absent.mlir: cannot open the file
//--- file.mlir
weft.import "absent.mlir"
// CIRCLE: expected calls without a circle but got one through "round"
//--- circle.mlir
weft.import "library.mlir"
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = func.call @round(%x) : (tensor<?xf32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}
// TYPE: expected argument #0 of "round" as tensor<?xf32> but got f32
//--- type.mlir
weft.import "library.mlir"
func.func @f(%x: f32) -> f32 {
  %y = func.call @round(%x) : (f32) -> f32
  return %y : f32
}
// TWICE: expected one function of the name "round" but got another in
//--- twice.mlir
weft.import "library.mlir"
weft.import "other.mlir"
//--- library.mlir
func.func private @round(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = func.call @round(%x) : (tensor<?xf32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}
//--- other.mlir
func.func private @round(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}
