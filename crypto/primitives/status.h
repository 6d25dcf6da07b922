// The two macros that pass an absl::Status on, for code that returns absl::Status or
// absl::StatusOr.
//
// Errors of our functions are values; no exception crosses a function of ours. Abseil of Debian 12
// has a string_view of its own: the helpers below keep it out of our signatures.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function when `expr` is not OK.
#define ENLACE_RETURN_IF_ERROR(expr)                 \
  do {                                               \
    ::absl::Status enlace_status_ = (expr);          \
    if (!enlace_status_.ok()) return enlace_status_; \
  } while (false)

#define ENLACE_CONCAT_INNER(a, b) a##b
#define ENLACE_CONCAT(a, b) ENLACE_CONCAT_INNER(a, b)

// ENLACE_ASSIGN_OR_RETURN(auto value, Function()): assigns the value or returns the error.
#define ENLACE_ASSIGN_OR_RETURN(lhs, expr) \
  ENLACE_ASSIGN_OR_RETURN_IMPL(ENLACE_CONCAT(enlace_or_, __LINE__), lhs, expr)
#define ENLACE_ASSIGN_OR_RETURN_IMPL(tmp, lhs, expr) \
  auto tmp = (expr);                                 \
  if (!tmp.ok()) return std::move(tmp).status();     \
  lhs = std::move(tmp).value()

namespace enlace {

inline absl::Status MakeStatus(absl::StatusCode code, std::string_view message) {
  return absl::Status(code, absl::string_view(message.data(), message.size()));
}
inline absl::Status InvalidArgument(std::string_view message) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, message);
}
inline absl::Status FailedPrecondition(std::string_view message) {
  return MakeStatus(absl::StatusCode::kFailedPrecondition, message);
}
inline absl::Status PermissionDenied(std::string_view message) {
  return MakeStatus(absl::StatusCode::kPermissionDenied, message);
}
inline absl::Status DataLoss(std::string_view message) {
  return MakeStatus(absl::StatusCode::kDataLoss, message);
}
inline absl::Status NotFound(std::string_view message) {
  return MakeStatus(absl::StatusCode::kNotFound, message);
}

// The message of `status` as our own kind of text.
inline std::string_view MessageOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

}  // namespace enlace
