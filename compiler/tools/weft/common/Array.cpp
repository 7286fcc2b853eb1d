//===- Array.cpp - A tensor that owns its bytes ---------------------------===//

#include "compiler/tools/weft/common/Runtime.h"
#include <cstring>

using namespace weft::cli;

void Array::Free::operator()(void *data) const { std::free(data); }

static weft_tensor shape(weft_dtype type, const std::vector<int64_t> &dims) {
  if (dims.size() > WEFT_MAX_RANK)
    throw Failure("expected at most " + std::to_string(WEFT_MAX_RANK) +
                  " axes but got " + std::to_string(dims.size()));
  weft_tensor tensor = {};
  tensor.dtype = type;
  tensor.rank = int32_t(dims.size());
  std::copy(dims.begin(), dims.end(), tensor.dims);
  return tensor;
}

Array::Array(weft_dtype type, const std::vector<int64_t> &dims)
    : Array(shape(type, dims)) {}

Array::Array(const weft_tensor &tensor) : view(tensor) {
  check(weft_tensor_bytes(&tensor, &size), "tensor");
  size_t room = (size + 64) / 64 * 64;
  memory.reset(std::aligned_alloc(64, room));
  if (!memory)
    throw std::bad_alloc();
  std::memset(memory.get(), 0, room);
  view.data = memory.get();
}

std::vector<int64_t> Array::dims() const {
  return {view.dims, view.dims + view.rank};
}

int64_t Array::elements() const {
  int64_t count = 1;
  for (int64_t dim : dims())
    count *= dim;
  return count;
}

std::string weft::cli::describe(weft_dtype type,
                                const std::vector<int64_t> &dims) {
  std::string text = std::string(weft_dtype_name(type)) + "[";
  for (size_t i = 0; i != dims.size(); ++i)
    text += (i ? ", " : "") + std::to_string(dims[i]);
  return text + "]";
}
