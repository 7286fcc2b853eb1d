//===- Sampler.h - Choosing the next token ----------------------*- C++ -*-===//
//
// The same logits, options and seed give the same tokens everywhere: nothing
// here depends on the machine's mathematical library, and ties go to the lower
// id.
//
// With temperature 0 the token of the highest logit is taken. Else, with
//   w_i = exp((logit_i - highest) / temperature),
// the `topK` tokens of the highest logits are kept, then of these the fewest,
// best first, whose weights reach `topP` of the sum; of those kept, in the
// order of their ids, the first is taken at which the running sum of weights
// exceeds u times their sum. The n-th choice takes for u the n-th number of
// SplitMix64 (Steele, Lea and Flood 2014) started at `seed`:
//   s_n = seed + n * 0x9E3779B97F4A7C15
//   z = (s_n ^ s_n >> 30) * 0xBF58476D1CE4E5B9
//   z = (z ^ z >> 27) * 0x94D049BB133111EB
//   u = ((z ^ z >> 31) >> 11) * 2^-53
// all in unsigned arithmetic of 64 bits.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_GENERATE_SAMPLER_H
#define WEFT_GENERATE_SAMPLER_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft {

struct SamplerOptions {
  double temperature = 0; // 0: greedy
  size_t topK = 0;        // 0: all
  double topP = 1;        // 1: all
  uint64_t seed = 0;
};

/// exp(x) for x <= 0 within 2 ulp of double, from additions and multiplications
/// only.
double portableExp(double x);

/// The id of the highest logit, of equal ones the lowest; NaNs are passed over.
/// 0 if there is no other.
int64_t greedyToken(const float *logits, size_t count);

/// One stream of choices; not for more than one thread at once.
class Sampler {
public:
  explicit Sampler(const SamplerOptions &options)
      : options(options), state(options.seed) {}

  /// The next token; `count` is at least 1. NaNs are never chosen.
  int64_t sample(const float *logits, size_t count);

private:
  struct Candidate {
    double weight;
    int64_t id;
  };
  double nextUniform();
  void keepTopK(const float *logits);
  void keepTopP();

  SamplerOptions options;
  uint64_t state;
  std::vector<Candidate> candidates; // kept, so that sampling does not allocate
};

} // namespace weft

#endif // WEFT_GENERATE_SAMPLER_H
