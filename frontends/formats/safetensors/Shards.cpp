//===- Shards.cpp - Weights of a model directory, in one file or many -----===//

#include "frontends/formats/common/Json.h"
#include "frontends/formats/common/Quote.h"
#include "frontends/formats/safetensors/Safetensors.h"

#include <set>
#include <unistd.h>

using namespace weft::formats;

/// An index names each tensor once: a few megabytes for the largest models.
static constexpr uint64_t kMaxIndex = 32 << 20;

/// A shard stands beside the index: a name with a directory in it could point
/// anywhere.
static bool isPlainFileName(const std::string &name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

Expected<std::map<std::string, std::string>>
weft::formats::parseSafetensorsIndex(std::string_view text,
                                     const std::string &file) {
  auto json = parseJson(text, file);
  if (!json)
    return json.takeError();
  if (!json->is_object())
    return Error{file, "",
                 std::string("expected an object but got ") +
                     describeJsonType(*json)};
  auto found = json->find("weight_map");
  if (found == json->end() || !found->is_object())
    return Error{
        file, "weight_map",
        std::string("expected an object but got ") +
            (found == json->end() ? "nothing" : describeJsonType(*found))};
  std::map<std::string, std::string> shardOf;
  for (auto &[name, shard] : found->items()) {
    const std::string *shardName = shard.get_ptr<const std::string *>();
    if (!shardName || !isPlainFileName(*shardName))
      return Error{file, "weight_map: " + quote(name),
                   "expected the name of a file beside the index but got " +
                       quoteJson(shard)};
    shardOf.emplace(name, *shardName);
  }
  return shardOf;
}

static Expected<TensorStore> openShards(const std::string &directory,
                                        const std::string &index) {
  auto text = readTextFile(index, kMaxIndex);
  if (!text)
    return text.takeError();
  auto shardOf = parseSafetensorsIndex(*text, index);
  if (!shardOf)
    return shardOf.takeError();

  std::set<std::string> shards;
  for (const auto &entry : *shardOf)
    shards.insert(entry.second);
  TensorStore store;
  for (const std::string &shard : shards) {
    const std::string path = directory + "/" + shard;
    auto file = MappedFile::open(path);
    if (!file)
      return file.takeError();
    auto contents = parseSafetensors((*file)->bytes(), path);
    if (!contents)
      return contents.takeError();
    if (Status status = store.add(*file, std::move(contents->tensors)); !status)
      return status.takeError();
  }
  for (const auto &[name, shard] : *shardOf) {
    const TensorInfo *tensor = store.find(name);
    if (!tensor || store.getFile(*tensor)->path() != directory + "/" + shard)
      return Error{index, "weight_map: " + quote(name),
                   "expected the tensor in " + shard + " but got " +
                       (tensor ? "it in " + store.getFile(*tensor)->path()
                               : "none of this name")};
  }
  return store;
}

Expected<TensorStore>
weft::formats::openSafetensorsDirectory(const std::string &directory) {
  const std::string single = directory + "/model.safetensors";
  if (::access(single.c_str(), F_OK) == 0)
    return openSafetensors(single);
  const std::string index = directory + "/model.safetensors.index.json";
  if (::access(index.c_str(), F_OK) == 0)
    return openShards(directory, index);
  return Error{directory, "",
               "expected model.safetensors or model.safetensors.index.json but "
               "got neither"};
}
