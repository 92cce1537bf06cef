#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/pg/codec.h"

namespace smederij::pg {

// A statement is declared like the function it is. Row is void, a type with a codec (one column),
// a std::tuple of such, or a struct with `Row Decode(pg::Columns&, pg::As<Row>)` beside it.
//
//   constexpr pg::Statement<Round(RoundId)> kGetRound{"ballots.get_round", R"sql(
//     SELECT id, opens_at FROM ballots.round WHERE id = $1)sql"};
template <class Signature>
struct Statement;

template <class Row, class... Params>
struct Statement<Row(Params...)> {
  absl::string_view name;  // Prepared statement, metric label, log field. Unique in a process.
  absl::string_view text;

  static constexpr std::array<uint32_t, sizeof...(Params)> kTypes{Codec<Params>::kType...};
};

// Keeps a parameter out of deduction: arguments convert to the statement's types.
template <class T>
using Same = std::type_identity_t<T>;

// The arguments of one execution, in binary.
class Arguments {
 public:
  template <class... P>
  static Arguments Of(const P&... values) {
    Arguments arguments;
    arguments.encoded_.reserve(sizeof...(P));
    (arguments.Add(values), ...);
    return arguments;
  }

  int size() const { return static_cast<int>(encoded_.size()); }
  bool null(int i) const { return encoded_[static_cast<size_t>(i)].null; }
  const std::string& bytes(int i) const { return encoded_[static_cast<size_t>(i)].bytes; }

 private:
  struct Encoded {
    bool null = false;
    std::string bytes;
  };

  template <class T>
  void Add(const T& value) {
    Encoded& last = encoded_.emplace_back();
    last.null = !EncodeNullable(value, last.bytes);
  }

  std::vector<Encoded> encoded_;
};

// Any statement, without its row type. A store lists its statements as these, and a test hands the
// list to CheckStatements (transact.h) on the migrated schema.
struct AnyStatement {
  absl::string_view name;
  absl::string_view text;
  absl::Span<const uint32_t> types;

  template <class Row, class... P>
  AnyStatement(const Statement<Row(P...)>& statement)  // NOLINT: meant to convert.
      : name(statement.name), text(statement.text), types(Statement<Row(P...)>::kTypes) {}
};

}  // namespace smederij::pg
