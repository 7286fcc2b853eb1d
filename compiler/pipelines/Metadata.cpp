//===- Metadata.cpp - What an artifact says about its model ---------------===//

#include "compiler/pipelines/Metadata.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include "runtime/tokenizer/Artifact.h"
#include "weft/weft.h"
#include "llvm/ADT/StringExtras.h"

using namespace weft;

int64_t weft::chooseContext(const ModelSource &source, int64_t wanted) {
  constexpr int64_t kMost = 4096;
  if (wanted)
    return wanted;
  auto it = source.metadata.find("context_length");
  int64_t made = kMost;
  if (it != source.metadata.end())
    llvm::to_integer(it->second, made);
  return std::min(made, kMost);
}

void weft::recordDefaults(ModelSource &source) {
  for (auto function : source.module->getOps<mlir::func::FuncOp>())
    for (unsigned i = 0; i != function.getNumArguments(); ++i) {
      auto value =
          function.getArgAttrOfType<mlir::IntegerAttr>(i, "weft.default");
      auto name = function.getArgAttrOfType<mlir::StringAttr>(i, "weft.name");
      if (value && name)
        source.metadata["default." + function.getName().str() + "." +
                        name.str()] = std::to_string(value.getInt());
    }
}

/// The tokenizer as a table of its own, in the form that is packed later.
static std::unique_ptr<fb::TokenizerT>
makeTokenizer(const TokenizerSpec &spec) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(writeTokenizer(builder, spec));
  return std::unique_ptr<fb::TokenizerT>(
      flatbuffers::GetRoot<fb::Tokenizer>(builder.GetBufferPointer())
          ->UnPack());
}

void weft::addMetadata(const ModelSource &source, fb::ProgramT &tables) {
  tables.producer = "weft " + std::to_string(WEFT_VERSION_MAJOR) + "." +
                    std::to_string(WEFT_VERSION_MINOR) + "." +
                    std::to_string(WEFT_VERSION_PATCH);
  if (source.tokenizer)
    tables.tokenizer = makeTokenizer(*source.tokenizer);
  for (const auto &[key, value] : source.metadata) {
    tables.metadata.push_back(std::make_unique<fb::SettingT>());
    tables.metadata.back()->key = key;
    tables.metadata.back()->value = value;
  }
}
