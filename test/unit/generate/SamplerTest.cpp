//===- SamplerTest.cpp - Choosing tokens ----------------------------------===//

#include "runtime/generate/Sampler.h"
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <map>

using namespace weft;

static constexpr float kInf = std::numeric_limits<float>::infinity();
static constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Greedy, TakesTheHighestAndOfEqualOnesTheFirst) {
  const float logits[] = {1, 3, 2, 3};
  EXPECT_EQ(greedyToken(logits, 4), 1);
  const float withNan[] = {kNan, -kInf, kNan, -5};
  EXPECT_EQ(greedyToken(withNan, 4), 3);
  const float nothing[] = {kNan, kNan};
  EXPECT_EQ(greedyToken(nothing, 2), 0);
  Sampler sampler({});
  EXPECT_EQ(sampler.sample(logits, 4), 1) << "temperature 0 is greedy";
}

TEST(PortableExp, IsExpWithinTwoUlp) {
  for (double x = 0; x > -700; x -= 0.37) {
    double exact = std::exp(x);
    EXPECT_NEAR(portableExp(x), exact, exact * 4.5e-16) << x;
  }
  EXPECT_EQ(portableExp(0), 1.0);
  EXPECT_EQ(portableExp(-1e9), 0.0);
  EXPECT_EQ(portableExp(-std::numeric_limits<double>::infinity()), 0.0);
}

/// How often each id is chosen.
static std::map<int64_t, int> histogram(const SamplerOptions &options,
                                        const std::vector<float> &logits,
                                        int count) {
  Sampler sampler(options);
  std::map<int64_t, int> chosen;
  for (int i = 0; i < count; ++i)
    ++chosen[sampler.sample(logits.data(), logits.size())];
  return chosen;
}

TEST(Sampler, FollowsTheProbabilities) {
  std::vector<float> logits = {std::log(1.f), std::log(2.f), std::log(5.f),
                               std::log(2.f)};
  auto chosen = histogram({1.0, 0, 1.0, 42}, logits, 100000);
  const double expected[] = {0.1, 0.2, 0.5, 0.2};
  for (int id = 0; id < 4; ++id)
    EXPECT_NEAR(chosen[id] / 1e5, expected[id], 0.006)
        << id; // 4 standard deviations
  // At temperature 1/2 the weights are squared.
  chosen = histogram({0.5, 0, 1.0, 42}, logits, 100000);
  for (int id = 0; id < 4; ++id)
    EXPECT_NEAR(chosen[id] / 1e5, expected[id] * expected[id] / 0.34, 0.006)
        << id;
}

TEST(Sampler, TopKKeepsTheBestAndOfEqualOnesTheFirst) {
  auto chosen = histogram({1.0, 2, 1.0, 1}, {1, 2, 1, 2, 2}, 1000);
  EXPECT_EQ(chosen.size(), 2u);
  EXPECT_TRUE(chosen.count(1) && chosen.count(3));
  EXPECT_EQ(histogram({1.0, 1, 1.0, 1}, {1, 2, 1, 2, 2}, 100).size(), 1u);
}

TEST(Sampler, TopPKeepsTheFewestThatReachIt) {
  std::vector<float> logits = {std::log(1.f), std::log(2.f), std::log(5.f),
                               std::log(2.f)};
  EXPECT_EQ(histogram({1.0, 0, 0.5, 1}, logits, 1000),
            (std::map<int64_t, int>{{2, 1000}}));
  auto chosen = histogram({1.0, 0, 0.65, 1}, logits, 1000);
  EXPECT_EQ(chosen.size(), 2u);
  EXPECT_TRUE(chosen.count(1)) << "of the two of equal weight the first";
  EXPECT_EQ(histogram({1.0, 0, 0.0, 1}, logits, 100).size(), 1u)
      << "never none";
}

TEST(Sampler, ExtremesAreHarmless) {
  EXPECT_EQ(histogram({1.0, 0, 1.0, 1}, {-kInf, 0, -kInf}, 50).size(), 1u);
  EXPECT_EQ(histogram({1.0, 0, 1.0, 1}, {0, kInf, 5}, 50),
            (std::map<int64_t, int>{{1, 50}}));
  EXPECT_EQ(histogram({1.0, 0, 1.0, 1}, {kNan, kNan}, 5),
            (std::map<int64_t, int>{{0, 5}}));
  EXPECT_EQ(histogram({1e-300, 0, 1.0, 1}, {1, 2}, 50),
            (std::map<int64_t, int>{{1, 50}}));
  EXPECT_EQ(histogram({1e300, 0, 1.0, 1}, {1, 2, 3, 4}, 400).size(), 4u);
}

// The numbers of SplitMix64 from seed 0 begin e220a8397b1dcdaf 6e789e6aa1b965f4
// 06c45d188009454f f88bb8a8724c81ec; with n equal weights the choice is floor(u
// n).
TEST(Sampler, SameSeedSameChoicesEverywhere) {
  std::vector<float> flat(1000, 0.f);
  Sampler sampler({1.0, 0, 1.0, 0});
  for (int64_t expected : {883, 431, 26, 970})
    EXPECT_EQ(sampler.sample(flat.data(), flat.size()), expected);
  Sampler other({1.0, 0, 1.0, 1});
  EXPECT_NE(other.sample(flat.data(), flat.size()), 883);
}
