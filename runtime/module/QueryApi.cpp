//===- QueryApi.cpp - The C API of asking what a program holds ------------===//

#include "runtime/module/Level.h"
#include "runtime/module/Program.h"

#include <cstdio>
#include <cstring>

using namespace weft;

/// Checks what every query of a numbered thing takes.
static Status checkIndex(const weft_program *program, const void *out,
                         const char *what, size_t index, size_t count) {
  if (!program || !out)
    return makeError(WEFT_INVALID_ARGUMENT,
                     "program and results must not be null");
  if (index >= count)
    return makeError(WEFT_INVALID_ARGUMENT, "%s %zu is not one of %zu", what,
                     index, count);
  return ok();
}

static size_t countFunctions(const weft_program *program) {
  return program ? program->functions.size() : 0;
}

weft_status weft_program_get_info(const weft_program *program,
                                  weft_program_info *out_info) {
  WEFT_TRY(checkIndex(program, out_info, "program", 0, 1));
  const fb::Program &root = *program->root;
  out_info->producer = getText(root.producer());
  out_info->level = program->level;
  out_info->major_version = program->header.majorVersion;
  out_info->minor_version = program->header.minorVersion;
  out_info->fingerprint = program->fingerprint;
  out_info->file_bytes = program->header.fileBytes;
  out_info->function_count = program->functions.size();
  out_info->state_count = getSize(root.states());
  out_info->kernel_count = getSize(root.kernels());
  out_info->variant_count = getSize(root.variants());
  out_info->parameter_count = getSize(root.parameters());
  out_info->segment_count = getSize(root.segments());
  out_info->metadata_count = getSize(root.metadata());
  return ok();
}

weft_status weft_program_get_tables(const weft_program *program,
                                    const void **out_tables,
                                    size_t *out_bytes) {
  WEFT_TRY(checkIndex(program, out_tables, "program", 0, 1));
  *out_tables = program->tables;
  if (out_bytes)
    *out_bytes = program->tablesBytes;
  return ok();
}

weft_status weft_program_get_function(const weft_program *program,
                                      size_t function,
                                      weft_function_info *out_info) {
  WEFT_TRY(checkIndex(program, out_info, "function", function,
                      countFunctions(program)));
  const FunctionPlan &plan = program->functions[function];
  out_info->name = plan.name;
  out_info->input_count = plan.inputCount;
  out_info->output_count = plan.outputCount;
  out_info->symbol_count = plan.symbolCount;
  out_info->launch_count = plan.launches.size();
  out_info->instruction_count = plan.prologue.size() + plan.body.size();
  out_info->has_state = plan.hasState();
  out_info->arena_bytes = plan.arenaBytes;
  return ok();
}

weft_status weft_program_find_function(const weft_program *program,
                                       const char *name, size_t *out_function) {
  WEFT_TRY(checkIndex(program, out_function, "program", 0, 1));
  if (!name)
    return makeError(WEFT_INVALID_ARGUMENT, "name must not be null");
  char names[300] = "";
  size_t used = 0;
  for (size_t i = 0; i < program->functions.size(); ++i) {
    if (strcmp(program->functions[i].name, name) == 0) {
      *out_function = i;
      return ok();
    }
    if (used < sizeof(names))
      used += snprintf(names + used, sizeof(names) - used, "%s%s",
                       i ? ", " : "", program->functions[i].name);
  }
  return makeError(WEFT_INVALID_ARGUMENT,
                   "no function '%s'; the program has: %s", name, names);
}

static void copyDims(const flatbuffers::Vector<int64_t> *from, int32_t &rank,
                     int64_t *dims) {
  rank = int32_t(getSize(from));
  for (int32_t i = 0; i < rank; ++i)
    dims[i] = from->Get(i);
}

using Ports = flatbuffers::Vector<flatbuffers::Offset<fb::Port>>;

static Status getPort(const weft_program *program, const Ports *ports,
                      const char *what, size_t port, weft_port_info *out_info) {
  WEFT_TRY(checkIndex(program, out_info, what, port, getSize(ports)));
  const fb::Port &table = *ports->Get(port);
  out_info->name = table.name()->c_str();
  out_info->dtype = weft_dtype(table.type());
  copyDims(table.dims(), out_info->rank, out_info->dims);
  return ok();
}

weft_status weft_program_get_input(const weft_program *program, size_t function,
                                   size_t input, weft_port_info *out_info) {
  WEFT_TRY(checkIndex(program, out_info, "function", function,
                      countFunctions(program)));
  return getPort(program, program->functions[function].table->inputs(), "input",
                 input, out_info);
}

weft_status weft_program_get_output(const weft_program *program,
                                    size_t function, size_t output,
                                    weft_port_info *out_info) {
  WEFT_TRY(checkIndex(program, out_info, "function", function,
                      countFunctions(program)));
  return getPort(program, program->functions[function].table->outputs(),
                 "output", output, out_info);
}

weft_status weft_program_get_symbol(const weft_program *program,
                                    size_t function, size_t symbol,
                                    weft_symbol_info *out_info) {
  WEFT_TRY(checkIndex(program, out_info, "function", function,
                      countFunctions(program)));
  const auto *symbols = program->functions[function].table->symbols();
  WEFT_TRY(checkIndex(program, out_info, "symbol", symbol, getSize(symbols)));
  out_info->name = getText(symbols->Get(symbol)->name());
  out_info->max = symbols->Get(symbol)->max();
  return ok();
}

weft_status weft_program_get_state(const weft_program *program, size_t state,
                                   weft_state_info *out_info) {
  const auto *states = program ? program->root->states() : nullptr;
  WEFT_TRY(checkIndex(program, out_info, "state", state, getSize(states)));
  const fb::State &table = *states->Get(state);
  out_info->name = table.name()->c_str();
  out_info->kind = weft_state_kind(table.kind());
  out_info->dtype = weft_dtype(table.type());
  copyDims(table.row_dims(), out_info->rank, out_info->dims);
  out_info->row_bytes = table.row_bytes();
  out_info->capacity = table.capacity();
  out_info->window = table.kind() == fb::StateKind::Last ? table.window() : 0;
  return ok();
}

weft_status weft_program_get_parameter(const weft_program *program,
                                       size_t parameter,
                                       weft_parameter_info *out_info) {
  const auto *parameters = program ? program->root->parameters() : nullptr;
  WEFT_TRY(checkIndex(program, out_info, "parameter", parameter,
                      getSize(parameters)));
  const fb::Parameter &table = *parameters->Get(parameter);
  out_info->name = getText(table.name());
  out_info->segment = table.segment();
  out_info->bytes = table.bytes();
  out_info->data = program->parameters[parameter].data;
  return ok();
}

weft_status weft_program_get_segment(const weft_program *program,
                                     size_t segment,
                                     weft_segment_info *out_info) {
  const auto *segments = program ? program->root->segments() : nullptr;
  WEFT_TRY(
      checkIndex(program, out_info, "segment", segment, getSize(segments)));
  const fb::Segment &table = *segments->Get(segment);
  out_info->is_code = table.kind() == fb::SegmentKind::Code;
  out_info->offset = table.offset();
  out_info->bytes = table.bytes();
  out_info->hash = table.hash();
  out_info->data = program->segments[segment];
  return ok();
}

weft_status weft_program_get_variant(const weft_program *program,
                                     size_t variant,
                                     weft_variant_info *out_info) {
  const auto *variants = program ? program->root->variants() : nullptr;
  WEFT_TRY(
      checkIndex(program, out_info, "variant", variant, getSize(variants)));
  const fb::Variant &table = *variants->Get(variant);
  const char *missing = findMissingFeature(table, probeFor(*program->root));
  out_info->level = table.level()->c_str();
  out_info->rank = table.rank();
  out_info->segment = table.segment();
  out_info->runs_here = !missing;
  out_info->missing = missing ? missing : "";
  return ok();
}

weft_status weft_program_get_kernel(const weft_program *program, size_t kernel,
                                    weft_kernel_info *out_info) {
  const auto *kernels = program ? program->root->kernels() : nullptr;
  WEFT_TRY(checkIndex(program, out_info, "kernel", kernel, getSize(kernels)));
  out_info->symbol = kernels->Get(kernel)->symbol()->c_str();
  out_info->scratch = kernels->Get(kernel)->scratch();
  return ok();
}

weft_status weft_program_get_metadata(const weft_program *program, size_t index,
                                      const char **out_key,
                                      const char **out_value) {
  const auto *metadata = program ? program->root->metadata() : nullptr;
  WEFT_TRY(checkIndex(program, out_key, "metadata", index, getSize(metadata)));
  *out_key = metadata->Get(index)->key()->c_str();
  if (out_value)
    *out_value = getText(metadata->Get(index)->value());
  return ok();
}

weft_status weft_program_find_metadata(const weft_program *program,
                                       const char *key,
                                       const char **out_value) {
  WEFT_TRY(checkIndex(program, out_value, "program", 0, 1));
  if (!key)
    return makeError(WEFT_INVALID_ARGUMENT, "key must not be null");
  *out_value = nullptr;
  const auto *metadata = program->root->metadata();
  for (uint32_t i = 0; i < getSize(metadata) && !*out_value; ++i)
    if (strcmp(metadata->Get(i)->key()->c_str(), key) == 0)
      *out_value = getText(metadata->Get(i)->value());
  return ok();
}
