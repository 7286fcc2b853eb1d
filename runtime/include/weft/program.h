/*===- program.h - Loading a compiled model and asking what it holds -*- C
-*-===*\
|*
|* A program is immutable once loaded: any number of threads may use it, and run
|* sessions of it, at once. Strings, arrays and data that a query returns belong
|* to the program and live as long as it does.
|*
\*===----------------------------------------------------------------------===*/

#ifndef WEFT_PROGRAM_H
#define WEFT_PROGRAM_H

#include "weft/kernel_abi.h"
#include "weft/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_program weft_program;

/*===----------------------------------------------------------------------===*\
|* Loading. Everything in the tables is checked first: a bad file is an error.
\*===----------------------------------------------------------------------===*/

typedef enum weft_load_flags {
  WEFT_LOAD_DEFAULT = 0,
  /* Loads no code, so that a file for another CPU can be inspected; sessions
   * cannot be created. */
  WEFT_LOAD_TABLES_ONLY = 1,
  /* Trusts the parameters without hashing them: saves reading all of a large
   * file. Tables and code are hashed always. */
  WEFT_LOAD_SKIP_PARAMETER_HASH = 2
} weft_load_flags;

typedef struct weft_load_options {
  uint32_t flags;    /* of weft_load_flags, joined by | */
  const char *level; /* runs the code of this level; null: the environment's
                      * WEFT_LEVEL, and without it the best that runs here */
} weft_load_options;

/* Maps the file at `path` and loads it. The file must not be changed or cut
 * while the program lives; replacing it by renaming is fine. `options` may be
 * null. The caller releases `out_program`, which is null after a failure. */
WEFT_API weft_status weft_program_load_file(const char *path,
                                            const weft_load_options *options,
                                            weft_program **out_program);

/* Loads a file's bytes from memory that the caller keeps unchanged while the
 * program lives. `data` must be aligned to 64 bytes. */
WEFT_API weft_status weft_program_load_memory(const void *data, size_t bytes,
                                              const weft_load_options *options,
                                              weft_program **out_program);

/* One kernel linked into the application. */
typedef struct weft_linked_kernel {
  const char *symbol; /* as the tables name it */
  weft_kernel_fn run;
} weft_linked_kernel;

/* The kernels of one CPU level. */
typedef struct weft_linked_level {
  const char *level;
  const weft_linked_kernel *kernels;
  size_t kernel_count;
} weft_linked_level;

/* A model that is linked into the application, without a file; `weft compile
 * --emit static-lib` writes the header that fills this in. */
typedef struct weft_linked_program {
  const void *tables; /* the FlatBuffer, aligned to 64 bytes */
  size_t tables_bytes;
  const void *const *segments; /* in the tables' order; null where it is code */
  const size_t *segment_bytes;
  size_t segment_count;
  const weft_linked_level *levels;
  size_t level_count;
} weft_linked_program;

/* Creates a program of what is linked in, without mapping or dlopen. What
 * `linked` points to must outlive the program (`linked` itself need not). */
WEFT_API weft_status weft_program_create_linked(
    const weft_linked_program *linked, const weft_load_options *options,
    weft_program **out_program);

/* Adds an owner. Sessions own their program, so it may be released before them.
 */
WEFT_API void weft_program_retain(weft_program *program);

/* Drops an owner; the last one unmaps everything. Null is fine. */
WEFT_API void weft_program_release(weft_program *program);

/*===----------------------------------------------------------------------===*\
|* Queries. An index that is too large is WEFT_INVALID_ARGUMENT.
\*===----------------------------------------------------------------------===*/

typedef struct weft_program_info {
  const char *producer; /* compiler and version; may be "" */
  const char *level; /* of the code that runs; "" with WEFT_LOAD_TABLES_ONLY */
  uint32_t major_version;
  uint32_t minor_version;
  uint64_t fingerprint; /* hash of the tables: the same compilation */
  size_t file_bytes;    /* 0 for a linked program */
  size_t function_count;
  size_t state_count;
  size_t kernel_count;
  size_t variant_count;
  size_t parameter_count;
  size_t segment_count;
  size_t metadata_count;
} weft_program_info;

WEFT_API weft_status weft_program_get_info(const weft_program *program,
                                           weft_program_info *out_info);

/* The FlatBuffer (schema: artifact.fbs), verified; for tools. */
WEFT_API weft_status weft_program_get_tables(const weft_program *program,
                                             const void **out_tables,
                                             size_t *out_bytes);

typedef struct weft_function_info {
  const char *name;
  size_t input_count;
  size_t output_count;
  size_t symbol_count;
  size_t launch_count;
  size_t instruction_count;
  bool has_state;       /* uses and extends the session's states */
  uint64_t arena_bytes; /* scratch with every symbol at its largest */
} weft_function_info;

WEFT_API weft_status weft_program_get_function(const weft_program *program,
                                               size_t function,
                                               weft_function_info *out_info);

/* Finds a function by name; WEFT_INVALID_ARGUMENT names those there are. */
WEFT_API weft_status weft_program_find_function(const weft_program *program,
                                                const char *name,
                                                size_t *out_function);

/* An input or output. A dimension >= 0 is fixed; -1 - s follows symbol s of the
 * function; for an output also -1 - s with s >= symbol_count: computed from the
 * symbols, see weft_session_infer_outputs. */
typedef struct weft_port_info {
  const char *name;
  weft_dtype dtype;
  int32_t rank;
  int64_t dims[WEFT_MAX_RANK];
} weft_port_info;

WEFT_API weft_status weft_program_get_input(const weft_program *program,
                                            size_t function, size_t input,
                                            weft_port_info *out_info);
WEFT_API weft_status weft_program_get_output(const weft_program *program,
                                             size_t function, size_t output,
                                             weft_port_info *out_info);

/* A dynamic dimension of a function's inputs. */
typedef struct weft_symbol_info {
  const char *name; /* may be "" */
  int64_t max;      /* largest value accepted */
} weft_symbol_info;

WEFT_API weft_status weft_program_get_symbol(const weft_program *program,
                                             size_t function, size_t symbol,
                                             weft_symbol_info *out_info);

typedef enum weft_state_kind {
  WEFT_STATE_APPEND = 0, /* a row a token */
  WEFT_STATE_LAST = 1,   /* the last `window` rows */
  WEFT_STATE_FIXED = 2   /* one value of fixed size, replaced by every call */
} weft_state_kind;

typedef struct weft_state_info {
  const char *name;
  weft_state_kind kind;
  weft_dtype dtype;
  int32_t rank;
  int64_t dims[WEFT_MAX_RANK]; /* of a row, or of the whole (Fixed) */
  uint64_t row_bytes;
  uint64_t capacity; /* rows */
  uint64_t window;   /* Last: rows needed; else 0 */
} weft_state_info;

WEFT_API weft_status weft_program_get_state(const weft_program *program,
                                            size_t state,
                                            weft_state_info *out_info);

typedef struct weft_parameter_info {
  const char *name; /* may be "" */
  size_t segment;
  uint64_t bytes;
  const void *data; /* as packed by the compiler; null where not mapped */
} weft_parameter_info;

WEFT_API weft_status weft_program_get_parameter(const weft_program *program,
                                                size_t parameter,
                                                weft_parameter_info *out_info);

typedef struct weft_segment_info {
  bool is_code;
  uint64_t offset; /* from the begin of the file */
  uint64_t bytes;
  uint64_t hash;
  const void *data; /* null for code of a linked program */
} weft_segment_info;

WEFT_API weft_status weft_program_get_segment(const weft_program *program,
                                              size_t segment,
                                              weft_segment_info *out_info);

/* The code for one CPU level. */
typedef struct weft_variant_info {
  const char *level;
  uint32_t rank; /* of those that run here, the highest is taken */
  size_t segment;
  bool runs_here;
  const char *missing; /* the first feature that the CPU lacks; "" if none */
} weft_variant_info;

WEFT_API weft_status weft_program_get_variant(const weft_program *program,
                                              size_t variant,
                                              weft_variant_info *out_info);

typedef struct weft_kernel_info {
  const char *symbol;
  uint64_t scratch; /* bytes a thread */
} weft_kernel_info;

WEFT_API weft_status weft_program_get_kernel(const weft_program *program,
                                             size_t kernel,
                                             weft_kernel_info *out_info);

WEFT_API weft_status weft_program_get_metadata(const weft_program *program,
                                               size_t index,
                                               const char **out_key,
                                               const char **out_value);

/* Looks a key of the metadata up; `out_value` is null where it is not there. */
WEFT_API weft_status weft_program_find_metadata(const weft_program *program,
                                                const char *key,
                                                const char **out_value);

/* Whether code may use a feature of this CPU, as LLVM names it ("avx2",
 * "avx512vnni", "amx-bf16"); false for an unknown name. Probes anew at each
 * call; asking for a tile feature also asks the kernel for the tile registers.
 */
WEFT_API bool weft_cpu_has_feature(const char *name);

#ifdef __cplusplus
} // extern "C"
#endif

#endif /* WEFT_PROGRAM_H */
