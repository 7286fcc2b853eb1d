//===- SlotBuilderTest.cpp - Folding, sharing, and what is static ---------===//

#include "compiler/artifact/SlotBuilder.h"
#include "gtest/gtest.h"

using namespace weft;
using namespace weft::artifact;
using fb::Opcode;

/// The function whose arena is `arena` bytes.
static fb::FunctionT finish(SlotBuilder &slots, Slot arena) {
  fb::FunctionT function;
  function.arena = arena;
  slots.finish(function);
  return function;
}

TEST(SlotBuilder, FoldsConstants) {
  SlotBuilder slots(1);
  Slot six = slots.mul(slots.constant(2), slots.constant(3));
  EXPECT_EQ(slots.constantValue(six), 6);
  EXPECT_EQ(slots.add(0, slots.constant(0)), 0u);
  EXPECT_EQ(slots.mul(0, slots.constant(1)), 0u);
  EXPECT_EQ(slots.constantValue(slots.mul(0, slots.constant(0))), 0);
  EXPECT_EQ(slots.constantValue(slots.binary(
                Opcode::CeilDiv, slots.constant(-7), slots.constant(2))),
            -3);
}

TEST(SlotBuilder, LeavesOverflowAndDivisionByZeroToTheRuntime) {
  SlotBuilder slots(0);
  Slot big = slots.constant(INT64_MAX);
  EXPECT_FALSE(slots.constantValue(slots.add(big, big)));
  EXPECT_FALSE(slots.constantValue(
      slots.binary(Opcode::FloorDiv, big, slots.constant(0))));
}

TEST(SlotBuilder, SharesEqualComputations) {
  SlotBuilder slots(2);
  EXPECT_EQ(slots.add(0, 1), slots.add(1, 0));
  EXPECT_NE(slots.binary(Opcode::Sub, 0, 1), slots.binary(Opcode::Sub, 1, 0));
}

TEST(SlotBuilder, ComputesWhatDoesNotChangeBeforeTheBody) {
  SlotBuilder slots(1);
  Slot i = slots.beginFor(slots.constant(0), 0);
  Slot invariant = slots.mul(0, slots.constant(4));
  Slot varying = slots.mul(i, slots.constant(4));
  slots.endFor();
  EXPECT_TRUE(slots.isStatic(invariant));
  EXPECT_FALSE(slots.isStatic(varying));
  fb::FunctionT function = finish(slots, invariant);
  // Constants 0 and 4, the product, then the loop.
  ASSERT_EQ(function.body.size(), 6u);
  EXPECT_EQ(function.body[2].op(), Opcode::Mul);
  EXPECT_EQ(function.body[3].op(), Opcode::For);
  EXPECT_EQ(function.body[3].value(), 5);
  EXPECT_EQ(function.body[5].op(), Opcode::End);
  EXPECT_EQ(function.body[5].value(), 3);
  EXPECT_EQ(function.slots, 6u);
}

TEST(SlotBuilder, DoesNotShareAcrossBranches) {
  SlotBuilder slots(1);
  Slot length = slots.load(0);
  slots.beginSkipUnless(0);
  Slot inside = slots.add(length, length);
  slots.endSkipUnless();
  EXPECT_NE(slots.add(length, length), inside);
}

TEST(SlotBuilder, DoesNotMoveADivisionThatMayFailOutOfABranch) {
  SlotBuilder slots(2);
  slots.beginSkipUnless(1);
  Slot quotient = slots.binary(Opcode::FloorDiv, 0, 1);
  slots.endSkipUnless();
  EXPECT_FALSE(slots.isStatic(quotient));
  fb::FunctionT function = finish(slots, 0);
  ASSERT_EQ(function.body.size(), 2u);
  EXPECT_EQ(function.body[0].op(), Opcode::SkipUnless);
  EXPECT_EQ(function.body[0].value(), 2);
}

TEST(SlotBuilder, KnowsThatStatesAreNotStatic) {
  SlotBuilder slots(1);
  Slot length = slots.stateFact(Opcode::StateLength, 0);
  EXPECT_EQ(length, slots.stateFact(Opcode::StateLength, 0));
  EXPECT_FALSE(slots.isStatic(slots.add(length, 0)));
}

TEST(SlotBuilder, LeavesOutWhatNobodyUses) {
  SlotBuilder slots(1);
  Slot product = slots.mul(0, slots.constant(4));
  slots.add(product, slots.constant(5));
  fb::FunctionT function = finish(slots, product);
  ASSERT_EQ(function.body.size(), 2u); // 4, and the product
  EXPECT_EQ(function.body[1].dst(), product);
}
