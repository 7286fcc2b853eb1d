// BERT: both sides seen, padding as data, inputs that may be left out.
// RUN: weft-import %S/models/bert | FileCheck %s
// RUN: weft-import %S/models/bert | %python %S/check_model.py %S/models/bert/io.safetensors
// RUN: weft-import %S/models/bert | not %python %S/check_model.py %S/models/bert/io.safetensors --without token_type_ids
// RUN: weft-import %S/models/bert --metadata | FileCheck %s --check-prefix=METADATA

// METADATA: // context_length = 40
// METADATA: // task = embed

// CHECK: func.func @forward(%[[IDS:.*]]: tensor<?x?xi64> {weft.name = "input_ids", weft.sequence = 1 : i64},
// CHECK-SAME: %[[MASK:.*]]: tensor<?x?xi64> {weft.default = 1 : i64, weft.name = "attention_mask", weft.sequence = 1 : i64},
// CHECK-SAME: %[[TYPES:.*]]: tensor<?x?xi64> {weft.default = 0 : i64, weft.name = "token_type_ids", weft.sequence = 1 : i64})
// CHECK-SAME: -> (tensor<?x?x32xf32> {weft.name = "last_hidden_state"}) {
// CHECK: weft.embed %[[TYPES]]
// CHECK: weft.attention {{.*}} valid %[[MASK]] normaliser(#weft.softmax) :
// CHECK: math.erf
