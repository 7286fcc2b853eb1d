//===- LogPlus.td - A sum by its logarithm -----------------*- tablegen -*-===//

def Weft_LogPlusAttr
    : Weft_Transition<"LogPlus", "log_plus",
                      ["isLinear", "buildWrite", "buildNext"]> {
  let summary = "S = log(exp(a + S) + exp(k + v)): a sum so far that can't overflow";
  let description = [{
    The state holds logarithms: the gate a, of each head and token, decays by
    exp(a), k + v is the logarithm of what is written. With one row, k = 0 and
    a = 0 the state is the log-sum-exp of the values so far. A state begins as
    zeros: a = -infinity at the first token takes that for nothing.
  }];
}
