# Installs the runtime, then builds and runs the examples as an application would.
cmake_minimum_required(VERSION 3.20)
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY OUTPUT_VARIABLE output)
  set(output "${output}" PARENT_SCOPE)
endfunction()
function(expect_scaled)
  if(NOT output STREQUAL "6 12 18\n24 30 36\n")
    message(FATAL_ERROR "wrong output: ${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
set(prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} --install ${BUILD} --component runtime --prefix ${prefix})

# find_package
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build -G Ninja -D CMAKE_PREFIX_PATH=${prefix}
    -D CMAKE_C_COMPILER=${C_COMPILER} -D CMAKE_CXX_COMPILER=${CXX_COMPILER})
run(${CMAKE_COMMAND} --build ${WORK}/build)
foreach(program scale-static scale-shared)
  run(${WORK}/build/${program} ${ARTIFACT})
  expect_scaled()
endforeach()
run(${WORK}/build/stream ${ARTIFACT})

# pkg-config
find_program(PKG_CONFIG pkg-config)
if(PKG_CONFIG)
  set(ENV{PKG_CONFIG_PATH} ${prefix}/${LIBDIR}/pkgconfig)
  run(${PKG_CONFIG} --cflags --libs weft)
  string(STRIP "${output}" flags)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  run(${C_COMPILER} -std=c11 ${SOURCE}/../../../../runtime/examples/scale.c ${flags}
      -Wl,-rpath,${prefix}/${LIBDIR} -o ${WORK}/scale)
  run(${WORK}/scale ${ARTIFACT})
  expect_scaled()
endif()
