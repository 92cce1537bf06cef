#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Return-or-continue for absl::Status and absl::StatusOr. The expression is evaluated once.

#define RETURN_IF_ERROR(expression)                                                           \
  do {                                                                                        \
    if (absl::Status status_macro_ = (expression); !status_macro_.ok()) return status_macro_; \
  } while (false)

#define ASSIGN_OR_RETURN(declaration, expression) \
  SMEDERIJ_ASSIGN_OR_RETURN_(SMEDERIJ_CONCAT_(status_or_, __LINE__), declaration, expression)

#define SMEDERIJ_ASSIGN_OR_RETURN_(holder, declaration, expression) \
  auto holder = (expression);                                       \
  if (!holder.ok()) return std::move(holder).status();              \
  declaration = *std::move(holder)

#define SMEDERIJ_CONCAT_(a, b) SMEDERIJ_CONCAT_INNER_(a, b)
#define SMEDERIJ_CONCAT_INNER_(a, b) a##b
