//===- Walk.h - Reads a file as any user of a reader would ----------------===//
//
// Used on hostile input by fuzz targets and mutation tests. Each function
// parses the bytes and, if they are accepted, touches all that the result
// promises: a lie that passed the reader is a read out of bounds here.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_TEST_UNIT_FORMATS_WALK_H
#define WEFT_TEST_UNIT_FORMATS_WALK_H

#include "frontends/formats/config/Config.h"
#include "frontends/formats/dequantize/Dequantize.h"
#include "frontends/formats/gguf/Gguf.h"
#include "frontends/formats/onnx/Onnx.h"
#include "frontends/formats/safetensors/Safetensors.h"

#include <cstdlib>

namespace weft::formats {

/// Ends the process if a promise of a reader is broken.
inline void expectTrue(bool condition) {
  if (!condition)
    std::abort();
}

/// Errors must be printable in one line.
inline void walkError(const Error &error) {
  expectTrue(!error.message.empty());
  expectTrue(error.str().find('\n') == std::string::npos);
}

inline void walkTensors(Bytes bytes, const std::vector<TensorInfo> &tensors) {
  volatile uint8_t sink = 0;
  for (const TensorInfo &tensor : tensors) {
    expectTrue(tensor.offset <= bytes.size &&
               tensor.size <= bytes.size - tensor.offset);
    expectTrue(getStorageSize(tensor.type, tensor.shape) == tensor.size);
    if (tensor.size == 0)
      continue;
    sink = bytes.data[tensor.offset];
    sink = bytes.data[tensor.offset + tensor.size - 1];
    std::vector<float> block(getFacts(tensor.type).elements);
    dequantize(tensor.type, bytes.data + tensor.offset, block.size(),
               block.data());
  }
  (void)sink;
}

inline void walkGgufValue(const GgufValue &value) {
  (void)value.asInteger();
  (void)value.asReal();
  (void)value.asBool();
  if (auto text = value.asString())
    (void)std::string(*text);
  if (auto array = value.asArray()) {
    if (auto strings = array->strings())
      for (std::string_view text : *strings)
        (void)std::string(text);
    for (const GgufValue &item : array->values())
      walkGgufValue(item);
  }
}

inline bool walkGguf(Bytes bytes) {
  auto contents = parseGguf(bytes, "file.gguf");
  if (!contents) {
    walkError(contents.error());
    return false;
  }
  walkTensors(bytes, contents->tensors);
  for (const auto &[key, value] : contents->metadata)
    walkGgufValue(value);
  return true;
}

inline bool walkSafetensors(Bytes bytes) {
  auto contents = parseSafetensors(bytes, "file.safetensors");
  if (!contents) {
    walkError(contents.error());
    return false;
  }
  walkTensors(bytes, contents->tensors);
  uint64_t total = 0;
  for (const TensorInfo &tensor : contents->tensors)
    total += tensor.size;
  expectTrue(total <= bytes.size);
  return true;
}

inline bool walkSafetensorsIndex(Bytes bytes) {
  auto index = parseSafetensorsIndex(bytes.text(), "index.json");
  if (!index)
    walkError(index.error());
  return bool(index);
}

inline bool walkOnnx(Bytes bytes) {
  auto contents = parseOnnx(bytes, "file.onnx");
  if (!contents) {
    walkError(contents.error());
    return false;
  }
  walkTensors(bytes, contents->tensors);
  for (const OnnxExternal &external : contents->externals)
    expectTrue(!external.location.empty() && external.location[0] != '/');
  for (const onnx::Tensor &tensor : contents->model.graph().initializer())
    (void)getOnnxShape(tensor);
  return true;
}

inline bool walkConfig(Bytes bytes) {
  auto config = Config::parse(bytes.text(), "config.json");
  if (!config) {
    walkError(config.error());
    return false;
  }
  const int64_t hidden = config->getPositive("hidden_size");
  expectTrue(hidden >= 1);
  const int64_t heads = config->getInteger("num_attention_heads", 1, 4096, 4);
  expectTrue(heads >= 1 && heads <= 4096);
  (void)config->getReal("rms_norm_eps", 1e-6);
  (void)config->getBool("tie_word_embeddings", false);
  (void)config->getChoice("hidden_act", {"silu", "gelu"}, "silu");
  (void)config->getStrings("architectures");
  (void)config->getIntegers("eos_token_id");
  (void)config->getReals("rope_factors");
  Config rope = config->getObject("rope_scaling");
  (void)rope.getReal("factor", 1.0);
  rope.ignore({"rope_type", "type"});
  config->require("attention_bias", false);
  Status status = config->finish();
  if (!status)
    walkError(status.error());
  return bool(status);
}

} // namespace weft::formats

#endif // WEFT_TEST_UNIT_FORMATS_WALK_H
