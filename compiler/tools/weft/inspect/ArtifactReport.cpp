//===- ArtifactReport.cpp - What an artifact holds ------------------------===//

#include "compiler/tools/weft/inspect/Reports.h"
#include "runtime/schema/artifact_generated.h"
#include "llvm/ADT/StringExtras.h"

using namespace weft;
using namespace weft::cli;

/// Sizes; a dynamic one is the name of its symbol, or "?" if it is computed.
static Json reportPort(const Function &function, const Port &port) {
  Json dims = Json::array();
  for (int64_t dim : port.dims) {
    size_t symbol = size_t(-1 - dim);
    if (dim >= 0)
      dims.push_back(dim);
    else
      dims.push_back(symbol < function.symbols.size()
                         ? function.symbols[symbol].name
                         : "?");
  }
  return {{"name", port.name},
          {"type", weft_dtype_name(port.type)},
          {"dims", dims}};
}

static Json reportFunction(const Program &program, size_t index) {
  Function function = program.function(index);
  weft_function_info info;
  check(weft_program_get_function(program.get(), index, &info), program.path());
  Json inputs = Json::array(), outputs = Json::array(), symbols = Json::array();
  for (const Port &port : function.inputs)
    inputs.push_back(reportPort(function, port));
  for (const Port &port : function.outputs)
    outputs.push_back(reportPort(function, port));
  for (const weft_symbol_info &symbol : function.symbols)
    symbols.push_back({{"name", symbol.name}, {"max", symbol.max}});
  return {{"name", function.name},
          {"inputs", inputs},
          {"outputs", outputs},
          {"symbols", symbols},
          {"has_state", info.has_state},
          {"launches", info.launch_count},
          {"instructions", info.instruction_count},
          {"arena_bytes", info.arena_bytes}};
}

static Json reportState(const Program &program, size_t index) {
  weft_state_info state;
  check(weft_program_get_state(program.get(), index, &state), program.path());
  static constexpr const char *kinds[] = {"append", "last", "fixed"};
  Json report = {
      {"name", state.name},
      {"kind", kinds[state.kind]},
      {"type", weft_dtype_name(state.dtype)},
      {"dims", std::vector<int64_t>(state.dims, state.dims + state.rank)},
      {"capacity", state.capacity}};
  if (state.kind == WEFT_STATE_LAST)
    report["window"] = state.window;
  report["bytes"] = state.row_bytes * state.capacity;
  return report;
}

static Json reportLevel(const Program &program, size_t index) {
  weft_variant_info variant;
  weft_segment_info segment;
  check(weft_program_get_variant(program.get(), index, &variant),
        program.path());
  check(weft_program_get_segment(program.get(), variant.segment, &segment),
        program.path());
  Json report = {{"level", variant.level},
                 {"rank", variant.rank},
                 {"code_bytes", segment.bytes},
                 {"runs_here", variant.runs_here}};
  if (!variant.runs_here)
    report["missing"] = variant.missing;
  return report;
}

static Json reportTokenizer(const Program &program) {
  const void *tables;
  size_t bytes;
  check(weft_program_get_tables(program.get(), &tables, &bytes),
        program.path());
  const fb::Tokenizer *tokenizer = fb::GetProgram(tables)->tokenizer();
  if (!tokenizer)
    return nullptr;
  return {{"kind", tokenizer->kind()->str()},
          {"tokens", tokenizer->token_ends()->size()}};
}

static Json reportMetadata(const Program &program, size_t count) {
  Json metadata = Json::object();
  for (size_t i = 0; i != count; ++i) {
    const char *key, *value;
    check(weft_program_get_metadata(program.get(), i, &key, &value),
          program.path());
    metadata[key] = value;
  }
  return metadata;
}

static uint64_t parameterBytes(const Program &program, size_t count) {
  uint64_t bytes = 0;
  for (size_t i = 0; i != count; ++i) {
    weft_parameter_info parameter;
    check(weft_program_get_parameter(program.get(), i, &parameter),
          program.path());
    bytes += parameter.bytes;
  }
  return bytes;
}

Json cli::reportArtifact(const Program &program) {
  weft_program_info info = program.info();
  Json functions = Json::array(), states = Json::array(),
       levels = Json::array();
  for (size_t i = 0; i != info.function_count; ++i)
    functions.push_back(reportFunction(program, i));
  for (size_t i = 0; i != info.state_count; ++i)
    states.push_back(reportState(program, i));
  for (size_t i = 0; i != info.variant_count; ++i)
    levels.push_back(reportLevel(program, i));
  return {{"format", "weft"},
          {"version", std::to_string(info.major_version) + "." +
                          std::to_string(info.minor_version)},
          {"producer", info.producer},
          {"fingerprint", llvm::utohexstr(info.fingerprint, true, 16)},
          {"bytes", info.file_bytes},
          {"functions", functions},
          {"states", states},
          {"levels", levels},
          {"kernels", info.kernel_count},
          {"parameters", info.parameter_count},
          {"parameter_bytes", parameterBytes(program, info.parameter_count)},
          {"tokenizer", reportTokenizer(program)},
          {"metadata", reportMetadata(program, info.metadata_count)}};
}
