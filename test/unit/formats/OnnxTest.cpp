//===- OnnxTest.cpp - The reader of ONNX files ----------------------------===//

#include "Builders.h"
#include "OnnxBuilder.h"

#include "gtest/gtest.h"

#include <cstdlib>
#include <fstream>
#include <unistd.h>

using namespace weft::formats;

namespace {

/// A folder that goes away with the test.
class Folder {
public:
  Folder() {
    std::string pattern = testing::TempDir() + "onnxXXXXXX";
    path = mkdtemp(pattern.data());
  }
  ~Folder() { std::system(("rm -r '" + path + "'").c_str()); }
  std::string write(const std::string &name, const std::string &bytes) const {
    std::ofstream(path + "/" + name, std::ios::binary) << bytes;
    return path + "/" + name;
  }
  std::string path;
};

std::string getError(const onnx::Model &model) {
  const std::string bytes = serialize(model);
  auto contents = parseOnnx(bytesOf(bytes), "m.onnx");
  return contents ? "" : contents.error().str();
}

} // namespace

TEST(Onnx, FindsTensorsInTheFile) {
  const std::string bytes = serialize(makeOnnx());
  auto contents = parseOnnx(bytesOf(bytes), "m.onnx");
  ASSERT_TRUE(contents) << contents.error().str();
  EXPECT_EQ(contents->model.opset_import(0).version(), 17);
  EXPECT_EQ(contents->model.graph().node_size(), 2);
  EXPECT_EQ(contents->model.graph().initializer_size(), 3);
  // raw_data stays in the file.
  EXPECT_FALSE(contents->model.graph().initializer(0).has_raw_data());
  ASSERT_EQ(contents->tensors.size(), 2u);
  const TensorInfo &weights = contents->tensors[0];
  EXPECT_EQ(weights.name, "weights");
  EXPECT_EQ(weights.type, DataType::F32);
  EXPECT_EQ(weights.shape, (std::vector<int64_t>{2, 3}));
  ASSERT_EQ(weights.size, 24u);
  float first;
  std::memcpy(&first, bytes.data() + weights.offset, 4);
  EXPECT_EQ(first, 1.5f);
  // Numbers in fields of their own are in the message.
  EXPECT_EQ(contents->model.graph().initializer(2).int64_data(1), -1);
}

TEST(Onnx, MapsExternalData) {
  Folder folder;
  onnx::Model model = makeOnnx();
  addExternal(model, "outside", "data.bin", "8", "12");
  folder.write("data.bin", std::string(20, 'x'));
  const std::string path = folder.write("m.onnx", serialize(model));
  auto file = openOnnx(path);
  ASSERT_TRUE(file) << file.error().str();
  const TensorInfo *tensor = file->store.find("outside");
  ASSERT_NE(tensor, nullptr);
  EXPECT_EQ(tensor->offset, 8u);
  EXPECT_EQ(file->store.getFile(*tensor)->path(), folder.path + "/data.bin");
  EXPECT_EQ(file->store.getBytes(*tensor).text(), std::string(12, 'x'));
}

TEST(Onnx, RefusesExternalDataOutsideTheFolder) {
  for (const char *location :
       {"/etc/passwd", "../data.bin", "a/../../data.bin", "..", ""}) {
    onnx::Model model = makeOnnx();
    addExternal(model, "outside", location, "0", "12");
    EXPECT_EQ(getError(model),
              "m.onnx: initializer \"outside\": expected a location inside the "
              "model's folder but got \"" +
                  std::string(location) + "\"");
  }
}

TEST(Onnx, RefusesExternalDataThatDoesNotFit) {
  Folder folder;
  onnx::Model model = makeOnnx();
  addExternal(model, "outside", "data.bin", "16", "12");
  folder.write("data.bin", std::string(20, 'x'));
  const std::string path = folder.write("m.onnx", serialize(model));
  auto file = openOnnx(path);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().str(),
            path +
                ": initializer \"outside\": expected 12 bytes from byte 16 "
                "of " +
                folder.path + "/data.bin but it has 20 bytes");
  addExternal(model, "wrong", "data.bin", "1e3", "12");
  EXPECT_EQ(getError(model), "m.onnx: initializer \"wrong\": expected a number "
                             "as offset but got \"1e3\"");
}

TEST(Onnx, RefusesTensorsOfAnotherSize) {
  onnx::Model model = makeOnnx();
  model.mutable_graph()->mutable_initializer(0)->set_dims(0, 3);
  EXPECT_EQ(getError(model),
            "m.onnx: initializer \"weights\": expected 36 bytes for float [3, "
            "3] but got 24");
  model.mutable_graph()->mutable_initializer(0)->set_dims(0, -2);
  EXPECT_EQ(getError(model),
            "m.onnx: initializer \"weights\": a size is negative");
  model.mutable_graph()->mutable_initializer(0)->set_dims(0, INT64_MAX);
  EXPECT_EQ(getError(model), "m.onnx: initializer \"weights\": shape "
                             "[9223372036854775807, 3] is too large");
}

TEST(Onnx, RefusesTwoOfOneName) {
  onnx::Model model = makeOnnx();
  *model.mutable_graph()->add_initializer() = model.graph().initializer(0);
  EXPECT_EQ(getError(model), "m.onnx: initializer \"weights\": is there twice");
}

TEST(Onnx, RefusesWhatIsNoModel) {
  auto getText = [](const std::string &text) {
    auto contents = parseOnnx(bytesOf(text), "m.onnx");
    return contents ? "" : contents.error().str();
  };
  EXPECT_EQ(getText(""), "m.onnx: graph: expected a graph but got none");
  EXPECT_EQ(getText("GGUF, surely"),
            "m.onnx: byte 1: expected a field of a model but got broken or "
            "missing bytes");
  const std::string whole = serialize(makeOnnx());
  EXPECT_NE(getText(whole.substr(0, whole.size() / 2)), "");
}

TEST(Onnx, LeavesOutTypesThatAreNotRead) {
  onnx::Model model = makeOnnx();
  model.mutable_graph()->mutable_initializer(0)->set_data_type(14);
  const std::string bytes = serialize(model);
  auto contents = parseOnnx(bytesOf(bytes), "m.onnx");
  ASSERT_TRUE(contents);
  EXPECT_EQ(contents->tensors.size(), 1u);
  EXPECT_EQ(getOnnxTypeName(14), "complex64");
  EXPECT_EQ(getOnnxTypeName(99), "type 99");
  EXPECT_EQ(findOnnxType(14), std::nullopt);
}
