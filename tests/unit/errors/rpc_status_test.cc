#include "proto/errors/rpc_status.h"

#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include "proto/errors/reasons.h"

namespace enlace {
namespace {

TEST(RpcStatus, EveryReason_SurvivesTheWire) {
  for (const ReasonRow& row : ReasonTable()) {
    const absl::Status sent = MakeRetryableError(row.reason, 2750, {{"what", "x"}});
    const absl::Status received = FromGrpc(ToGrpc(sent));
    EXPECT_TRUE(HasReason(received, row.reason)) << row.name;
    EXPECT_EQ(received.code(), row.code);
    EXPECT_EQ(InfoOf(received).metadata.at("what"), "x");
    EXPECT_EQ(InfoOf(received).retry_after_ms, 2750);
  }
}

TEST(RpcStatus, DetailsOfAnotherCode_AreNotBelieved) {
  const std::string details = EncodeRpcStatus(MakeError(Reason::kDiskFull));
  const grpc::Status forged(grpc::StatusCode::NOT_FOUND, "no", details);
  const absl::Status received = FromGrpc(forged);
  EXPECT_EQ(received.code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(HasReason(received, Reason::kDiskFull));
}

TEST(RpcStatus, EncodedOk_IsAnErrorNotASuccess) {
  EXPECT_FALSE(DecodeRpcStatus("").ok());
  EXPECT_FALSE(DecodeRpcStatus("\xff\xff").ok());
}

}  // namespace
}  // namespace enlace
