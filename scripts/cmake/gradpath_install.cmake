# libgradpath, made of the objects of every folder, and what `cmake --install` puts where.

include(CMakePackageConfigHelpers)

add_library(gp_interface OBJECT ${PROJECT_SOURCE_DIR}/src/gradpath.c)
target_link_libraries(gp_interface PRIVATE gradpath_flags gp_core gp_data gp_train gp_store gp_study)
set_target_properties(gp_interface PROPERTIES POSITION_INDEPENDENT_CODE ON)

set(objects $<TARGET_OBJECTS:gp_interface>)
foreach(folder core kernel nn data probe theory train store study plot)
  list(APPEND objects $<TARGET_OBJECTS:gp_${folder}>)
endforeach()
add_library(libgradpath ${objects}) # static unless BUILD_SHARED_LIBS
set_target_properties(libgradpath PROPERTIES OUTPUT_NAME gradpath EXPORT_NAME gradpath LINKER_LANGUAGE C
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  PUBLIC_HEADER ${PROJECT_SOURCE_DIR}/src/gradpath.h)
target_include_directories(libgradpath INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
add_library(gradpath::hdf5_hl UNKNOWN IMPORTED) # hdf5-serial.pc does not name it; src/store found it
set_target_properties(gradpath::hdf5_hl PROPERTIES IMPORTED_LOCATION ${HDF5_HL})
target_link_libraries(libgradpath PRIVATE
  gradpath::hdf5_hl PkgConfig::HDF5 PkgConfig::YAML PkgConfig::XXHASH ZLIB::ZLIB OpenMP::OpenMP_C m)

# A static library's users must link what it needs; a shared one brings it along.
set(requires "hdf5-serial, yaml-0.1, libxxhash, zlib")
set(needed "-lhdf5_hl ${OpenMP_C_FLAGS} -lm")
get_target_property(type libgradpath TYPE)
if(type STREQUAL "STATIC_LIBRARY")
  set(GRADPATH_PC_DEPENDENCIES "Requires: ${requires}\nLibs: -L\${libdir} -lgradpath ${needed}")
else()
  set(GRADPATH_PC_DEPENDENCIES
    "Requires.private: ${requires}\nLibs: -L\${libdir} -lgradpath\nLibs.private: ${needed}")
endif()
file(RELATIVE_PATH GRADPATH_PC_PREFIX # so that an installation can be moved
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(${CMAKE_CURRENT_LIST_DIR}/gradpath.pc.in ${PROJECT_BINARY_DIR}/stamp/gradpath.pc @ONLY)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/gradpath)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/gradpathConfig.cmake.in
  ${PROJECT_BINARY_DIR}/stamp/gradpathConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/stamp/gradpathConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)

install(TARGETS gradpath RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
if(TARGET gradpath-mpi)
  install(TARGETS gradpath-mpi LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/gradpath COMPONENT mpi)
endif()
install(TARGETS libgradpath EXPORT gradpath COMPONENT development
  PUBLIC_HEADER DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(EXPORT gradpath NAMESPACE gradpath:: FILE gradpathTargets.cmake DESTINATION ${package_dir} COMPONENT development)
install(FILES ${PROJECT_BINARY_DIR}/stamp/gradpathConfig.cmake ${PROJECT_BINARY_DIR}/stamp/gradpathConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT development)
install(FILES ${PROJECT_BINARY_DIR}/stamp/gradpath.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

# What the program reads lies under share/gradpath by the same names as in the source tree (core/build.h).
set(data ${CMAKE_INSTALL_DATADIR}/gradpath)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/configs/ DESTINATION ${data}/configs COMPONENT program
  FILES_MATCHING PATTERN *.yaml)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/scripts/plot/ DESTINATION ${data}/scripts/plot COMPONENT program
  FILES_MATCHING PATTERN *.gp)
install(FILES README.md CITATION.cff .github/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(FILES results/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME result-files.md COMPONENT program)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/experiments/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/experiments COMPONENT program
  FILES_MATCHING PATTERN README.md)

# Manual pages and completions, which the program writes itself. Debian's zsh looks for those of packages elsewhere.
set(pages ${PROJECT_BINARY_DIR}/pages)
add_custom_command(OUTPUT ${pages}/gradpath
  COMMAND ${PROJECT_SOURCE_DIR}/scripts/cmake/write_pages.sh $<TARGET_FILE:gradpath> ${pages}
  DEPENDS gradpath ${PROJECT_SOURCE_DIR}/scripts/cmake/write_pages.sh VERBATIM)
add_custom_target(gradpath_pages ALL DEPENDS ${pages}/gradpath)
install(DIRECTORY ${pages}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT program)
install(FILES ${pages}/gradpath DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
install(CODE "set(zsh site-functions)
if(CMAKE_INSTALL_PREFIX STREQUAL \"/usr\")
  set(zsh vendor-completions)
endif()
file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/zsh/\${zsh}\" TYPE FILE
  FILES \"${pages}/_gradpath\")" COMPONENT program)
