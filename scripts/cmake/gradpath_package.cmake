# What `cpack` makes: three .deb packages (the program; its module for MPI; the library for C programs) and one .tar.gz.

set(CPACK_PACKAGE_NAME gradpath)
set(CPACK_PACKAGE_VENDOR "The gradpath authors")
set(GRADPATH_CONTACT "The gradpath authors <gradpath@localhost>" CACHE STRING
  "Who answers for the packages: Name <address>")
set(CPACK_PACKAGE_CONTACT "${GRADPATH_CONTACT}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_RESOURCE_FILE_README ${PROJECT_SOURCE_DIR}/README.md)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR "DEB;TGZ")
set(CPACK_VERBATIM_VARIABLES ON)

set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME gradpath)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "gnuplot-nox | gnuplot")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "fonts-lato")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "gradpath-mpi, python3-xarray")
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "measure, predict and diagnose gradient flow
Trains whole grids of small networks, records the gradient of every layer,
says what theory predicts for it, gives every run a verdict, and draws and
judges the result. One HDF5 file per sweep, which xarray reads.")

set(CPACK_DEBIAN_MPI_PACKAGE_NAME gradpath-mpi)
set(CPACK_DEBIAN_MPI_PACKAGE_DEPENDS "gradpath (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_MPI_DESCRIPTION "sweeps of gradpath over several processes
The module that gradpath loads under an MPI launcher, so that the processes
of a job share one sweep and one result file.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libgradpath-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libhdf5-dev, libyaml-dev, libxxhash-dev, zlib1g-dev, libgomp1")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "gradpath")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "gradpath as a C library
Header, static library, pkg-config and CMake files for programs that run
sweeps and read their results themselves.")

# What Debian wants in /usr/share/doc of each package.
string(TIMESTAMP year "%Y" UTC)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(READ ${PROJECT_SOURCE_DIR}/LICENSE licence)
set(doc ${PROJECT_BINARY_DIR}/package)
file(WRITE ${doc}/copyright "Upstream-Name: gradpath\n\n${licence}")
file(WRITE ${doc}/changelog "gradpath (${PROJECT_VERSION}) unstable; urgency=low\n\n  * See CHANGELOG.md.\n\n"
  " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
find_program(GRADPATH_GZIP gzip)
if(GRADPATH_GZIP)
  execute_process(COMMAND ${GRADPATH_GZIP} -9nf ${doc}/changelog)
endif()
foreach(pair "program gradpath" "mpi gradpath-mpi" "development libgradpath-dev")
  separate_arguments(pair)
  list(GET pair 0 component)
  list(GET pair 1 package)
  if(component STREQUAL "mpi" AND NOT TARGET gradpath-mpi)
    continue()
  endif()
  install(FILES ${doc}/copyright ${doc}/changelog.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package}
    COMPONENT ${component} OPTIONAL)
endforeach()

include(CPack)
