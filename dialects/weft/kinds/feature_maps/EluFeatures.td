//===- EluFeatures.td - elu(x) + 1 -------------------------*- tablegen -*-===//

def Weft_EluFeaturesAttr : Weft_FeatureMap<"EluFeatures", "elu_features"> {
  let summary = "elu(x) + 1: x + 1 above zero, exp(x) below";
  let description = [{
    The map of Transformers are RNNs (Katharopoulos et al. 2020).
  }];
}
