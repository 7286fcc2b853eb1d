//===- NpyTest.cpp - NumPy's files, read and written ----------------------===//

#include "frontends/formats/npy/Npy.h"
#include "gtest/gtest.h"

using namespace weft::formats;

static Expected<NpyArray> parse(const std::string &text) {
  return parseNpy({reinterpret_cast<const uint8_t *>(text.data()), text.size()},
                  "a.npy");
}

/// A file of version 1 with this dict and so many bytes of numbers.
static std::string file(const std::string &dict, size_t bytes) {
  std::string text("\x93NUMPY\1\0", 8);
  text += char(dict.size());
  text += '\0';
  return text + dict + std::string(bytes, '\0');
}

static std::string errorOf(const std::string &text) {
  auto array = parse(text);
  return array ? "none" : array.error().str();
}

TEST(Npy, ReadsWhatNumpyWrites) {
  std::string text = file(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  \n", 24);
  auto array = parse(text);
  ASSERT_TRUE(array) << array.error().str();
  EXPECT_EQ(array->type, DataType::F32);
  EXPECT_EQ(array->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(array->data.size, 24u);
}

TEST(Npy, ReadsWhatItWrites) {
  for (auto type : {DataType::F32, DataType::I64, DataType::BF16,
                    DataType::Bool, DataType::U8})
    for (std::vector<int64_t> shape :
         {std::vector<int64_t>{}, {5}, {2, 0, 3}}) {
      std::string text = makeNpyHeader(type, shape);
      EXPECT_EQ(text.size() % 64, 0u);
      text.append(*getStorageSize(type, shape), '\0');
      auto array = parse(text);
      ASSERT_TRUE(array) << array.error().str();
      EXPECT_EQ(array->type, type);
      EXPECT_EQ(array->shape, shape);
    }
}

TEST(Npy, NamesWhatWasExpectedAndFound) {
  EXPECT_EQ(errorOf("PK\3\4"), "a.npy: expected a NumPy array (.npy)");
  EXPECT_EQ(errorOf(std::string("\x93NUMPY\4\0\0\0", 10)),
            "a.npy: expected version 1 to 3 but got 4");
  EXPECT_EQ(errorOf(std::string("\x93NUMPY\1\0\xff\0{}", 12)),
            "a.npy: header: expected 255 bytes but got 2");
  EXPECT_EQ(errorOf(file("{'descr': '>f4'", 0)),
            "a.npy: header: expected plain little-endian numbers but got type "
            "\">f4\"");
  EXPECT_EQ(errorOf(file("{'fortran_order': True, ", 0)),
            "a.npy: header: expected False for 'fortran_order' (a row-major "
            "array) but got \"True, \"");
  EXPECT_EQ(errorOf(file("{'shape': (3, -1)", 0)),
            "a.npy: header: expected a size but got \"-1)\"");
  EXPECT_EQ(errorOf(file("{'kind': 1}", 0)),
            "a.npy: header: expected 'descr', 'fortran_order' or 'shape' but "
            "got \"kind\"");
  EXPECT_EQ(errorOf(file("{'descr': '<f4'}", 0)),
            "a.npy: header: expected 'descr', 'fortran_order' and 'shape'");
  std::string dict = "{'descr': '<i8', 'fortran_order': False, 'shape': (2,)}";
  EXPECT_EQ(errorOf(file(dict, 15)),
            "a.npy: expected 16 bytes for shape [2] but got 15");
}

TEST(Npy, RefusesSizesThatOverflow) {
  std::string dict = "{'descr': '<i8', 'fortran_order': False, 'shape': "
                     "(999999999999999999, 999999999999999999)}";
  EXPECT_EQ(errorOf(file(dict, 8)),
            "a.npy: expected fewer than 2^63 bytes for shape "
            "[999999999999999999, 999999999999999999] but got 8");
}
