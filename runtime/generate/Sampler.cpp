//===- Sampler.cpp - Choosing the next token ------------------------------===//

#include "runtime/generate/Sampler.h"
#include <algorithm>
#include <cmath>

using namespace weft;

double weft::portableExp(double x) {
  if (!(x > -745.2))
    return 0;
  // x = k ln 2 + r with |r| <= ln 2 / 2; ln 2 in two parts, the first exact
  // times k.
  double k = std::floor(x * 1.4426950408889634 + 0.5);
  double r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10;
  // The Taylor series to r^13 / 13!, whose rest is below 2^-56.
  double sum = 1;
  for (int n = 13; n > 0; --n)
    sum = 1 + sum * r / n;
  return std::ldexp(sum, static_cast<int>(k));
}

int64_t weft::greedyToken(const float *logits, size_t count) {
  size_t best = count;
  for (size_t id = 0; id < count; ++id)
    if (!std::isnan(logits[id]) && (best == count || logits[id] > logits[best]))
      best = id;
  return best == count ? 0 : static_cast<int64_t>(best);
}

double Sampler::nextUniform() {
  uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

void Sampler::keepTopK(const float *logits) {
  if (options.topK == 0 || options.topK >= candidates.size())
    return;
  auto better = [logits](const Candidate &a, const Candidate &b) {
    float left = logits[a.id], right = logits[b.id];
    return left != right ? left > right : a.id < b.id;
  };
  auto end = candidates.begin() + static_cast<ptrdiff_t>(options.topK);
  std::nth_element(candidates.begin(), end, candidates.end(), better);
  candidates.erase(end, candidates.end());
}

/// Takes the best from a heap one by one: few are needed, so not all are
/// sorted.
void Sampler::keepTopP() {
  if (!(options.topP < 1))
    return;
  auto worse = [](const Candidate &a, const Candidate &b) {
    return a.weight != b.weight ? a.weight < b.weight : a.id > b.id;
  };
  double total = 0, kept = 0;
  for (const Candidate &candidate : candidates)
    total += candidate.weight;
  auto end = candidates.end();
  std::make_heap(candidates.begin(), end, worse);
  do {
    std::pop_heap(candidates.begin(), end, worse);
    --end;
    kept += end->weight;
  } while (end != candidates.begin() && kept < options.topP * total);
  candidates.erase(candidates.begin(), end);
}

int64_t Sampler::sample(const float *logits, size_t count) {
  int64_t best = greedyToken(logits, count);
  double highest = static_cast<double>(logits[best]);
  // An infinite logit leaves no other choice, and would make NaNs of
  // differences.
  if (!(options.temperature > 0) || !std::isfinite(highest))
    return best;
  candidates.clear();
  for (size_t id = 0; id < count; ++id)
    if (!std::isnan(logits[id]))
      candidates.push_back({0, static_cast<int64_t>(id)});
  keepTopK(logits);
  // Sums depend on the order of their terms, so it is always that of the ids.
  auto byId = [](const Candidate &a, const Candidate &b) {
    return a.id < b.id;
  };
  std::sort(candidates.begin(), candidates.end(), byId);
  for (Candidate &candidate : candidates)
    candidate.weight =
        portableExp((static_cast<double>(logits[candidate.id]) - highest) /
                    options.temperature);
  keepTopP();
  std::sort(candidates.begin(), candidates.end(), byId);
  double total = 0, sum = 0;
  for (const Candidate &candidate : candidates)
    total += candidate.weight;
  double limit = nextUniform() * total;
  for (const Candidate &candidate : candidates) {
    sum += candidate.weight;
    if (sum > limit)
      return candidate.id;
  }
  return best;
}
