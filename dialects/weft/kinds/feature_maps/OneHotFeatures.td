//===- OneHotFeatures.td - The number of a feature ---------*- tablegen -*-===//

def Weft_OneHotFeaturesAttr : Weft_FeatureMap<"OneHotFeatures",
    "one_hot_features", ["isOneHot"]> {
  let summary = "a 1 where a channel is the feature's number, from 0 to count - 1";
  let description = [{
    Channels hold numbers of buckets or codes, as whole floats; one that is no
    such number has no feature. A token writes to one row of a table and reads
    one row, instead of all: rows are numbered count x channels, as parts are.
  }];
  let parameters = (ins "int64_t":$count);
  let assemblyFormat = "`<` $count `>`";
  let genVerifyDecl = 1;
}
