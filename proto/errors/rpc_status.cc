#include "proto/errors/rpc_status.h"

#include <grpcpp/support/status.h>

#include "google/rpc/status.pb.h"
#include "proto/errors/reasons.h"

namespace enlace {
namespace {

constexpr int kMillisecondsPerSecond = 1000;
constexpr int kNanosPerMillisecond = 1000000;

google::rpc::Status ToMessage(const absl::Status& status) {
  google::rpc::Status out;
  out.set_code(static_cast<int>(status.code()));
  out.set_message(std::string(status.message()));
  const ErrorInfo info = InfoOf(status);
  if (info.name.empty()) return out;
  google::rpc::ErrorInfo detail;
  detail.set_reason(info.name);
  detail.set_domain(std::string(kErrorDomain));
  for (const auto& [key, value] : info.metadata) (*detail.mutable_metadata())[key] = value;
  out.add_details()->PackFrom(detail);
  if (info.retry_after_ms) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(*info.retry_after_ms / kMillisecondsPerSecond);
    retry.mutable_retry_delay()->set_nanos(
        static_cast<int>(*info.retry_after_ms % kMillisecondsPerSecond) * kNanosPerMillisecond);
    out.add_details()->PackFrom(retry);
  }
  return out;
}

absl::Status FromMessage(const google::rpc::Status& message) {
  absl::Status status(static_cast<absl::StatusCode>(message.code()), message.message());
  if (status.ok()) return MakeError(Reason::kInternal);
  ErrorInfo info;
  for (const auto& any : message.details()) {
    google::rpc::ErrorInfo detail;
    google::rpc::RetryInfo retry;
    if (any.UnpackTo(&detail) && detail.domain() == kErrorDomain) {
      info.name = detail.reason();
      info.metadata = ErrorMetadata(detail.metadata().begin(), detail.metadata().end());
    } else if (any.UnpackTo(&retry)) {
      info.retry_after_ms = retry.retry_delay().seconds() * kMillisecondsPerSecond +
                            retry.retry_delay().nanos() / kNanosPerMillisecond;
    }
  }
  if (!info.name.empty()) AttachInfo(info, status);
  return status;
}

}  // namespace

std::string EncodeRpcStatus(const absl::Status& status) {
  return ToMessage(status).SerializeAsString();
}

absl::Status DecodeRpcStatus(std::string_view raw) {
  google::rpc::Status message;
  if (!message.ParseFromArray(raw.data(), static_cast<int>(raw.size()))) {
    return MakeError(Reason::kInternal);
  }
  return FromMessage(message);
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
                      EncodeRpcStatus(status));
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status message;
  if (!status.error_details().empty() && message.ParseFromString(status.error_details()) &&
      message.code() == status.error_code()) {
    return FromMessage(message);
  }
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace enlace
