//===- Onnx.h - Reading ONNX files ----------------------------------------===//
//
// An ONNX file is one protobuf message, `Model` of onnx.proto. The bytes of its
// initializers are most of it; they are found in the mapped file and stay
// there, all else is parsed by protobuf. Models of more than 2 GiB keep tensors
// in files beside them ("external data"), which are mapped too. What protobuf
// refuses, lengths that do not fit, and files named outside the model's folder
// are errors; memory used is bounded by the file's size.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_ONNX_ONNX_H
#define WEFT_FRONTENDS_FORMATS_ONNX_ONNX_H

#include "frontends/formats/common/Tensors.h"
#include "frontends/formats/onnx/onnx.pb.h"

namespace weft::formats {

/// An initializer in another file.
struct OnnxExternal {
  TensorInfo tensor;    // offset and size are those in that file
  std::string location; // relative to the model's folder, inside of it
};

/// What a file holds.
struct OnnxContents {
  /// All but `raw_data` of initializers.
  onnx::Model model;
  /// Initializers whose bytes lie in this file.
  std::vector<TensorInfo> tensors;
  std::vector<OnnxExternal> externals;
};

/// Reads the bytes of a whole file. `file` is for messages.
Expected<OnnxContents> parseOnnx(Bytes bytes, const std::string &file);

/// An open file. An initializer is either in the store, or its numbers stand in
/// the message, or it is of a type that is not read here (`findOnnxType`
/// tells).
struct OnnxFile {
  onnx::Model model;
  TensorStore store;
};

/// Maps and reads a file, and the files of its external data.
Expected<OnnxFile> openOnnx(const std::string &path);

/// The storage of an element type of ONNX, if it is one that is read.
std::optional<DataType> findOnnxType(int32_t number);

/// ONNX's name of an element type, lower-case: "float16"; "type 99" where there
/// is none.
std::string getOnnxTypeName(int32_t number);

/// The sizes, outermost first; none if one is negative.
std::optional<std::vector<int64_t>> getOnnxShape(const onnx::Tensor &tensor);

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_ONNX_ONNX_H
