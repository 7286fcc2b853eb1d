// PEGASUS-X encoder: blocks of 8, staggered in the other layer, and 4 global tokens under one softmax.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
!qg = tensor<?x4x4x8xf32>
!kg = tensor<?x4x2x8xf32>
!l = tensor<?x4x?xf32>
!lg = tensor<?x4x4xf32>
func.func @forward(%q: !q {weft.name = "q"}, %k: !kv {weft.name = "k"},
                   %v: !kv {weft.name = "v"}, %qg: !qg {weft.name = "qg"},
                   %kg: !kg {weft.name = "kg"}, %vg: !kg {weft.name = "vg"})
    -> (!q {weft.name = "out"}, !q {weft.name = "staggered"}, !qg {weft.name = "global"}) {
  %far, %fl = weft.attention %q, %kg, %vg normaliser(#weft.softmax) : !q, !kg, !kg -> !q, !l
  %block, %bl = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.chunk<8>) : !q, !kv, !kv -> !q, !l
  %out, %ol = weft.merge %block, %far by %bl, %fl : !q, !q by !l, !l -> !q, !l
  %moved, %ml = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.chunk<8, 4>) : !q, !kv, !kv -> !q, !l
  %staggered, %sl = weft.merge %moved, %far by %ml, %fl : !q, !q by !l, !l -> !q, !l
  %all, %al = weft.attention %qg, %k, %v normaliser(#weft.softmax) : !qg, !kv, !kv -> !qg, !lg
  %own, %wl = weft.attention %qg, %kg, %vg normaliser(#weft.softmax) : !qg, !kg, !kg -> !qg, !lg
  %global, %gl = weft.merge %all, %own by %al, %wl : !qg, !qg by !lg, !lg -> !qg, !lg
  return %out, %staggered, %global : !q, !q, !qg
}
