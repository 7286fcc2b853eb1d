//===- kernel_abi.h - How the runtime calls compiled kernels ------*- C -*-===//
//
// Every kernel of an artifact has this type. A launch is cut into `tasks`
// independent tasks; a thread runs the tasks [begin, end). The bits of the
// result do not depend on how the tasks are cut.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_KERNEL_ABI_H
#define WEFT_KERNEL_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// `buffers` are the first bytes of the operands, in the order of the launch,
/// each aligned to its element type. `scalars` are the explicit scalars of the
/// launch, then, for each operand in order, its dynamic sizes and then its
/// dynamic strides, both outermost first and counted in elements. `scratch` is
/// the thread's own, 64-byte aligned and of the size that the artifact states
/// for the kernel. A kernel keeps nothing between calls and never fails.
typedef void (*weft_kernel_fn)(void *const *buffers, const int64_t *scalars,
                               int64_t begin, int64_t end, void *scratch);

#ifdef __cplusplus
} // extern "C"
#endif

#endif // WEFT_KERNEL_ABI_H
