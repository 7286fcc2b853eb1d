//===- ConfigKeys.h - Keys that many Hugging Face models share ------------===//

#ifndef WEFT_FRONTENDS_HF_CONFIGKEYS_H
#define WEFT_FRONTENDS_HF_CONFIGKEYS_H

#include "frontends/common/Rope.h"
#include "frontends/formats/config/Config.h"

#include <map>

namespace weft {

/// Passes over keys that do not change what a model computes: training,
/// provenance, and what a classifier beside the model would be.
void ignoreCommonKeys(formats::Config &config);

/// Reads bos, eos and pad ids into `metadata`.
void readTokenIds(formats::Config &config,
                  std::map<std::string, std::string> &metadata);

/// Reads `rope_parameters` (transformers 5) or `rope_theta` and `rope_scaling`
/// (before), for heads of so many channels. Scalings: default, linear, llama3,
/// yarn. `maxPositions` is `max_position_embeddings`, `theta` the base where
/// none is given.
Rope readRope(formats::Config &config, int64_t headChannels,
              int64_t maxPositions, double theta = 10000.0);

/// Reads one object of `rope_parameters`.
Rope readRopeObject(formats::Config &scaling, int64_t headChannels,
                    int64_t maxPositions, double theta = 10000.0,
                    double share = 1.0);

} // namespace weft

#endif // WEFT_FRONTENDS_HF_CONFIGKEYS_H
