# Thin wrappers, so that every folder's list reads the same.

# weft_cc_library(<name> SOURCES <source>... [LINK <library>...])
# A library without LLVM: runtime and pure readers. No exceptions leave it.
function(weft_cc_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE -Wall -Wextra -Werror=return-type)
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
endfunction()

# weft_cc_test(<name> SOURCES <source>... [LINK <library>...] [ARGS <arg>...])
# A GoogleTest program that CTest runs.
function(weft_cc_test name)
  if(NOT WEFT_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;ARGS" ${ARGN})
  find_package(GTest REQUIRED)
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} ${ARG_ARGS})
endfunction()

# weft_fuzzer(<name> CORPUS <folder> SOURCES <source>... [LINK <library>...])
# A libFuzzer program, built in the fuzz preset. In every build with tests, the
# same `LLVMFuzzerTestOneInput` is run over the regression corpus by CTest.
function(weft_fuzzer name)
  cmake_parse_arguments(ARG "" "CORPUS" "SOURCES;LINK" ${ARGN})
  if(WEFT_FUZZ)
    add_executable(${name} ${ARG_SOURCES})
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(${name} PRIVATE ${ARG_LINK})
  endif()
  if(WEFT_TESTS)
    add_executable(${name}-replay ${ARG_SOURCES}
                   ${CMAKE_SOURCE_DIR}/test/fuzz/Replay.cpp)
    target_link_libraries(${name}-replay PRIVATE ${ARG_LINK})
    add_test(NAME ${name}-replay COMMAND ${name}-replay ${ARG_CORPUS})
  endif()
endfunction()

# weft_flatbuffers(<name> <schema>): an interface library with the generated C++
# header <schema>_generated.h in the build folder, beside the schema's place.
function(weft_flatbuffers name schema)
  get_filename_component(stem ${schema} NAME_WE)
  file(RELATIVE_PATH place ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${schema})
  get_filename_component(place ${place} DIRECTORY)
  set(header ${CMAKE_BINARY_DIR}/${place}/${stem}_generated.h)
  find_program(FLATC flatc REQUIRED)
  add_custom_command(OUTPUT ${header}
    COMMAND ${FLATC} --cpp --scoped-enums --gen-object-api -o ${CMAKE_BINARY_DIR}/${place}
            ${CMAKE_CURRENT_SOURCE_DIR}/${schema}
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${schema} VERBATIM)
  add_custom_target(${name}-header DEPENDS ${header})
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}-header)
endfunction()

# weft_tablegen(<file.td> <name> <generator>...)
# Runs mlir-tblgen once a generator and adds the target `<name>IncGen`.
# `-gen-op-decls` writes <name>.h.inc, `-gen-op-defs` <name>.cpp.inc, and so on;
# a generator may be prefixed by `Suffix=` to write <name><Suffix>.{h,cpp}.inc.
function(weft_tablegen file name)
  set(LLVM_TARGET_DEFINITIONS ${file})
  foreach(spec ${ARGN})
    string(REGEX MATCH "^([A-Za-z]*)=?(-.*)$" _ ${spec})
    set(suffix ${CMAKE_MATCH_1})
    set(generator ${CMAKE_MATCH_2})
    string(REGEX MATCH "(decls|defs)" which ${generator})
    string(COMPARE EQUAL ${which} "decls" is_header)
    if(is_header)
      mlir_tablegen(${name}${suffix}.h.inc ${generator})
    else()
      mlir_tablegen(${name}${suffix}.cpp.inc ${generator})
    endif()
  endforeach()
  add_public_tablegen_target(${name}IncGen)
  add_dependencies(weft-headers ${name}IncGen)
endfunction()

# weft_library(<name> <source>...): an object library of the compiler, linked into
# every tool. Each waits for all generated headers: one edge, no lists to keep.
function(weft_library name)
  add_library(${name} OBJECT ${ARGN})
  llvm_update_compile_flags(${name})
  add_dependencies(${name} weft-headers)
  if(TARGET weft-pch AND NOT name STREQUAL weft-pch)
    target_precompile_headers(${name} REUSE_FROM weft-pch)
  endif()
  set_property(GLOBAL APPEND PROPERTY WEFT_LIBRARIES ${name})
endfunction()

# weft_tool(<name> SOURCES <source>... LINK <mlir library>...)
function(weft_tool name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  get_property(libraries GLOBAL PROPERTY WEFT_LIBRARIES)
  add_executable(${name} ${ARG_SOURCES})
  llvm_update_compile_flags(${name})
  add_dependencies(${name} weft-headers)
  target_link_libraries(${name} PRIVATE ${libraries} ${ARG_LINK})
endfunction()

add_custom_target(weft-headers)
