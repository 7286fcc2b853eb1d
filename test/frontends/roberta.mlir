// RoBERTa: positions that pass over padding, wherever it stands.
// RUN: weft-import %S/models/roberta | FileCheck %s
// RUN: weft-import %S/models/roberta | %python %S/check_model.py %S/models/roberta/io.safetensors
// RUN: weft-import %S/models/roberta | %python %S/check_model.py %S/models/roberta/io.safetensors --without token_type_ids

// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]
// CHECK: arith.cmpi ne
