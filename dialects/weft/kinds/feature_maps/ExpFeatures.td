//===- ExpFeatures.td - exp(x) and exp(-x) -----------------*- tablegen -*-===//

def Weft_ExpFeaturesAttr : Weft_FeatureMap<"ExpFeatures", "exp_features"> {
  let summary = "exp(x) of each channel, then exp(-x) of each";
  let description = [{
    The pair of Hedgehog (Zhang et al. 2024), whose learned matrix stands before.
  }];
}
