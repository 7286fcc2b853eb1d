//===- TrigFeatures.td - sin(x) and cos(x) -----------------*- tablegen -*-===//

def Weft_TrigFeaturesAttr : Weft_FeatureMap<"TrigFeatures", "trig_features"> {
  let summary = "sin(x) of each channel, then cos(x) of each";
  let description = [{
    Random Fourier features, where x are projections on random directions that
    stand before (Rahimi and Recht 2007; Peng et al. 2021).
  }];
}
