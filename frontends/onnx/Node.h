//===- Node.h - A node of an ONNX graph, and the table of operators -------===//
//
// An operator is a function that reads a node's inputs and attributes and sets
// its outputs. Nothing is passed over in silence: an attribute that it did not
// read is an error, as is an operator, a type or an input that is not known.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_ONNX_NODE_H
#define WEFT_FRONTENDS_ONNX_NODE_H

#include "frontends/formats/onnx/Onnx.h"
#include "frontends/onnx/GraphBuilder.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace weft::onnx {

namespace proto = formats::onnx;

class Node {
public:
  Node(GraphBuilder &g, const proto::Node &node, int64_t opset,
       std::vector<std::optional<Tensor>> inputs)
      : g(g), opset(opset), node(node), inputs(std::move(inputs)),
        outputs(node.output_size()) {}

  GraphBuilder &g;
  /// The version of the operator set that the model was written for.
  const int64_t opset;

  llvm::StringRef getOp() const { return node.op_type(); }
  mlir::LogicalResult fail(const llvm::Twine &message) {
    return g.fail(message);
  }

  //===--------------------------------------------------------------------===//
  // Inputs and outputs
  //===--------------------------------------------------------------------===//

  unsigned getNumInputs() const { return unsigned(inputs.size()); }
  bool hasInput(unsigned i) const { return i < inputs.size() && inputs[i]; }
  /// An input that is there.
  const Tensor &input(unsigned i) const { return *inputs[i]; }
  /// All inputs that are there.
  std::vector<Tensor> getInputs() const;

  unsigned getNumOutputs() const { return unsigned(outputs.size()); }
  bool wantsOutput(unsigned i) const {
    return i < outputs.size() && !node.output(int(i)).empty();
  }
  mlir::LogicalResult setOutput(unsigned i, Tensor x) {
    if (i < outputs.size())
      outputs[i] = std::move(x);
    return mlir::success();
  }
  /// Sets the first output, or fails.
  mlir::LogicalResult finish(mlir::FailureOr<Tensor> x);
  const std::vector<std::optional<Tensor>> &getOutputs() const {
    return outputs;
  }

  //===--------------------------------------------------------------------===//
  // Checks; each records an error where it fails
  //===--------------------------------------------------------------------===//

  /// Input `i` is a tensor of this kind: "float" (at most of 32 bits, of which
  /// functions and fused ops are), "integer", "number" (integers and floats,
  /// double too), "bool".
  mlir::LogicalResult expect(unsigned i, llvm::StringRef kind);
  mlir::LogicalResult expectSameType(unsigned first, unsigned second);
  mlir::LogicalResult expectRank(unsigned i, int64_t least, int64_t most);
  /// Axis or failure; a negative one counts from the end of `rank` axes.
  mlir::FailureOr<int64_t> checkAxis(int64_t axis, int64_t rank);
  mlir::FailureOr<llvm::SmallVector<int64_t>>
  checkAxes(llvm::ArrayRef<int64_t> axes, int64_t rank);
  /// The numbers of an input of integers that is known at import.
  mlir::FailureOr<std::vector<int64_t>> getNumbers(unsigned i);
  /// Numbers and sizes.
  mlir::FailureOr<Sizes> getKnown(unsigned i);
  /// One number, known at import, of an input.
  mlir::FailureOr<double> getNumber(unsigned i);
  /// The number that a dimension is.
  mlir::FailureOr<int64_t> getStaticSize(const Size &size,
                                         const llvm::Twine &what);
  /// Axes from the attribute `axes`, or from input `i`; none if neither is
  /// there.
  mlir::FailureOr<std::optional<llvm::SmallVector<int64_t>>>
  getAxes(unsigned i, int64_t rank);

  //===--------------------------------------------------------------------===//
  // Attributes
  //===--------------------------------------------------------------------===//

  bool has(llvm::StringRef name) const;
  int64_t getInt(llvm::StringRef name, int64_t otherwise);
  bool getFlag(llvm::StringRef name, bool otherwise = false) {
    return getInt(name, otherwise) != 0;
  }
  double getFloat(llvm::StringRef name, double otherwise);
  std::string getString(llvm::StringRef name, llvm::StringRef otherwise);
  std::optional<std::vector<int64_t>> getInts(llvm::StringRef name);
  /// The attribute itself, taken as read; null if it is not there.
  const proto::Attribute *getAttribute(llvm::StringRef name);
  /// Passes over attributes that change no result.
  void ignore(llvm::ArrayRef<llvm::StringRef> names);
  /// An error for an attribute that nobody read.
  mlir::LogicalResult checkAttributes();

private:
  enum AttributeType { Float = 1, Int = 2, String = 3, Floats = 6, Ints = 7 };
  const proto::Attribute *find(llvm::StringRef name, AttributeType type);

  const proto::Node &node;
  std::vector<std::optional<Tensor>> inputs, outputs;
  llvm::StringSet<> read;
};

/// An operator: how many inputs it takes, from which operator set on it means
/// what `import` builds, and that.
struct Operator {
  const char *name;
  unsigned fewestInputs, mostInputs;
  int64_t since;
  mlir::LogicalResult (*import)(Node &n);
  /// Whether it knows unsigned integers.
  bool takesUnsigned = false;
};

/// Of an operator of any number of inputs.
constexpr unsigned kManyInputs = ~0u;
/// The newest operator set whose operators these are.
constexpr int64_t kNewestOpset = 28;

/// A group of operators, one file in ops/.
using OperatorGroup = llvm::ArrayRef<Operator>;
OperatorGroup getActivationOperators();
OperatorGroup getArithmeticOperators();
OperatorGroup getAttentionOperators();
OperatorGroup getConstantOperators();
OperatorGroup getConvolutionOperators();
OperatorGroup getGatherOperators();
OperatorGroup getLogicOperators();
OperatorGroup getLossOperators();
OperatorGroup getNormOperators();
OperatorGroup getProductOperators();
OperatorGroup getQuantizationOperators();
OperatorGroup getRecurrenceOperators();
OperatorGroup getReductionOperators();
OperatorGroup getRotaryOperators();
OperatorGroup getScatterOperators();
OperatorGroup getShapeOperators();
OperatorGroup getSliceOperators();
OperatorGroup getSortOperators();
OperatorGroup getTrigonometryOperators();
OperatorGroup getWindowOperators();

/// The operator of the default domain, or null.
const Operator *findOperator(llvm::StringRef name);

/// The MLIR type of ONNX's element type; none for those without support.
std::optional<mlir::Type> getElementType(mlir::MLIRContext *context,
                                         int32_t number);
/// The same, and unsigned integers, which are none of an MLIR op.
std::optional<mlir::Type> getPortType(mlir::MLIRContext *context,
                                      int32_t number);
/// An element type of IR: unsigned integers without their sign.
mlir::Type getStoredType(mlir::Type type);
/// ONNX's name of a type: "float16".
std::string getTypeName(mlir::Type type);

/// The numbers of a tensor of the file that stand in the message. Fails with an
/// error of `g`.
mlir::FailureOr<Tensor> readTensor(GraphBuilder &g,
                                   const proto::Tensor &tensor);
/// A tensor of raw little-endian numbers.
mlir::FailureOr<Tensor> readRawTensor(GraphBuilder &g, mlir::Type element,
                                      llvm::ArrayRef<int64_t> shape,
                                      llvm::StringRef bytes);

} // namespace weft::onnx

#endif // WEFT_FRONTENDS_ONNX_NODE_H
