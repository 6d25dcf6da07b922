# Compiler settings that every target shares, and the two helpers that declare our targets.
include_guard(GLOBAL)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
# Abseil's headers and our libraries stay out of the language's module scan.
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

find_program(ENLACE_CCACHE ccache)
if(ENLACE_CCACHE)
  # Precompiled headers carry time stamps; without these settings ccache never hits on them.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${ENLACE_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options(-Xclang -fno-pch-timestamp)
  else()
    add_compile_options(-fpch-preprocess)
  endif()
endif()

add_library(enlace_options INTERFACE)
target_include_directories(enlace_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(enlace_options INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -fno-omit-frame-pointer -fstack-protector-strong
  # Fatal without optimisation. With it, GCC 12 derives warnings from inlined standard library code that are
  # known to be false; they are shown.
  $<$<CONFIG:Debug>:-Werror>)
if(CMAKE_BUILD_TYPE MATCHES "Rel" AND NOT ENLACE_SANITIZE)
  target_compile_options(enlace_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  target_link_options(enlace_options INTERFACE -Wl,-z,relro,-z,now)
endif()

if(ENLACE_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
elseif(ENLACE_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
elseif(ENLACE_SANITIZE)
  message(FATAL_ERROR "ENLACE_SANITIZE must be empty, address or thread")
endif()

if(ENLACE_FUZZ)
  # Coverage of everything that a fuzz target links.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# The standard library, Abseil and protobuf take most of a compilation's time. They are compiled once, for libraries
# (position-independent code) and for programs and tests (position-independent executables, with GoogleTest).
# ENLACE_PRECOMPILED=OFF is for linters and for builds that share a compiler cache between folders.
option(ENLACE_PRECOMPILED "Precompile the headers that most sources include" ON)
if(ENLACE_PRECOMPILED AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC takes a precompiled header only where the same macros are set; some of our dependencies ask for -pthread.
  # GoogleTest sets a macro, which programs without it have to set too.
  target_compile_options(enlace_options INTERFACE -pthread)
  target_compile_definitions(enlace_options INTERFACE GTEST_HAS_PTHREAD=1)
  add_library(enlace_precompiled STATIC ${CMAKE_SOURCE_DIR}/cmake/precompiled.cc)
  target_link_libraries(enlace_precompiled PRIVATE enlace_options protobuf::libprotobuf Threads::Threads)
  target_precompile_headers(enlace_precompiled PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
  add_executable(enlace_precompiled_program EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/cmake/precompiled.cc)
  target_link_libraries(enlace_precompiled_program PRIVATE
    enlace_options protobuf::libprotobuf Threads::Threads GTest::gmock GTest::gtest_main)
  target_precompile_headers(enlace_precompiled_program PRIVATE
    ${CMAKE_SOURCE_DIR}/cmake/precompiled.h <gtest/gtest.h>)
endif()

# Most of a source's compilation is reading headers, so the sources of a target are compiled a few together.
# ENLACE_JOINED=OFF is for linters and whoever wants to know that each source includes what it uses.
option(ENLACE_JOINED "Compile the sources of a target in groups" ON)
if(ENLACE_JOINED)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 5)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # To GCC a joined source is a header, whose classes must not hold types of an unnamed namespace.
    target_compile_options(enlace_options INTERFACE -Wno-subobject-linkage)
  endif()
endif()

# enlace_precompile(TARGET BASE): TARGET uses the headers that BASE precompiled.
function(enlace_precompile name base)
  if(TARGET ${base})
    target_precompile_headers(${name} REUSE_FROM ${base})
  endif()
endfunction()

# enlace_library(NAME SOURCES ... DEPS ... [OWN_PRECOMPILED]): a static library with our warnings; DEPS are its public
# links. OWN_PRECOMPILED: the folder precompiles headers of its own.
function(enlace_library name)
  cmake_parse_arguments(ARG "OWN_PRECOMPILED" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  if(NOT ARG_OWN_PRECOMPILED)
    enlace_precompile(${name} enlace_precompiled)
  endif()
  target_link_libraries(${name} PUBLIC enlace_options ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  set_property(GLOBAL APPEND PROPERTY ENLACE_LIBRARIES ${name})
endfunction()

# enlace_program(NAME SOURCES ... DEPS ...): an executable in bin/.
function(enlace_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  enlace_precompile(${name} enlace_precompiled_program)
  target_link_libraries(${name} PRIVATE enlace_options ${ARG_DEPS})
endfunction()

# enlace_test(NAME SOURCES ... DEPS ... LABELS ... TIMEOUT seconds): a GoogleTest program, one ctest entry.
# Unit tests of crypto, storage, the server's core and the alert model also get the label asan: deploy/test.sh builds
# the target asan_tests with AddressSanitizer; those of the server's services and of the client's rooms, which need gRPC,
# get asan_more, for its long runs. Tests with the label tsan are built by the target tsan_tests with ThreadSanitizer.
add_custom_target(asan_tests)
add_custom_target(asan_more_tests)
add_custom_target(tsan_tests)
function(enlace_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  enlace_precompile(${name} enlace_precompiled_program)
  target_link_libraries(${name} PRIVATE enlace_options ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  # What is tested is optimised as it is shipped; the tests themselves are compiled sooner.
  target_compile_options(${name} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1>)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(CMAKE_CURRENT_SOURCE_DIR MATCHES "/tests/unit/(crypto|mls|merkle|identity|room|storage|server/core|alerts)$")
    list(APPEND ARG_LABELS asan)
  elseif(CMAKE_CURRENT_SOURCE_DIR MATCHES "/tests/unit/(rooms|server)")
    list(APPEND ARG_LABELS asan_more)
  endif()
  foreach(sanitizer asan asan_more tsan)
    if(sanitizer IN_LIST ARG_LABELS)
      add_dependencies(${sanitizer}_tests ${name})
    endif()
  endforeach()
  if(ENLACE_SANITIZE)
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 5")
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  if(ENLACE_SANITIZE STREQUAL "thread")
    set_tests_properties(${name} PROPERTIES
      ENVIRONMENT "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")
  endif()
endfunction()
