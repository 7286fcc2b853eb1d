//===- OnnxBuilder.h - ONNX models put together for tests -----------------===//

#ifndef WEFT_TEST_UNIT_FORMATS_ONNXBUILDER_H
#define WEFT_TEST_UNIT_FORMATS_ONNXBUILDER_H

#include "frontends/formats/onnx/Onnx.h"

#include <cstring>

namespace weft::formats {

inline std::string serialize(const onnx::Model &model) {
  std::string bytes;
  (void)model.SerializePartialToString(&bytes);
  return bytes;
}

inline onnx::Tensor &addTensor(onnx::Model &model, const std::string &name,
                               int32_t type,
                               const std::vector<int64_t> &shape) {
  onnx::Tensor &tensor = *model.mutable_graph()->add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(type);
  for (int64_t size : shape)
    tensor.add_dims(size);
  return tensor;
}

/// A tensor of three floats in another file.
inline void addExternal(onnx::Model &model, const std::string &name,
                        const std::string &location, const std::string &offset,
                        const std::string &length) {
  onnx::Tensor &tensor = addTensor(model, name, 1, {3});
  tensor.set_data_location(1);
  const std::pair<const char *, std::string> entries[] = {
      {"location", location}, {"offset", offset}, {"length", length}};
  for (const auto &[key, value] : entries) {
    auto *entry = tensor.add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  }
}

inline void addNode(onnx::Model &model, const std::string &op,
                    const std::vector<std::string> &inputs,
                    const std::string &output) {
  onnx::Node &node = *model.mutable_graph()->add_node();
  node.set_op_type(op);
  for (const std::string &input : inputs)
    node.add_input(input);
  node.add_output(output);
}

/// x times weights, seen as another shape.
inline onnx::Model makeOnnx() {
  onnx::Model model;
  model.set_ir_version(8);
  model.set_producer_name("test");
  model.add_opset_import()->set_version(17);
  const float numbers[6] = {1.5f, -2, 3, 4, 5, 6};
  addTensor(model, "weights", 1, {2, 3})
      .set_raw_data(reinterpret_cast<const char *>(numbers), sizeof(numbers));
  const int8_t codes[4] = {1, -2, 3, -4};
  addTensor(model, "codes", 3, {2, 2})
      .set_raw_data(reinterpret_cast<const char *>(codes), sizeof(codes));
  onnx::Tensor &shape = addTensor(model, "shape", 7, {2});
  shape.add_int64_data(3);
  shape.add_int64_data(-1);
  addNode(model, "MatMul", {"x", "weights"}, "y");
  addNode(model, "Reshape", {"y", "shape"}, "z");
  auto &input = *model.mutable_graph()->add_input();
  input.set_name("x");
  auto &type = *input.mutable_type()->mutable_tensor_type();
  type.set_elem_type(1);
  type.mutable_shape()->add_dim()->set_dim_param("tokens");
  type.mutable_shape()->add_dim()->set_dim_value(2);
  model.mutable_graph()->add_output()->set_name("z");
  return model;
}

} // namespace weft::formats

#endif // WEFT_TEST_UNIT_FORMATS_ONNXBUILDER_H
