//===- ReluFeatures.td - max(x, 0) -------------------------*- tablegen -*-===//

def Weft_ReluFeaturesAttr : Weft_FeatureMap<"ReluFeatures", "relu_features"> {
  let summary = "max(x, 0)";
}
