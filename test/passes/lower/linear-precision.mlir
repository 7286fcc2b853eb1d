// RUN: sed s/HOW/split/ %s | weft-opt -weft-lower-to-program | FileCheck %s --check-prefixes=CHECK,SPLIT
// RUN: sed s/HOW/bf16/ %s | weft-opt -weft-lower-to-program | FileCheck %s --check-prefixes=CHECK,BF16
// RUN: sed s/HOW/int8/ %s | weft-opt -weft-lower-to-program | FileCheck %s --check-prefix=INT8
// RUN: sed s/HOW/int8-groups/ %s | weft-opt -weft-lower-to-program | FileCheck %s --check-prefix=GROUPS
// RUN: sed s/HOW/f8/ %s | not weft-opt -weft-lower-to-program 2>&1 | FileCheck %s --check-prefix=WRONG
// WRONG: error: expected 'weft.precision' f64, f32, split, bf16, int8-groups or int8 but got "f8"

module attributes {weft.precision = "HOW"} {
weft.parameter @w : tensor<96x64xf32> in "m" at 0
weft.parameter @half : tensor<96x64xbf16> in "m" at 24576
weft.parameter @blocks : tensor<96x64x!weft.blocks<#weft.q4_1>> in "m" at 36864

// Numbers become tiles, of two parts unless they are bf16; blocks stay. A tied table
// is stored once. Tasks are pairs of panels of many rows.
// CHECK-DAG: #[[TASKS:.*]] = affine_map<()[s0] -> (s0 ceildiv 128)>
func.func @three(%ids: tensor<?x?xi64> {weft.name = "ids"})
    -> (tensor<?x?x96xf32> {weft.name = "y"}, tensor<?x?x96xf32> {weft.name = "z"},
        tensor<?x?x96xf32> {weft.name = "u"}) {
  %w = weft.use @w : tensor<96x64xf32>
  %h = weft.use @half : tensor<96x64xbf16>
  %b = weft.use @blocks : tensor<96x64x!weft.blocks<#weft.q4_1>>
  %x = weft.embed %ids, %w
    : tensor<?x?xi64>, tensor<96x64xf32> -> tensor<?x?x64xf32>
  %y = weft.linear %x, %w
    : tensor<?x?x64xf32>, tensor<96x64xf32> -> tensor<?x?x96xf32>
  %z = weft.linear %x, %h
    : tensor<?x?x64xf32>, tensor<96x64xbf16> -> tensor<?x?x96xf32>
  %u = weft.linear %x, %b
    : tensor<?x?x64xf32>, tensor<96x64x!weft.blocks<#weft.q4_1>> -> tensor<?x?x96xf32>
  return %y, %z, %u : tensor<?x?x96xf32>, tensor<?x?x96xf32>, tensor<?x?x96xf32>
}

}

// SPLIT-DAG: program.parameter @w.packed : #program.panels<96 by 64 of tuple<bf16, bf16>, width 48> from [@w]
// BF16-DAG: program.parameter @w.packed : #program.panels<96 by 64 of tuple<bf16>, width 48> from [@w]
// CHECK-DAG: program.parameter @half.packed : #program.panels<96 by 64 of tuple<bf16>, width 48> from [@half]
// CHECK-DAG: program.parameter @blocks.packed : #program.panels<96 by 64 of !weft.blocks<#weft.q4_1>, width 48> from [@blocks]
// CHECK-NOT: program.parameter @w.
// SPLIT-DAG: precision = "split", rows_at_once = 512 : i64, rows_per_task = 128 : i64} tasks #[[TASKS]]
// BF16-DAG: precision = "bf16", rows_at_once = 512 : i64, rows_per_task = 128 : i64} tasks #[[TASKS]]

// Eight bits a weight, whatever it was.
// INT8-DAG: program.parameter @w.packed : #program.panels<96 by 64 of tuple<i8>, width 48> from [@w]
// INT8-DAG: program.parameter @half.packed : #program.panels<96 by 64 of tuple<i8>, width 48> from [@half]
// INT8-DAG: program.parameter @blocks.packed : #program.panels<96 by 64 of tuple<i8>, width 48> from [@blocks]
// INT8-DAG: precision = "int8", rows_at_once = 512 : i64, rows_per_task = 64 : i64}

// Blocks stay, and are multiplied as bytes by tasks as those of f32; numbers are as with int8.
// GROUPS-DAG: program.parameter @w.packed : #program.panels<96 by 64 of tuple<i8>, width 48> from [@w]
// GROUPS-DAG: program.parameter @half.packed : #program.panels<96 by 64 of tuple<i8>, width 48> from [@half]
// GROUPS-DAG: program.parameter @blocks.packed : #program.panels<96 by 64 of !weft.blocks<#weft.q4_1>, width 48> from [@blocks]
// GROUPS-DAG: precision = "int8", rows_at_once = 512 : i64, rows_per_task = 64 : i64}
// GROUPS-DAG: layouts = [#program.panels<96 by 64 of !weft.blocks<#weft.q4_1>, width 48>], n = 96 : i64, panels_per_task = 2 : i64, precision = "int8", rows_at_once = 264 : i64, rows_per_task = 264 : i64}
