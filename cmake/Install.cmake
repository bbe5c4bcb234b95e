# cmake --install: the command line with its manual pages and completion, the library, its headers,
# the package for find_package(polyak), the start states that `polyak compare` measures on and the
# digests that `polyak signature` expects.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(polyak_package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/polyak)

install(TARGETS polyak RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS polyak_library EXPORT polyakTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
# The headers that users include, and what of core those need; the rest of core is the kernels'.
install(DIRECTORY include/polyak DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        PATTERN core EXCLUDE PATTERN environment/vector_step.hpp EXCLUDE)
foreach(header activation elementary_functions error exploration host_device ieee_arithmetic philox
               precision random recurrent_cell)
  install(FILES include/polyak/core/${header}.hpp
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/polyak/core)
endforeach()
install(FILES tests/data/pendulum_v1_starts.json src/trainer/signature/signatures.txt
        DESTINATION ${CMAKE_INSTALL_DATADIR}/polyak)

install(FILES cmake/completion.bash RENAME polyak
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(CODE "set(polyak_program \"$<TARGET_FILE:polyak>\")
set(polyak_man_directory \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_MANDIR}/man1\")")
install(SCRIPT cmake/ManPages.cmake)

install(EXPORT polyakTargets NAMESPACE polyak:: DESTINATION ${polyak_package_directory})
configure_package_config_file(cmake/polyakConfig.cmake.in ${PROJECT_BINARY_DIR}/polyakConfig.cmake
  INSTALL_DESTINATION ${polyak_package_directory} NO_SET_AND_CHECK_MACRO)
# Before version 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/polyakConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/polyakConfig.cmake ${PROJECT_BINARY_DIR}/polyakConfigVersion.cmake
        DESTINATION ${polyak_package_directory})
