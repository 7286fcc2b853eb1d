//===- Sampling.cpp - Options of verbs that generate ----------------------===//

#include "compiler/tools/weft/common/Sampling.h"

void weft::cli::addSampling(CLI::App *verb, GenerateOptions &options) {
  SamplerOptions &sampler = options.sampler;
  verb->add_option("-n,--tokens", options.maxTokens, "Most tokens to generate")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("N");
  verb->add_option("--temperature", sampler.temperature,
                   "Above 0: choose at random, the more evenly the higher; 0: "
                   "take the best token")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->type_name("T");
  verb->add_option("--top-k", sampler.topK,
                   "Choose among the K best tokens (0: all)")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->type_name("K");
  verb->add_option("--top-p", sampler.topP,
                   "Choose among the fewest best tokens whose chances sum to P")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str()
      ->type_name("P");
  verb->add_option("--seed", sampler.seed, "Seed of the choices")
      ->capture_default_str()
      ->type_name("S");
  verb->add_option("--stop", options.stops, "Text that ends the answer")
      ->type_name("TEXT");
}
