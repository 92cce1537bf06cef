#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/pg/codec.h"

struct pg_result;

namespace smederij::pg {

struct ResultDeleter {
  void operator()(pg_result* result) const;
};
using Result = std::unique_ptr<pg_result, ResultDeleter>;

int RowCount(const Result& result);

// Names the type a row is decoded to: overloads of Decode are found through it.
template <class Row>
struct As {};

// The columns of one row, taken in SELECT order. A NULL where the type has none, a column of
// another type, and a leftover column are INTERNAL: statement and Decode disagree, our bug.
class Columns {
 public:
  Columns(const Result& result, int row) : result_(*result), row_(row) {}

  template <class T>
  T Next() {
    T value{};
    const int column = next_++;
    const Cell cell = At(column, Codec<T>::kType);
    if (cell.usable && !DecodeNullable<T>(cell.bytes, value)) {
      Fail(column, cell.bytes ? "does not decode" : "is NULL");
    }
    return value;
  }

  // OK when every column was taken and fitted.
  absl::Status Finish(absl::string_view statement) const;

 private:
  struct Cell {
    bool usable = false;
    std::optional<absl::string_view> bytes;
  };
  Cell At(int column, uint32_t type);
  void Fail(int column, absl::string_view what);

  const pg_result& result_;
  const int row_;
  int next_ = 0;
  std::string wrong_;
};

// A row of one column, and a row of several without a name.
template <HasCodec T>
T Decode(Columns& row, As<T>) {
  return row.Next<T>();
}
template <class... T>
std::tuple<T...> Decode(Columns& row, As<std::tuple<T...>>) {
  return std::tuple<T...>{row.Next<T>()...};  // Braces: evaluated left to right.
}

}  // namespace smederij::pg
