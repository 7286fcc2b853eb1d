# Finds LLVM and MLIR 22 and sets up what the compiler's folders share.

find_package(MLIR 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
include(WeftDocs)
set(LLVM_ENABLE_WARNINGS ON)
include(HandleLLVMOptions)
include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
# The targets of the packages link the shared libraries. MLIR's static ones must
# not come in beside them: options and type ids would exist twice.
set(WEFT_MLIR MLIR LLVM)
