// Conversion between absl::Status with a reason and the rich errors that travel over gRPC.
//
// Promises that reason, metadata and retry delay survive the wire in both directions as
// google.rpc.ErrorInfo and RetryInfo, so that any gRPC client can read them. A status without a
// reason crosses as INTERNAL or as its bare code.
//
// Thread safety: free functions. Source: proto/google/rpc/status.proto, gRPC's
// grpc-status-details-bin.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace grpc {
class Status;
}

namespace enlace {

// A serialised google.rpc.Status of `status`; also what SendResult.refusal holds.
std::string EncodeRpcStatus(const absl::Status& status);
// The inverse; INTERNAL for bytes that are not a google.rpc.Status. An OK code gives an INTERNAL
// error.
absl::Status DecodeRpcStatus(std::string_view raw);

grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace enlace
