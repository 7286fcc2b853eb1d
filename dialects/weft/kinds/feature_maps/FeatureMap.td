//===- FeatureMap.td - Features of queries and keys --------*- tablegen -*-===//

#ifndef WEFT_KINDS_FEATUREMAP_TD
#define WEFT_KINDS_FEATUREMAP_TD

include "mlir/IR/Interfaces.td"

def Weft_FeatureMapAttrInterface : AttrInterface<"FeatureMapAttrInterface"> {
  let cppNamespace = "::weft";
  let description = [{
    How the channels x of a query or a key become features, whose products are
    the weights of linear attention: weight(q, k) = sum_f phi_f(q) phi_f(k).

    Features come in parts, one after the other. A feature of a part of degree 0
    is a constant, of degree 1 one of each channel, of degree 2 one of each pair
    of channels, the second one fastest:

    ```
    phi = [part 0, part 1, ...],  part of degree n: channels^n features
    ```

    A kind builds a feature as element-wise IR on the channels that it reads:
    scalars in a decomposition, vectors of channels in a CPU emitter. Maps by a
    learned or random matrix, norms and softmax over the channels stand before
    the op that takes the map.
  }];
  let methods = [
    InterfaceMethod<"The degree of each part: how many channels a feature reads.",
      "::llvm::SmallVector<int64_t>", "getDegrees">,
    InterfaceMethod<[{
        Builds a feature of `part`, as `type`, from as many channels as the part
        has degrees.
      }],
      "::mlir::Value", "buildFeature",
      (ins "::mlir::ImplicitLocOpBuilder &":$b, "unsigned":$part,
           "::mlir::Type":$type, "::mlir::ValueRange":$channels)>,
    InterfaceMethod<[{
        Builds sum_f phi_f(q) phi_f(k) from the product q^T k; null where it is
        no function of that.
      }],
      "::mlir::Value", "buildWeight",
      (ins "::mlir::ImplicitLocOpBuilder &":$b, "::mlir::Value":$product),
      /*methodBody=*/"", /*defaultImplementation=*/"return nullptr;">,
    InterfaceMethod<[{
        Whether a feature is 1 where its channel is the number of its part, and
        0 elsewhere: of all parts of a channel one is 1 at most.
      }],
      "bool", "isOneHot", (ins),
      /*methodBody=*/"", /*defaultImplementation=*/"return false;">,
  ];
  let extraClassDeclaration = [{
    /// The number of features of so many channels; dynamic for dynamic.
    int64_t getNumFeatures(int64_t channels);
  }];
}

#endif // WEFT_KINDS_FEATUREMAP_TD
