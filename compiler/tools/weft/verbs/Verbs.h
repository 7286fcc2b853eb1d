//===- Verbs.h - Every verb of the driver -----------------------*- C++ -*-===//
//
// A verb is a file: its options, its help, and what it does. To add one,
// declare it here and name it in Main.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_TOOLS_WEFT_VERBS_VERBS_H
#define WEFT_TOOLS_WEFT_VERBS_VERBS_H

#include "compiler/tools/weft/common/Options.h"

namespace weft::cli {

void addCompile(CLI::App &app, CommonOptions &common);
void addRun(CLI::App &app, CommonOptions &common);
void addGenerate(CLI::App &app, CommonOptions &common);
void addChat(CLI::App &app, CommonOptions &common);
void addEmbed(CLI::App &app, CommonOptions &common);
void addPerplexity(CLI::App &app, CommonOptions &common);
void addBench(CLI::App &app, CommonOptions &common);
void addInspect(CLI::App &app, CommonOptions &common);
void addVerify(CLI::App &app, CommonOptions &common);
void addTokenize(CLI::App &app, CommonOptions &common);
void addTrace(CLI::App &app, CommonOptions &common);
void addDoctor(CLI::App &app, CommonOptions &common);

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_VERBS_VERBS_H
