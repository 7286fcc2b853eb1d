//===- Selective.td - Discretised by a step per column -----*- tablegen -*-===//

def Weft_SelectiveAttr
    : Weft_Transition<"Selective", "selective", ["buildDecay", "buildWrite"]> {
  let summary = "S = exp(d A) * S + k (d v)^T, a step d per column and token";
  let description = [{
    A diagonal state space whose step is chosen by the data (Gu and Dao 2023).
    Gates are the step, batch x tokens x heads x columns, and A, heads x rows x
    columns, constant in time. Mamba is one head, with the state's size as rows
    and channels as columns; key, query and value are its B, C and x.
  }];
}
