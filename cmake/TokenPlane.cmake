# Compiler, flags and the three verbs the tree is built with: tp_library, tp_test, tp_fuzz.

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "Token Plane is built with clang-19 (g++ 12 miscompiles coroutines): "
                      "use a preset, e.g. cmake --preset release")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(TP_SANITIZE "" CACHE STRING "value for -fsanitize=, empty for none")
option(TP_FUZZ "build the libFuzzer targets" OFF)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wno-unused-parameter -Wno-missing-field-initializers
                    -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough -fno-omit-frame-pointer -march=x86-64-v2
                    "$<$<CONFIG:RelWithDebInfo>:-O2;-gline-tables-only>" "$<$<CONFIG:Debug>:-gline-tables-only>")
if(TP_SANITIZE)
  add_compile_options(-fsanitize=${TP_SANITIZE} -fno-sanitize-recover=all -O1)
  add_link_options(-fsanitize=${TP_SANITIZE})
endif()
if(TP_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

include_directories("${CMAKE_SOURCE_DIR}/src")
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# tp_library(NAME DIRS [DEPS...]): every .cc directly in DIRS (one folder, or several with ';') as a static library.
function(tp_library name dirs)
  set(sources "")
  foreach(dir IN LISTS dirs)
    file(GLOB found CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${dir}/*.cc")
    list(APPEND sources ${found})
  endforeach()
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC ${ARGN} Threads::Threads)
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${ARGN} Threads::Threads)
  endif()
endfunction()

# tp_test(NAME DIR [DEPS...]): every .cc in DIR (or "DIR;DIR2") as one GoogleTest program, each case a ctest test.
function(tp_test name dir)
  set(sources)
  foreach(folder ${dir})
    file(GLOB found CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cc")
    list(APPEND sources ${found})
  endforeach()
  if(sources AND NOT TP_FUZZ)
    add_executable(${name} ${sources})
    target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
    target_link_libraries(${name} PRIVATE ${ARGN} GTest::gtest GTest::gmock GTest::gtest_main)
    list(GET dir 0 label)
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS "${label}" TIMEOUT 300)
  endif()
endfunction()

# tp_fuzz(NAME SOURCE [DEPS...]): a libFuzzer target; with TP_FUZZ off, nothing.
function(tp_fuzz name source)
  if(TP_FUZZ)
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE ${ARGN})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  endif()
endfunction()
