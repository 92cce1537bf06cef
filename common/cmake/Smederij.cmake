# The vocabulary of every CMakeLists.txt here: smederij_library, smederij_binary, smederij_proto,
# smederij_test, smederij_fuzzer. They own flags, warnings, sanitizers, test labels; nothing else sets them.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")  # Assertions stay on: better stopped than wrong.

set(SMEDERIJ_SANITIZE "" CACHE STRING "address, thread or empty")
set_property(CACHE SMEDERIJ_SANITIZE PROPERTY STRINGS "" address thread)

option(SMEDERIJ_FUZZ "Build fuzz targets and all they link for libFuzzer; needs clang" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

if(SMEDERIJ_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined
    -fno-omit-frame-pointer -O1 -g1)
  add_link_options(-fsanitize=address,undefined)
elseif(SMEDERIJ_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -O1)
  add_link_options(-fsanitize=thread)
  # Makes Abseil's locks visible to the sanitizer, in every program.
  set(SMEDERIJ_RUNTIME ${PROJECT_SOURCE_DIR}/common/base/tsan.cc)
endif()

if(SMEDERIJ_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined
                      -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
  add_custom_target(fuzzers)
endif()

find_package(Threads REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(GTest CONFIG REQUIRED)
find_package(benchmark CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(EXPAT REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(RHONABWY REQUIRED IMPORTED_TARGET librhonabwy)
find_library(GMPXX_LIBRARY gmpxx REQUIRED)
find_library(GMP_LIBRARY gmp REQUIRED)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

function(_smederij_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion -Werror)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(${target} PRIVATE -Wthread-safety)
  endif()
endfunction()

# smederij_library(NAME [SOURCES …] [DEPS …] [TESTS …] [DB_TESTS …] [TEST_DEPS …])
# One layer or one folder: target smederij_NAME, used as smederij::NAME. Without SOURCES it is
# header-only. TESTS are one binary labelled `unit`, DB_TESTS one labelled `db`.
function(smederij_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;TESTS;DB_TESTS;TEST_DEPS" ${ARGN})
  set(target smederij_${name})
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    _smederij_warnings(${target})
    target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${target} PUBLIC ${ARG_DEPS})
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${target} INTERFACE ${ARG_DEPS})
  endif()
  add_library(smederij::${name} ALIAS ${target})
  if(ARG_TESTS)
    smederij_test(${name}_test LABEL unit SOURCES ${ARG_TESTS} DEPS ${target} ${ARG_TEST_DEPS})
  endif()
  if(ARG_DB_TESTS)
    smederij_test(${name}_db_test LABEL db SOURCES ${ARG_DB_TESTS} DEPS ${target} ${ARG_TEST_DEPS})
  endif()
endfunction()

# smederij_binary(NAME SOURCES … DEPS …): an executable in build/<preset>/bin.
function(smederij_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES} ${SMEDERIJ_RUNTIME})
  _smederij_warnings(${name})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
endfunction()

# smederij_test(NAME LABEL unit|db|e2e|fault|interop SOURCES … DEPS … [NEEDS targets…])
# Registered with ctest as one test: a binary owns its cluster and its shared set-up.
function(smederij_test name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;DEPS;NEEDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES} ${SMEDERIJ_RUNTIME})
  _smederij_warnings(${name})
  # What is tested is optimised as it ships; a test's own code runs once, so compiling it counts.
  target_compile_options(${name} PRIVATE -O0)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  foreach(program ${ARG_NEEDS})
    if(TARGET ${program})  # The test itself says when a program it runs is not there.
      add_dependencies(${name} ${program})
    endif()
  endforeach()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL}
    ENVIRONMENT "SMEDERIJ_BIN=${CMAKE_BINARY_DIR}/bin;SMEDERIJ_SOURCE=${PROJECT_SOURCE_DIR};TSAN_OPTIONS=ignore_noninstrumented_modules=1")
  if(NOT TARGET ${ARG_LABEL}_tests)  # All tests of a label, and no more.
    add_custom_target(${ARG_LABEL}_tests)
  endif()
  add_dependencies(${ARG_LABEL}_tests ${name})
endfunction()

# smederij_fuzzer(NAME SOURCES … DEPS …): a libFuzzer program in build/fuzz/fuzzers, part of target
# `fuzzers`. Nothing in other presets.
function(smederij_fuzzer name)
  if(NOT SMEDERIJ_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  _smederij_warnings(${name})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzzers)
  add_dependencies(fuzzers ${name})
endfunction()

# smederij_proto(NAME FILES … [DEPS …] [GRPC] [ROOT dir]): generated code of proto/…, a SYSTEM
# include. With GRPC the stubs are a second target, NAME_grpc, since their header is slow to compile.
# ROOT is where FILES are for a test's own protos; they may import those of proto/.
function(smederij_proto name)
  cmake_parse_arguments(ARG "GRPC" "ROOT" "FILES;DEPS" ${ARGN})
  set(root ${PROJECT_SOURCE_DIR}/proto)
  if(ARG_ROOT)
    set(root ${ARG_ROOT})
  endif()
  set(import --proto_path=${root} --proto_path=${PROJECT_SOURCE_DIR}/proto)
  set(out ${CMAKE_BINARY_DIR}/gen)
  file(MAKE_DIRECTORY ${out})
  set(messages)
  set(stubs)
  foreach(file ${ARG_FILES})
    string(REGEX REPLACE "\\.proto$" "" stem ${file})
    add_custom_command(
      OUTPUT ${out}/${stem}.pb.cc ${out}/${stem}.pb.h
      COMMAND ${Protobuf_PROTOC_EXECUTABLE} ${import} --cpp_out=${out} ${root}/${file}
      DEPENDS ${root}/${file} VERBATIM)
    list(APPEND messages ${out}/${stem}.pb.cc)
    if(ARG_GRPC)
      add_custom_command(
        OUTPUT ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h
        COMMAND ${Protobuf_PROTOC_EXECUTABLE} ${import} --grpc_out=${out}
                --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN} ${root}/${file}
        DEPENDS ${root}/${file} VERBATIM)
      list(APPEND stubs ${out}/${stem}.grpc.pb.cc)
    endif()
  endforeach()
  add_library(smederij_${name} STATIC ${messages})
  target_include_directories(smederij_${name} SYSTEM PUBLIC ${out})
  target_link_libraries(smederij_${name} PUBLIC protobuf::libprotobuf ${ARG_DEPS})
  add_library(smederij::${name} ALIAS smederij_${name})
  if(ARG_GRPC)
    add_library(smederij_${name}_grpc STATIC ${stubs})
    target_include_directories(smederij_${name}_grpc SYSTEM PUBLIC ${out})
    target_link_libraries(smederij_${name}_grpc PUBLIC smederij_${name} gRPC::grpc++)
    add_library(smederij::${name}_grpc ALIAS smederij_${name}_grpc)
  endif()
endfunction()

# smederij_migrations(SERVICE DIR): the SQL steps of DIR (NNNN_name.sql) in the binary. Target
# smederij::SERVICE_migrations; #include "services/SERVICE/storage/migrations.h" gives
# `pg::Migrations smederij::SERVICE::Migrations()`.
function(smederij_migrations service dir)
  get_filename_component(dir ${dir} ABSOLUTE)
  file(GLOB files CONFIGURE_DEPENDS ${dir}/*.sql)
  set(out ${CMAKE_BINARY_DIR}/gen/services/${service}/storage)
  file(WRITE ${out}/migrations.h.new "#pragma once

#include \"common/pg/migrate.h\"

namespace smederij::${service} {

pg::Migrations Migrations();

}  // namespace smederij::${service}
")
  file(COPY_FILE ${out}/migrations.h.new ${out}/migrations.h ONLY_IF_DIFFERENT)
  set(script ${PROJECT_SOURCE_DIR}/common/cmake/embed_migrations.cmake)
  add_custom_command(
    OUTPUT ${out}/migrations.cc
    COMMAND ${CMAKE_COMMAND} -DSERVICE=${service} -DDIR=${dir} -DOUT=${out}/migrations.cc -P ${script}
    DEPENDS ${files} ${script} VERBATIM)
  add_library(smederij_${service}_migrations STATIC ${out}/migrations.cc)
  _smederij_warnings(smederij_${service}_migrations)
  target_include_directories(smederij_${service}_migrations PUBLIC ${CMAKE_BINARY_DIR}/gen)
  target_link_libraries(smederij_${service}_migrations PUBLIC smederij_pg)
  add_library(smederij::${service}_migrations ALIAS smederij_${service}_migrations)
endfunction()
