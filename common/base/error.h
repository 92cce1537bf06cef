#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace smederij {

// A refusal: a code (what a program should do), a reason (UPPER_SNAKE, what a client may switch
// on), facts (name → value), and a sentence for people. Travels inside absl::Status as payloads;
// common/rpc/status.cc renders it as google.rpc.Status with ErrorInfo, BadRequest and RetryInfo.
//
//   return Error(kFailedPrecondition, "OVER_BUDGET", "the choices cost more than the budget")
//       .With("total_cents", total.cents()).With("budget_cents", budget.cents());
//
// A fact never holds personal data: facts are logged.
class [[nodiscard]] Error {
 public:
  Error(absl::StatusCode code, absl::string_view reason, absl::string_view sentence);

  template <std::integral T>
  Error With(absl::string_view fact, T value) && {
    return std::move(*this).With(fact, absl::string_view(absl::StrCat(value)));
  }
  Error With(absl::string_view fact, absl::string_view value) &&;
  Error With(absl::string_view fact, const char* value) && {
    return std::move(*this).With(fact, absl::string_view(value));
  }
  // The request field at fault, as a path ("lines[2].amount_cents"), and what is wrong with it.
  // May be called more than once: all mistakes of a request are told together.
  Error At(absl::string_view field, absl::string_view wrong) &&;
  // When a retry may succeed.
  Error RetryAfter(absl::Duration delay) &&;

  operator absl::Status() const { return status_; }  // NOLINT: a refusal is a status.
  template <class T>
  operator absl::StatusOr<T>() const {  // NOLINT
    return status_;
  }

 private:
  absl::Status status_;
};

using Fact = std::pair<std::string, std::string>;

// What a status carries: empty when it was not made by Error. Facts and fields are in name order.
std::string ReasonOf(const absl::Status& status);
std::vector<Fact> FactsOf(const absl::Status& status);
std::vector<Fact> FieldsOf(const absl::Status& status);
absl::Duration RetryDelayOf(const absl::Status& status);  // Zero when none was given.

// Shorthands so that errors.h files read as tables.
inline constexpr absl::StatusCode kInvalidArgument = absl::StatusCode::kInvalidArgument;
inline constexpr absl::StatusCode kFailedPrecondition = absl::StatusCode::kFailedPrecondition;
inline constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
inline constexpr absl::StatusCode kAlreadyExists = absl::StatusCode::kAlreadyExists;
inline constexpr absl::StatusCode kPermissionDenied = absl::StatusCode::kPermissionDenied;
inline constexpr absl::StatusCode kUnauthenticated = absl::StatusCode::kUnauthenticated;
inline constexpr absl::StatusCode kResourceExhausted = absl::StatusCode::kResourceExhausted;
inline constexpr absl::StatusCode kAborted = absl::StatusCode::kAborted;
inline constexpr absl::StatusCode kUnavailable = absl::StatusCode::kUnavailable;
inline constexpr absl::StatusCode kInternal = absl::StatusCode::kInternal;

}  // namespace smederij
