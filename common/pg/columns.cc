#include "common/pg/columns.h"

#include <libpq-fe.h>

#include "absl/strings/str_cat.h"

namespace smederij::pg {
namespace {

constexpr uint32_t kText = 25, kVarchar = 1043, kName = 19;

bool Fits(uint32_t actual, uint32_t wanted) {
  return actual == wanted || (wanted == kText && (actual == kVarchar || actual == kName));
}

}  // namespace

void ResultDeleter::operator()(pg_result* result) const { PQclear(result); }

int RowCount(const Result& result) { return PQntuples(result.get()); }

Columns::Cell Columns::At(int column, uint32_t type) {
  if (column >= PQnfields(&result_)) {
    Fail(column, "is missing");
    return {};
  }
  if (const uint32_t actual = PQftype(&result_, column); !Fits(actual, type)) {
    Fail(column, absl::StrCat("has type oid ", actual, ", not ", type));
    return {};
  }
  if (PQgetisnull(&result_, row_, column)) return {.usable = true, .bytes = std::nullopt};
  return {.usable = true,
          .bytes = absl::string_view(PQgetvalue(&result_, row_, column),
                                     static_cast<size_t>(PQgetlength(&result_, row_, column)))};
}

void Columns::Fail(int column, absl::string_view what) {
  if (wrong_.empty()) wrong_ = absl::StrCat("column ", column + 1, " ", what);
}

absl::Status Columns::Finish(absl::string_view statement) const {
  if (!wrong_.empty()) return absl::InternalError(absl::StrCat(statement, ": ", wrong_));
  if (next_ != PQnfields(&result_)) {
    return absl::InternalError(
        absl::StrCat(statement, ": ", PQnfields(&result_), " columns, but ", next_, " were taken"));
  }
  return absl::OkStatus();
}

}  // namespace smederij::pg
