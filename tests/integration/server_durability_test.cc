// What was acknowledged survives SIGKILL at every named point, and a lost or older store is never
// served in silence.
#include <gtest/gtest.h>

#include <filesystem>

#include "proto/errors/reasons.h"
#include "proto/errors/rpc_status.h"
#include "tests/integration/support/live_rcm.h"

namespace enlace::testing {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

class ServerDurabilityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rcm_.server().Start());
    rcm_.Bootstrap();
    hn_.emplace(rcm_.NewDevice("ofc-hn-007", "hn.consular"));
    mx_.emplace(rcm_.NewDevice("ofc-mx-021", "mx.consular"));
    room_ = rcm_.Found(*hn_, {&*mx_});
  }

  grpc::Status Send(const v1::SendRequest& request) {
    const auto stub = v1::RoomService::NewStub(rcm_.Channel(*hn_));
    grpc::ClientContext context;
    SetDeadline(context);
    v1::SendResponse response;
    return stub->Send(&context, request, &response);
  }

  // Everything in the inbox of mx, as ciphertexts in order.
  std::vector<std::string> ReadAll() {
    const auto stub = v1::InboxService::NewStub(rcm_.Channel(*mx_));
    grpc::ClientContext context;
    const auto reader = stub->Subscribe(&context, {});
    std::vector<std::string> messages;
    v1::SubscribeResponse message;
    while (reader->Read(&message)) {
      for (const v1::InboxItem& item : message.items()) {
        if (item.has_entry()) messages.push_back(item.entry().message());
      }
      if (message.replayed()) break;
    }
    context.TryCancel();
    while (reader->Read(&message)) {
    }
    static_cast<void>(reader->Finish());
    return messages;
  }

  LiveRcm rcm_;
  std::optional<LiveDevice> hn_;
  std::optional<LiveDevice> mx_;
  LiveRoom room_;
};

TEST_F(ServerDurabilityTest, Sigkill_LosesNothingAcknowledged) {
  std::vector<std::string> acknowledged;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20; ++i) {
      const v1::SendRequest request = rcm_.Message(room_, *hn_, "message");
      ASSERT_TRUE(Send(request).ok());
      acknowledged.push_back(request.envelope().message());
    }
    rcm_.server().Kill();
    ASSERT_TRUE(rcm_.server().Start());
    EXPECT_EQ(ReadAll(), acknowledged);
  }
}

class CrashPointTest : public ServerDurabilityTest,
                       public ::testing::WithParamInterface<const char*> {};

TEST_P(CrashPointTest, RetriedMessage_IsThereExactlyOnce) {
  ASSERT_EQ(rcm_.server().Stop(), 0);
  ASSERT_TRUE(rcm_.server().Start({.crash_point = GetParam()}));
  std::vector<std::string> sent;
  std::optional<v1::SendRequest> interrupted;
  for (int i = 0; i < 200 && !interrupted; ++i) {
    const v1::SendRequest request = rcm_.Message(room_, *hn_, "message");
    sent.push_back(request.envelope().message());
    if (!Send(request).ok()) interrupted = request;
  }
  ASSERT_TRUE(interrupted.has_value()) << "the point was never reached";
  ASSERT_TRUE(rcm_.server().DiesOfItself(seconds(10)));
  ASSERT_TRUE(rcm_.server().Start());
  ASSERT_TRUE(Send(*interrupted).ok());
  EXPECT_EQ(ReadAll(), sent);
  EXPECT_EQ(rcm_.server().Stop(), 0);
  EXPECT_EQ(rcm_.server().Command({"verify"}).exit.code, 0);
}

INSTANTIATE_TEST_SUITE_P(Points, CrashPointTest,
                         ::testing::Values("server.decided:30", "server.durable:30",
                                           "server.acknowledged:30", "server.published:30",
                                           "storage.before_write:12", "storage.after_write:12",
                                           "storage.after_sync:12"));

TEST_F(ServerDurabilityTest, OlderCopyOfTheStore_IsRefusedUntilTheLossIsDeclared) {
  const fs::path copy = rcm_.server().root() / "copy";
  ASSERT_EQ(rcm_.server().Command({"backup", copy.string()}).exit.code, 0);
  ASSERT_TRUE(Send(rcm_.Message(room_, *hn_, "after the copy")).ok());
  ASSERT_EQ(rcm_.server().Stop(), 0);
  const fs::path store = rcm_.server().folder() / "store";
  fs::remove_all(store);
  fs::copy(copy / "store", store, fs::copy_options::recursive);
  EXPECT_FALSE(rcm_.server().Start());
  EXPECT_TRUE(rcm_.server().Start({.declare_loss = true})) << rcm_.server().Log();
}

TEST_F(ServerDurabilityTest, LostStore_IsNotReplacedByAnEmptyOne) {
  ASSERT_EQ(rcm_.server().Stop(), 0);
  fs::remove_all(rcm_.server().folder() / "store");
  EXPECT_FALSE(rcm_.server().Start());
}

TEST_F(ServerDurabilityTest, SecondServerOnTheFolder_IsRefused) {
  EXPECT_NE(rcm_.server().Command({"run"}).exit.code, 0);
  EXPECT_TRUE(Send(rcm_.Message(room_, *hn_, "still served")).ok());
}

}  // namespace
}  // namespace enlace::testing
