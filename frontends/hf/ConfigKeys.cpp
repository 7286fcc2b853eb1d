//===- ConfigKeys.cpp - Keys that many Hugging Face models share ----------===//

#include "frontends/hf/ConfigKeys.h"

#include <cmath>

using namespace weft;
using formats::Config;

void weft::ignoreCommonKeys(Config &config) {
  config.ignore({
      "_attn_implementation_autoset",
      "_name_or_path",
      "architectures",
      "attention_dropout",
      "attention_probs_dropout_prob",
      "attn_pdrop",
      "auto_map",
      "classifier_dropout",
      "dtype",
      "embd_pdrop",
      "finetuning_task",
      "gradient_checkpointing",
      "hidden_dropout_prob",
      "id2label",
      "initializer_range",
      "label2id",
      "model_type",
      "num_labels",
      "output_past",
      "pretraining_tp",
      "problem_type",
      "resid_pdrop",
      "task_specific_params",
      "torch_dtype",
      "transformers.js_config",
      "transformers_version",
      "unsloth_version",
      "use_cache",
  });
}

void weft::readTokenIds(Config &config,
                        std::map<std::string, std::string> &metadata) {
  // -1 stands for none in some configurations.
  for (const char *key : {"bos_token_id", "pad_token_id"})
    if (int64_t id = config.getInteger(key, -1, INT32_MAX, -1); id >= 0)
      metadata[key] = std::to_string(id);
  std::string ids;
  for (int64_t id : config.getIntegers("eos_token_id"))
    ids += (ids.empty() ? "" : ",") + std::to_string(id);
  if (!ids.empty())
    metadata["eos_token_ids"] = ids;
}

/// YaRN's magnitude: given, or made from `mscale` and `mscale_all_dim`.
static double readYarnMagnitude(Config &scaling, double factor) {
  const double mscale = scaling.getReal("mscale", 0.0);
  const double allDim = scaling.getReal("mscale_all_dim", 0.0);
  if (scaling.has("attention_factor"))
    return scaling.getReal("attention_factor");
  if (mscale == 0 || allDim == 0 || factor <= 1)
    return getYarnMagnitude(factor);
  auto scaled = [&](double m) { return 0.1 * m * std::log(factor) + 1; };
  return scaled(mscale) / scaled(allDim);
}

/// Changes the frequencies as the scaling of this type says.
static void readScaling(Config &scaling, const std::string &type, double theta,
                        double maxPositions, Rope &rope) {
  if (type == "default")
    return;
  const double factor = scaling.getReal("factor");
  if (factor <= 0) {
    scaling.fail("factor", "expected a positive number but got " +
                               std::to_string(factor));
    return;
  }
  if (type == "linear") {
    scaleRopeLinear(rope, factor);
    return;
  }
  const double original =
      scaling.getReal("original_max_position_embeddings", maxPositions);
  if (type == "llama3") {
    const double low = scaling.getReal("low_freq_factor");
    const double high = scaling.getReal("high_freq_factor");
    if (high <= low)
      scaling.fail("high_freq_factor", "expected more than low_freq_factor, " +
                                           std::to_string(low) + ", but got " +
                                           std::to_string(high));
    scaleRopeLlama3(rope, factor, low, high, original);
    return;
  }
  YarnScaling yarn{theta, factor, original};
  yarn.betaFast = scaling.getReal("beta_fast", 32);
  yarn.betaSlow = scaling.getReal("beta_slow", 1);
  yarn.truncate = scaling.getBool("truncate", true);
  scaleRopeYarn(rope, yarn);
  rope.magnitude = readYarnMagnitude(scaling, factor);
}

Rope weft::readRopeObject(Config &scaling, int64_t headChannels,
                          int64_t maxPositions, double theta, double share) {
  theta = scaling.getReal("rope_theta", theta);
  share = scaling.getReal("partial_rotary_factor", share);
  // Before transformers 4.43 the key was "type".
  const std::string type =
      scaling.getChoice(scaling.has("rope_type") ? "rope_type" : "type",
                        {"default", "linear", "llama3", "yarn"}, "default");
  scaling.ignore({"type"});

  const auto channels =
      static_cast<int64_t>(static_cast<double>(headChannels) * share);
  if (theta <= 0 || share <= 0 || share > 1 || channels < 2 ||
      channels % 2 != 0) {
    scaling.fail("rope_theta", "expected a positive number and an even number "
                               "of rotated channels but got " +
                                   std::to_string(theta) + " and " +
                                   std::to_string(channels) + " of " +
                                   std::to_string(headChannels) + " channels");
    return {};
  }
  Rope rope;
  rope.frequencies = getRopeFrequencies(theta, channels);
  readScaling(scaling, type, theta, static_cast<double>(maxPositions), rope);
  return rope;
}

Rope weft::readRope(Config &config, int64_t headChannels, int64_t maxPositions,
                    double theta) {
  Config scaling = config.getObject(
      config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
  theta = config.getReal("rope_theta", theta);
  const double share = config.getReal("partial_rotary_factor", 1.0);
  return readRopeObject(scaling, headChannels, maxPositions, theta, share);
}
