//===- Node.cpp - A node of an ONNX graph ---------------------------------===//

#include "frontends/onnx/Node.h"

#include "frontends/formats/common/Quote.h"

using namespace mlir;
using namespace weft;
using namespace weft::onnx;
using formats::quote;

std::vector<Tensor> Node::getInputs() const {
  std::vector<Tensor> present;
  for (const std::optional<Tensor> &input : inputs)
    if (input)
      present.push_back(*input);
  return present;
}

LogicalResult Node::finish(FailureOr<Tensor> x) {
  if (failed(x))
    return failure();
  return setOutput(0, std::move(*x));
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

LogicalResult Node::expect(unsigned i, StringRef kind) {
  const Tensor &x = input(i);
  if (kind == "float"     ? x.isFloat() && !x.element.isF64()
      : kind == "integer" ? x.isInteger()
      : kind == "bool"    ? x.isBool()
                          : x.isFloat() || x.isInteger())
    return success();
  return fail("expected input " + Twine(i) + " of type " + kind + " but got " +
              getTypeName(x.element));
}

LogicalResult Node::expectSameType(unsigned first, unsigned second) {
  Type one = input(first).getPortType(), other = input(second).getPortType();
  if (one == other)
    return success();
  return fail("expected inputs " + Twine(first) + " and " + Twine(second) +
              " of one type but got " + getTypeName(one) + " and " +
              getTypeName(other));
}

LogicalResult Node::expectRank(unsigned i, int64_t least, int64_t most) {
  const int64_t rank = input(i).rank();
  if (rank >= least && rank <= most)
    return success();
  return fail("expected input " + Twine(i) + " of rank " + Twine(least) +
              (least == most ? Twine() : " to " + Twine(most)) + " but got " +
              g.table.str(input(i).sizes));
}

FailureOr<int64_t> Node::checkAxis(int64_t axis, int64_t rank) {
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  return fail("expected an axis from " + Twine(-rank) + " to " +
              Twine(rank - 1) + " but got " + Twine(axis));
}

FailureOr<SmallVector<int64_t>> Node::checkAxes(ArrayRef<int64_t> axes,
                                                int64_t rank) {
  SmallVector<int64_t> result;
  for (int64_t axis : axes) {
    FailureOr<int64_t> checked = checkAxis(axis, rank);
    if (failed(checked))
      return failure();
    if (llvm::is_contained(result, *checked))
      return fail("axis " + Twine(axis) + " is there twice");
    result.push_back(*checked);
  }
  return result;
}

FailureOr<Sizes> Node::getKnown(unsigned i) {
  if (input(i).known)
    return *input(i).known;
  return fail("expected input " + Twine(i) +
              " to be known when the model is compiled, from constants and "
              "shapes, but it is computed from data");
}

FailureOr<std::vector<int64_t>> Node::getNumbers(unsigned i) {
  if (failed(getKnown(i)))
    return failure();
  if (auto numbers = input(i).getNumbers())
    return *numbers;
  return fail("expected numbers in input " + Twine(i) + " but got the sizes " +
              g.table.str(*input(i).known));
}

FailureOr<double> Node::getNumber(unsigned i) {
  if (auto number = input(i).getSplat())
    return *number;
  return fail("expected input " + Twine(i) +
              " to be one number that is known when the model is compiled");
}

FailureOr<int64_t> Node::getStaticSize(const Size &size, const Twine &what) {
  if (auto number = size.asNumber())
    return *number;
  return fail("expected " + what + " to be a number but got " +
              g.table.str(size));
}

FailureOr<std::optional<SmallVector<int64_t>>> Node::getAxes(unsigned i,
                                                             int64_t rank) {
  using Result = std::optional<SmallVector<int64_t>>;
  std::optional<std::vector<int64_t>> axes = getInts("axes");
  if (!axes && hasInput(i)) {
    FailureOr<std::vector<int64_t>> numbers = getNumbers(i);
    if (failed(numbers))
      return failure();
    axes = *numbers;
  }
  if (!axes)
    return Result();
  auto checked = checkAxes(*axes, rank);
  if (failed(checked))
    return failure();
  return Result(*checked);
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

bool Node::has(StringRef name) const {
  return llvm::any_of(node.attribute(), [&](const proto::Attribute &attribute) {
    return attribute.name() == name.str();
  });
}

const proto::Attribute *Node::getAttribute(StringRef name) {
  read.insert(name);
  for (const proto::Attribute &attribute : node.attribute())
    if (attribute.name() == name.str())
      return &attribute;
  return nullptr;
}

const proto::Attribute *Node::find(StringRef name, AttributeType type) {
  static const char *names[] = {"", "a float", "an integer", "a string",
                                "", "",        "floats",     "integers"};
  const proto::Attribute *attribute = getAttribute(name);
  if (!attribute)
    return nullptr;
  if (!attribute->ref_attr_name().empty()) {
    (void)fail("attribute " + name + " refers to one of a function");
    return nullptr;
  }
  if (attribute->type() == type)
    return attribute;
  (void)fail("expected attribute " + name + " to be " + names[type] +
             " but got type " + Twine(attribute->type()));
  return nullptr;
}

int64_t Node::getInt(StringRef name, int64_t otherwise) {
  const proto::Attribute *attribute = find(name, Int);
  return attribute ? attribute->i() : otherwise;
}

double Node::getFloat(StringRef name, double otherwise) {
  const proto::Attribute *attribute = find(name, Float);
  return attribute ? attribute->f() : otherwise;
}

std::string Node::getString(StringRef name, StringRef otherwise) {
  const proto::Attribute *attribute = find(name, String);
  return attribute ? attribute->s() : otherwise.str();
}

std::optional<std::vector<int64_t>> Node::getInts(StringRef name) {
  const proto::Attribute *attribute = find(name, Ints);
  if (!attribute)
    return std::nullopt;
  return std::vector<int64_t>(attribute->ints().begin(),
                              attribute->ints().end());
}

void Node::ignore(ArrayRef<StringRef> names) {
  for (StringRef name : names)
    read.insert(name);
}

LogicalResult Node::checkAttributes() {
  if (!g.error.empty())
    return failure();
  for (const proto::Attribute &attribute : node.attribute())
    if (!read.contains(attribute.name()))
      return fail("attribute " + quote(attribute.name()) + " is not supported");
  return success();
}

//===----------------------------------------------------------------------===//
// The table of operators
//===----------------------------------------------------------------------===//

static llvm::StringMap<const Operator *> makeTable() {
  llvm::StringMap<const Operator *> table;
  for (OperatorGroup group :
       {getActivationOperators(),   getArithmeticOperators(),
        getAttentionOperators(),    getConstantOperators(),
        getConvolutionOperators(),  getGatherOperators(),
        getLogicOperators(),        getLossOperators(),
        getNormOperators(),         getProductOperators(),
        getQuantizationOperators(), getRecurrenceOperators(),
        getReductionOperators(),    getRotaryOperators(),
        getScatterOperators(),      getShapeOperators(),
        getSliceOperators(),        getSortOperators(),
        getTrigonometryOperators(), getWindowOperators()})
    for (const Operator &op : group)
      table[op.name] = &op;
  return table;
}

const Operator *weft::onnx::findOperator(StringRef name) {
  static const llvm::StringMap<const Operator *> table = makeTable();
  return table.lookup(name);
}
