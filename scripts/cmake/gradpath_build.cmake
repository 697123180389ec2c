# Build rules shared by every folder of src/: one folder is one target, and a target sees the headers
# of the folders it names and of no others (links are PRIVATE on purpose: includes do not travel).

find_package(OpenMP REQUIRED COMPONENTS C)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET hdf5-serial)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
find_path(RANDOM123_INCLUDE Random123/philox.h REQUIRED)

add_library(gradpath_flags INTERFACE)
target_compile_features(gradpath_flags INTERFACE c_std_11)
target_compile_definitions(gradpath_flags INTERFACE _GNU_SOURCE)
target_compile_options(gradpath_flags INTERFACE
  -ffp-contract=off -fno-math-errno -fno-strict-aliasing -fvisibility=hidden
  -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
  -Wcast-align -Wwrite-strings -Wundef -Wvla -Wno-unknown-pragmas
  # clang finds fault with NAN itself (a float constant) and with the option tables' optional arguments.
  $<$<C_COMPILER_ID:GNU>:-Wdouble-promotion>
  $<$<C_COMPILER_ID:Clang>:-Wno-gnu-zero-variadic-macro-arguments>
  $<$<BOOL:${GRADPATH_WERROR}>:-Werror>)
if(GRADPATH_SANITIZE)
  target_compile_options(gradpath_flags INTERFACE -fsanitize=${GRADPATH_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(gradpath_flags INTERFACE -fsanitize=${GRADPATH_SANITIZE})
endif()

# gradpath_folder(NAME dep...): the target gp_NAME made of every .c file of this folder.
function(gradpath_folder name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  if(NOT sources) # headers only
    add_library(gp_${name} INTERFACE)
    target_include_directories(gp_${name} INTERFACE $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>)
    return()
  endif()
  add_library(gp_${name} STATIC ${sources})
  target_include_directories(gp_${name} PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>)
  target_link_libraries(gp_${name} PRIVATE gradpath_flags)
  foreach(dep ${ARGN})
    target_link_libraries(gp_${name} PRIVATE ${dep})
  endforeach()
  set_target_properties(gp_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
endfunction()
