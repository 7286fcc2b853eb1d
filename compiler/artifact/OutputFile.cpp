//===- OutputFile.cpp - Files that appear whole or not at all -------------===//

#include "compiler/artifact/OutputFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace weft;
using llvm::Error;
using llvm::StringRef;
namespace fs = llvm::sys::fs;

static Error fail(StringRef path, std::error_code error) {
  return llvm::createStringError(error, "%s: %s", path.str().c_str(),
                                 error.message().c_str());
}

/// Whether a rename to `path` would not destroy a device or a pipe.
static bool canReplace(StringRef path) {
  return path != "-" && (!fs::exists(path) || fs::is_regular_file(path));
}

static Error copyTo(StringRef path, int from) {
  auto bytes = llvm::MemoryBuffer::getOpenFile(
      fs::convertFDToNativeFile(from), path, /*FileSize=*/-1,
      /*RequiresNullTerminator=*/false);
  if (!bytes)
    return fail(path, bytes.getError());
  std::error_code error;
  llvm::raw_fd_ostream out(path, error); // "-" is standard output
  if (error)
    return fail(path, error);
  out << (*bytes)->getBuffer();
  out.flush();
  error = out.error();
  out.clear_error();
  return error ? fail(path, error) : Error::success();
}

Error weft::writeOutputFile(
    StringRef path, llvm::function_ref<Error(llvm::raw_fd_ostream &)> write) {
  bool replace = canReplace(path);
  llvm::SmallString<128> model;
  if (!replace)
    llvm::sys::path::system_temp_directory(/*ErasedOnReboot=*/true, model);
  llvm::sys::path::append(model, replace ? path : "weft");
  model += ".%%%%%%%%.tmp";
  auto file = fs::TempFile::create(model);
  if (!file)
    return fail(path, llvm::errorToErrorCode(file.takeError()));

  llvm::raw_fd_ostream out(file->FD, /*shouldClose=*/false);
  Error error = write(out);
  out.flush();
  if (!error && out.has_error())
    error = fail(path, out.error());
  out.clear_error();
  if (!error && !replace)
    error = copyTo(path, file->FD);
  if (error || !replace)
    return llvm::joinErrors(std::move(error), file->discard());
  if (Error renamed = file->keep(path))
    return fail(path, llvm::errorToErrorCode(std::move(renamed)));
  return Error::success();
}
