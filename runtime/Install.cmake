# What an application needs: headers, both libraries, and how to find them, by
# find_package(Weft) or by pkg-config. `cmake --install … --component runtime`.
include(CMakePackageConfigHelpers)
set(weft_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Weft)
set(weft_generated ${CMAKE_CURRENT_BINARY_DIR}/install)

install(TARGETS weft-runtime weft-runtime-shared EXPORT WeftTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime)
install(DIRECTORY include/weft DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT runtime FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
install(EXPORT WeftTargets NAMESPACE Weft:: DESTINATION ${weft_cmake_dir}
  COMPONENT runtime)

configure_package_config_file(WeftConfig.cmake.in ${weft_generated}/WeftConfig.cmake
  INSTALL_DESTINATION ${weft_cmake_dir})
write_basic_package_version_file(${weft_generated}/WeftConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
# From the place of the .pc file, so that an installation can be moved.
file(RELATIVE_PATH weft_up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(weft.pc.in ${weft_generated}/weft.pc @ONLY)
install(FILES ${weft_generated}/WeftConfig.cmake ${weft_generated}/WeftConfigVersion.cmake
  DESTINATION ${weft_cmake_dir} COMPONENT runtime)
install(FILES ${weft_generated}/weft.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT runtime)
