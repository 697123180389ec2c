# Who built this: compiler, flags and folders are known when configuring (build_config.h); the source commit is
# looked up at every build (build_commit.h), and rewritten only when it changed, so that nothing is rebuilt for it.
# Works without git and outside a repository: the commit is then "unknown".

if(CMAKE_SCRIPT_MODE_FILE)
  # cmake -D SOURCE=... -D HEADER=... -P gradpath_stamp.cmake
  set(commit unknown)
  find_program(git git)
  if(git AND EXISTS ${SOURCE}/.git)
    execute_process(COMMAND ${git} -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
      OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed)
      set(commit ${described})
    endif()
  endif()
  file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define GP_BUILD_COMMIT \"${commit}\"\n" @ONLY)
  return()
endif()

set(GRADPATH_STAMP_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

# gradpath_stamp(TARGET): build_config.h and build_commit.h on the include path of TARGET.
function(gradpath_stamp target)
  set(folder ${PROJECT_BINARY_DIR}/stamp)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  string(STRIP "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${type}}" flags)
  if(GRADPATH_SANITIZE)
    string(APPEND flags " -fsanitize=${GRADPATH_SANITIZE}")
  endif()
  set(defines
    "GP_BUILD_VERSION \"${PROJECT_VERSION}\""
    "GP_BUILD_COMPILER \"${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}\""
    "GP_BUILD_FLAGS \"${flags} -ffp-contract=off -fno-math-errno -fno-strict-aliasing\""
    "GP_BUILD_SOURCE_DIR \"${PROJECT_SOURCE_DIR}\""
    "GP_BUILD_BINARY_DIR \"${PROJECT_BINARY_DIR}\""
    "GP_LIB_NAME \"${CMAKE_INSTALL_LIBDIR}\""
    "GP_LIB_DIR \"${CMAKE_INSTALL_FULL_LIBDIR}/gradpath\""
    "GP_DATA_DIR \"${CMAKE_INSTALL_FULL_DATADIR}/gradpath\"")
  list(TRANSFORM defines PREPEND "#define ")
  list(JOIN defines "\n" text)
  file(CONFIGURE OUTPUT ${folder}/build_config.h CONTENT "${text}\n" @ONLY)
  add_custom_target(gradpath_commit
    COMMAND ${CMAKE_COMMAND} -D SOURCE=${PROJECT_SOURCE_DIR} -D HEADER=${folder}/build_commit.h
            -P ${GRADPATH_STAMP_SCRIPT}
    BYPRODUCTS ${folder}/build_commit.h VERBATIM)
  add_dependencies(${target} gradpath_commit)
  target_include_directories(${target} PRIVATE ${folder})
endfunction()
