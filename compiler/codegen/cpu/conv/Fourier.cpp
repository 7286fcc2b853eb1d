//===- Fourier.cpp - Fourier transforms of columns ------------------------===//

#include "compiler/codegen/cpu/conv/Fourier.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Complex = Fourier::Complex;

/// 256 rows of two vectors take two thirds of a first cache of 48 KiB.
static constexpr int64_t kLogOfPart = 8;

//===----------------------------------------------------------------------===//
// Complex numbers
//===----------------------------------------------------------------------===//

Complex Fourier::load(Value data, Index row) {
  return {b.load(data, {row, 0}), b.load(data, {row, b.lanes()})};
}

void Fourier::store(Complex number, Value data, Index row) {
  b.store(number.re, data, {row, 0});
  b.store(number.im, data, {row, b.lanes()});
}

Complex Fourier::add(Complex x, Complex y) {
  return {b.addf(x.re, y.re), b.addf(x.im, y.im)};
}

Complex Fourier::sub(Complex x, Complex y) {
  return {b.subf(x.re, y.re), b.subf(x.im, y.im)};
}

Complex Fourier::mul(Complex x, Complex y) {
  Value minus = arith::NegFOp::create(b, x.im);
  return {b.fma(minus, y.im, b.mulf(x.re, y.re)),
          b.fma(x.im, y.re, b.mulf(x.re, y.im))};
}

Complex Fourier::mulConjugate(Complex x, Complex y) {
  Value minus = arith::NegFOp::create(b, x.re);
  return {b.fma(x.im, y.im, b.mulf(x.re, y.re)),
          b.fma(minus, y.im, b.mulf(x.im, y.re))};
}

/// i x.
static Complex turn(KernelBuilder &b, Complex x) {
  return {arith::NegFOp::create(b, x.im), x.re};
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

Value Fourier::shiftLeft(Index value, Value count) {
  return arith::ShLIOp::create(b, b.index(value), count);
}

Value Fourier::shiftRight(Index value, Value count) {
  return arith::ShRUIOp::create(b, b.index(value), count);
}

void Fourier::forGroups(
    Value data, Value from, Value size, Value length,
    function_ref<void(const Value (&)[4], const Complex (&)[3])> body) {
  Value quarter = b.div(length, 4);
  b.loop(from, b.add(from, size), length, [&](Value group) {
    b.loop(0, quarter, 1, [&](Value j) {
      Value rows[4] = {b.add(group, j)};
      for (int64_t i = 1; i < 4; ++i)
        rows[i] = b.add(rows[i - 1], quarter);
      Complex factors[3];
      Value row = b.add(quarter, j);
      for (int64_t i = 0; i < 3; ++i)
        factors[i] = {b.loadBroadcast(roots, {row, 2 * i}),
                      b.loadBroadcast(roots, {row, 2 * i + 1})};
      body(rows, factors);
    });
  });
}

void Fourier::forwardStep(Value data, Value from, Value size, Value length) {
  forGroups(data, from, size, length, [&](auto &rows, auto &factors) {
    Complex x[4];
    for (int64_t i = 0; i < 4; ++i)
      x[i] = load(data, rows[i]);
    Complex even = add(x[0], x[2]), odd = add(x[1], x[3]);
    Complex difference = sub(x[0], x[2]), turned = turn(b, sub(x[1], x[3]));
    store(add(even, odd), data, rows[0]);
    store(mul(sub(even, odd), factors[1]), data, rows[1]);
    store(mul(sub(difference, turned), factors[0]), data, rows[2]);
    store(mul(add(difference, turned), factors[2]), data, rows[3]);
  });
}

void Fourier::inverseStep(Value data, Value from, Value size, Value length) {
  forGroups(data, from, size, length, [&](auto &rows, auto &factors) {
    Complex u0 = load(data, rows[0]);
    Complex u1 = mulConjugate(load(data, rows[1]), factors[1]);
    Complex u2 = mulConjugate(load(data, rows[2]), factors[0]);
    Complex u3 = mulConjugate(load(data, rows[3]), factors[2]);
    Complex even = add(u0, u1), difference = sub(u0, u1);
    Complex odd = add(u2, u3), turned = turn(b, sub(u2, u3));
    store(add(even, odd), data, rows[0]);
    store(add(difference, turned), data, rows[1]);
    store(sub(even, odd), data, rows[2]);
    store(sub(difference, turned), data, rows[3]);
  });
}

void Fourier::pairStep(Value data, Value from, Value size) {
  b.loop(from, b.add(from, size), 2, [&](Value row) {
    Complex x = load(data, row), y = load(data, b.add(row, 1));
    store(add(x, y), data, row);
    store(sub(x, y), data, b.add(row, 1));
  });
}

//===----------------------------------------------------------------------===//
// Transforms
//===----------------------------------------------------------------------===//

Fourier::Cut Fourier::cut(Value size, Value log) {
  Cut cut;
  cut.steps = b.div(b.max(b.sub(log, kLogOfPart - 1), 0), 2);
  cut.log = b.sub(log, b.mul(cut.steps, 2));
  cut.size = shiftLeft(1, cut.log);
  cut.steps2 = b.div(cut.log, 2);
  return cut;
}

void Fourier::forward(Value data, Value size, Value log) {
  Cut own = cut(size, log);
  Value zero = b.index(int64_t(0));
  auto forSteps = [&](Value steps, Value from, Value size) {
    b.loop(0, steps, 1, [&](Value step) {
      forwardStep(data, from, size, shiftRight(size, b.mul(step, 2)));
    });
  };
  forSteps(own.steps, zero, size);
  b.loop(0, size, own.size, [&](Value from) {
    forSteps(own.steps2, from, own.size);
    b.when(b.equal(b.rem(own.log, 2), 1),
           [&] { pairStep(data, from, own.size); });
  });
}

void Fourier::inverse(Value data, Value size, Value log) {
  Cut own = cut(size, log);
  Value zero = b.index(int64_t(0));
  auto forSteps = [&](Value steps, Value from, Value size) {
    b.loop(0, steps, 1, [&](Value step) {
      Value back = b.sub(b.sub(steps, 1), step);
      inverseStep(data, from, size, shiftRight(size, b.mul(back, 2)));
    });
  };
  b.loop(0, size, own.size, [&](Value from) {
    b.when(b.equal(b.rem(own.log, 2), 1),
           [&] { pairStep(data, from, own.size); });
    forSteps(own.steps2, from, own.size);
  });
  forSteps(own.steps, zero, size);
}
