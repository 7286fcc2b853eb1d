//===- Tensors.cpp - The tensors that model files hold --------------------===//

#include "frontends/formats/common/Tensors.h"

#include "frontends/formats/common/Quote.h"

using namespace weft::formats;

Status TensorStore::add(FilePtr file, std::vector<TensorInfo> tensors) {
  const unsigned number = static_cast<unsigned>(mapped.size());
  for (const TensorInfo &tensor : tensors)
    if (auto found = byName.find(tensor.name); found != byName.end())
      return Error{file->path(), "tensor " + quote(tensor.name),
                   "also stands in " + mapped[fileOf[found->second]]->path()};
  mapped.push_back(std::move(file));
  for (TensorInfo &tensor : tensors) {
    byName.emplace(tensor.name, infos.size());
    infos.push_back(std::move(tensor));
    fileOf.push_back(number);
  }
  return {};
}

const TensorInfo *TensorStore::find(std::string_view name) const {
  auto found = byName.find(std::string(name));
  return found == byName.end() ? nullptr : &infos[found->second];
}

const TensorStore::FilePtr &
TensorStore::getFile(const TensorInfo &tensor) const {
  return mapped[fileOf[static_cast<size_t>(&tensor - infos.data())]];
}

Bytes TensorStore::getBytes(const TensorInfo &tensor) const {
  return getFile(tensor)->bytes().slice(tensor.offset, tensor.size);
}
