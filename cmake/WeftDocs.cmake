# Reference pages of the dialects and passes, from their TableGen files:
# `ninja weft-docs` writes them to <build>/docs.

add_custom_target(weft-docs)

# weft_doc(<file.td> <page> <generator> [<option>...])
# Adds the page <page>.md that mlir-tblgen makes of <file.td>. It waits for every
# .td beside it, since one includes the others.
function(weft_doc file page generator)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  set(output ${CMAKE_BINARY_DIR}/docs/${page}.md)
  get_filename_component(folder ${output} DIRECTORY)
  file(GLOB_RECURSE parts CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.td)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND ${LLVM_TOOLS_BINARY_DIR}/mlir-tblgen ${generator} ${ARGN} ${source}
            -I ${CMAKE_SOURCE_DIR} -I ${MLIR_INCLUDE_DIRS} -o ${output}
    DEPENDS ${parts} VERBATIM)
  string(REPLACE "/" "-" target weft-doc-${page})
  add_custom_target(${target} DEPENDS ${output})
  add_dependencies(weft-docs ${target})
endfunction()
