/*===- Limits.h - What this machine can do at most ----------------*- C -*-===*\
 *
 * Arithmetic and read rates, each the best of a few short runs on so many
 * threads: what a kernel's time is compared with. Some two seconds in all.
 *
\*===----------------------------------------------------------------------===*/

#ifndef WEFT_TOOLS_WEFT_MEASURE_LIMITS_H
#define WEFT_TOOLS_WEFT_MEASURE_LIMITS_H

#ifdef __cplusplus
extern "C" {
#endif

#define WEFT_LIMITS_MAX_THREADS 64

/* All threads together; 0: the machine has no such unit. A multiplication and
 * an addition count as two operations. */
typedef struct {
  double fma256_gflops, fma512_gflops;   /* f32 */
  double vnni_gops;                      /* i8, 512 bits */
  double amx_bf16_gflops, amx_int8_gops; /* tiles */
  /* Of a working set a thread of 768 KiB, 12 MiB and 512 MiB. */
  double read_l2_gbs, read_l3_gbs, read_memory_gbs;
} weft_limits;

/* Needs AVX2. `threads` from 1 to WEFT_LIMITS_MAX_THREADS. */
void weft_measure_limits(int threads, weft_limits *out_limits);

#ifdef __cplusplus
}
#endif

#endif /* WEFT_TOOLS_WEFT_MEASURE_LIMITS_H */
