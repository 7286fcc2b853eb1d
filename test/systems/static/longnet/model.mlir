// LongNet: segments of 8 in full and of 16 at every second token, the heads in turn; merged by their denominators.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
!l = tensor<?x4x?xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %near, %nl = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.and<#weft.causal, #weft.chunk<8>>)
    : !q, !kv, !kv -> !q, !l
  %far, %fl = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.and<#weft.causal, #weft.chunk<16>, #weft.every<2>>)
    allowed(%b, %h, %i, %j, %d) {
        %c2 = arith.constant 2 : index
        %offset = arith.remsi %h, %c2 : index
        %place = arith.remsi %i, %c2 : index
        %0 = arith.cmpi eq, %offset, %place : index
        weft.yield %0 : i1
    } : !q, !kv, !kv -> !q, !l
  %out, %lse = weft.merge %near, %far by %nl, %fl : !q, !q by !l, !l -> !q, !l
  return %out : !q
}
