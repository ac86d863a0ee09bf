# SPDX-License-Identifier: MIT
# What is installed where, in three components, each a Debian package: the library (lib), what is
# needed to build against it (dev), the program (bin).
include(CMakePackageConfigHelpers)

set(IOPT_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/iopt)

set_target_properties(iopt_shared PROPERTIES EXPORT_NAME iopt)
install(TARGETS iopt_shared EXPORT iopt
	LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT lib NAMELINK_COMPONENT dev)
install(FILES src/core/iopt.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev)
install(DIRECTORY src/core/iopt DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev
	FILES_MATCHING PATTERN *.h)
install(EXPORT iopt NAMESPACE iopt:: FILE ioptTargets.cmake DESTINATION ${IOPT_CMAKE_DIR} COMPONENT dev)
# find_package() finds the build folder, too, where it is in PATH.
export(EXPORT iopt NAMESPACE iopt:: FILE ${CMAKE_CURRENT_BINARY_DIR}/ioptTargets.cmake)
configure_package_config_file(cmake/ioptConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/ioptConfig.cmake
	INSTALL_DESTINATION ${IOPT_CMAKE_DIR} PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/ioptConfigVersion.cmake
	COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ioptConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/ioptConfigVersion.cmake
	DESTINATION ${IOPT_CMAKE_DIR} COMPONENT dev)
# Relative to where the file is found, so that a package may be unpacked anywhere.
file(RELATIVE_PATH IOPT_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/iopt.pc.in iopt.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/iopt.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)

install(TARGETS iopt RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT bin)
file(GLOB IOPT_PAGES CONFIGURE_DEPENDS man/iopt*.[1-8])
foreach(page ${IOPT_PAGES})
	string(REGEX REPLACE ".*\\." "" section ${page})
	install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT bin)
endforeach()
file(GLOB IOPT_LIBRARY_PAGES CONFIGURE_DEPENDS man/libiopt*.3)
install(FILES ${IOPT_LIBRARY_PAGES} DESTINATION ${CMAKE_INSTALL_MANDIR}/man3 COMPONENT dev)
install(FILES completions/iopt.bash
	DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME iopt COMPONENT bin)
install(FILES completions/iopt.zsh
	DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _iopt COMPONENT bin)
install(FILES completions/iopt.fish
	DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT bin)
install(FILES cmake/IoptGenerate.cmake DESTINATION ${IOPT_CMAKE_DIR} COMPONENT dev)
install(FILES share/iopt.mk DESTINATION ${CMAKE_INSTALL_DATADIR}/iopt COMPONENT bin)
install(DIRECTORY docs/schema DESTINATION ${CMAKE_INSTALL_DATADIR}/iopt COMPONENT bin)
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/iopt COMPONENT bin)
install(FILES README.md docs/spec.md docs/tutorial-dma.md docs/recipe-board.md docs/recipe-dump.md docs/recipe-firmware.md
	DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/iopt COMPONENT bin)
foreach(package iopt:bin libiopt:lib libiopt-dev:dev)
	string(REPLACE ":" ";" package ${package})
	list(GET package 0 name)
	list(GET package 1 component)
	install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} RENAME copyright
		COMPONENT ${component})
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL bin lib dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_CONTACT "the iopt authors <iopt@localhost>")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR})
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_BIN_PACKAGE_NAME iopt)
set(CPACK_DEBIAN_LIB_PACKAGE_NAME libiopt)
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libiopt-dev)
set(CPACK_DEBIAN_LIB_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_BIN_PACKAGE_DEPENDS "libiopt (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libiopt (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_BIN_DESCRIPTION "Builds, explains and converts the tables that Arm MMUs and SMMUs walk, by the rules of Linux or for
firmware, and reads them out of memory dumps.")
set(CPACK_COMPONENT_LIB_DESCRIPTION "The library: tables over simulated physical memory, and what iopt is made of.")
set(CPACK_COMPONENT_DEV_DESCRIPTION "Headers, pkg-config and CMake files of libiopt.")
set(CPACK_DEBIAN_LIB_PACKAGE_GENERATE_SHLIBS ON)
include(CPack)
