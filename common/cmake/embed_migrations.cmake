# Run at build time by smederij_migrations: writes a C++ file that holds the SQL files of DIR.
#   cmake -DSERVICE=ledger -DDIR=… -DOUT=… -P embed_migrations.cmake
file(GLOB files ${DIR}/*.sql)
list(SORT files)
set(steps "")
set(expected 0)
foreach(file ${files})
  get_filename_component(stem ${file} NAME_WE)
  if(NOT stem MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$")
    message(FATAL_ERROR "${file}: a migration is named NNNN_name.sql")
  endif()
  set(name ${CMAKE_MATCH_2})
  math(EXPR expected "${expected} + 1")
  string(REGEX REPLACE "^0+" "" version ${CMAKE_MATCH_1})
  if(NOT version STREQUAL expected)
    message(FATAL_ERROR "${file}: step ${expected} was expected")
  endif()
  file(READ ${file} sql)
  string(APPEND steps "    {${version}, \"${name}\", R\"sql_(${sql})sql_\"},\n")
endforeach()
if(expected EQUAL 0)
  message(FATAL_ERROR "no migrations in ${DIR}")
endif()
file(WRITE ${OUT} "#include \"services/${SERVICE}/storage/migrations.h\"

namespace smederij::${SERVICE} {
namespace {

constexpr pg::Migration kSteps[] = {
${steps}};

}  // namespace

pg::Migrations Migrations() { return {.service = \"${SERVICE}\", .steps = kSteps}; }

}  // namespace smederij::${SERVICE}
")
