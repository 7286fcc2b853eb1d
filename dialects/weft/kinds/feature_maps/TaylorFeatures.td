//===- TaylorFeatures.td - 1, x and pairs of x -------------*- tablegen -*-===//

def Weft_TaylorFeaturesAttr : Weft_FeatureMap<"TaylorFeatures", "taylor_features",
    ["buildWeight"]> {
  let summary = "1, x and x x^T / sqrt(2): weights 1 + s + s^2 / 2 of s = q^T k";
  let description = [{
    The exponential's expansion to the second degree (TaylorShift, Nauen et al.
    2024; Based, Arora et al. 2024).
  }];
}
