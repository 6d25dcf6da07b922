// A real server process over mutual TLS: who may call, what calls must keep, and what streams do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "enlace/v1/blob.grpc.pb.h"
#include "enlace/v1/registry.grpc.pb.h"
#include "proto/errors/reasons.h"
#include "proto/errors/rpc_status.h"
#include "tests/integration/support/live_rcm.h"
#include "tests/integration/support/tls_material.h"

namespace enlace::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

std::string NameOf(const grpc::Status& status) {
  if (status.ok()) return "OK";
  const std::string name = InfoOf(FromGrpc(status)).name;
  return name.empty() ? "code " + std::to_string(status.error_code()) + " " + status.error_message()
                      : name;
}

class ServerCallsTest : public ::testing::Test {
 protected:
  void StartWith(const std::string& configuration = {}) {
    rcm_ = std::make_unique<LiveRcm>(configuration);
    ASSERT_TRUE(rcm_->server().Start());
    rcm_->Bootstrap();
    hn_.emplace(rcm_->NewDevice("ofc-hn-007", "hn.consular"));
    mx_.emplace(rcm_->NewDevice("ofc-mx-021", "mx.consular"));
  }

  grpc::Status GetHead(const LiveDevice& device, milliseconds deadline = seconds(20)) {
    const auto stub = v1::RegistryService::NewStub(rcm_->Channel(device));
    grpc::ClientContext context;
    if (deadline.count() > 0) SetDeadline(context, deadline);
    v1::GetHeadResponse response;
    return stub->GetHead(&context, {}, &response);
  }

  grpc::Status Send(const LiveDevice& sender, const v1::SendRequest& request,
                    v1::SendResponse* response = nullptr) {
    const auto stub = v1::RoomService::NewStub(rcm_->Channel(sender));
    grpc::ClientContext context;
    SetDeadline(context);
    v1::SendResponse ignored;
    return stub->Send(&context, request, response != nullptr ? response : &ignored);
  }

  std::unique_ptr<LiveRcm> rcm_;
  std::optional<LiveDevice> hn_;
  std::optional<LiveDevice> mx_;
};

// Reads a subscription on a thread of its own.
class Follower {
 public:
  Follower(const std::shared_ptr<grpc::Channel>& channel, uint64_t cursor)
      : stub_(v1::InboxService::NewStub(channel)) {
    v1::SubscribeRequest request;
    request.set_cursor(cursor);
    reader_ = stub_->Subscribe(&context_, request);
    thread_ = std::thread([this] { Run(); });
  }
  ~Follower() {
    context_.TryCancel();
    if (thread_.joinable()) thread_.join();
  }

  // Waits until so many items came.
  bool WaitForItems(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(20), [&] {
      return items_.size() >= count || finished_;
    }) && items_.size() >= count;
  }
  bool WaitForReplay() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(20), [&] { return replayed_ || finished_; }) &&
           replayed_;
  }
  // The reason of the end, or nothing when it does not end in time.
  std::string WaitForEnd(milliseconds timeout) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, timeout, [&] { return finished_; })) return "still open";
    return NameOf(status_);
  }
  std::vector<v1::InboxItem> items() {
    const std::lock_guard lock(mutex_);
    return items_;
  }

 private:
  void Run() {
    v1::SubscribeResponse message;
    while (reader_->Read(&message)) {
      const std::lock_guard lock(mutex_);
      for (const v1::InboxItem& item : message.items()) items_.push_back(item);
      replayed_ = replayed_ || message.replayed();
      changed_.notify_all();
    }
    const grpc::Status status = reader_->Finish();
    const std::lock_guard lock(mutex_);
    status_ = status;
    finished_ = true;
    changed_.notify_all();
  }

  std::unique_ptr<v1::InboxService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::SubscribeResponse>> reader_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<v1::InboxItem> items_;
  bool replayed_ = false;
  bool finished_ = false;
  grpc::Status status_;
  std::thread thread_;
};

TEST_F(ServerCallsTest, LoggedDevice_IsServed_AndStrangersAreTold) {
  StartWith();
  EXPECT_EQ(NameOf(GetHead(*hn_)), "OK");
  const LiveDevice stranger{rcm_->world().MakeDevice("ofc-hn-099", "dev-1"), "hn.consular"};
  EXPECT_EQ(NameOf(GetHead(stranger)), "UNAUTHENTICATED");
}

TEST_F(ServerCallsTest, CallWithoutDeadlineOrWithALongOne_IsRefused) {
  StartWith();
  EXPECT_EQ(NameOf(GetHead(*hn_, milliseconds(0))), "DEADLINE_REQUIRED");
  EXPECT_EQ(NameOf(GetHead(*hn_, seconds(120))), "DEADLINE_REQUIRED");
  EXPECT_EQ(NameOf(GetHead(*hn_, seconds(60))), "OK");
}

TEST_F(ServerCallsTest, RevokedDevice_IsRefusedAndItsOpenStreamCutWithinASecond) {
  StartWith();
  Follower follower(rcm_->Channel(*mx_), 0);
  ASSERT_TRUE(follower.WaitForReplay());
  rcm_->Revoke(*mx_);
  EXPECT_EQ(follower.WaitForEnd(seconds(1)), "DEVICE_REVOKED");
  EXPECT_EQ(NameOf(GetHead(*mx_)), "DEVICE_REVOKED");
  EXPECT_EQ(NameOf(GetHead(*hn_)), "OK");
}

TEST_F(ServerCallsTest, MalformedAndOversizedRequests_AreNamed) {
  StartWith();
  v1::SendRequest request;
  request.set_request_id("short");
  EXPECT_EQ(NameOf(Send(*hn_, request)), "REQUEST_ID_INVALID");
  LiveRoom room = rcm_->Found(*hn_, {&*mx_});
  v1::SendRequest large = rcm_->Message(room, *hn_, std::string(300u << 10, 'x'));
  EXPECT_EQ(NameOf(Send(*hn_, large)), "BODY_TOO_LARGE");
  v1::SendRequest other = rcm_->Message(room, *hn_, "text");
  other.mutable_envelope()->set_message("nonsense");
  EXPECT_EQ(NameOf(Send(*hn_, other)), "MALFORMED_REQUEST");
}

TEST_F(ServerCallsTest, Message_ReachesTheMemberWhoFollowsAndTheOneWhoComesLater) {
  StartWith();
  LiveRoom room = rcm_->Found(*hn_, {&*mx_});
  Follower early(rcm_->Channel(*mx_), 0);
  ASSERT_TRUE(early.WaitForReplay());
  const size_t before = early.items().size();
  std::vector<std::string> sent;
  for (int i = 0; i < 100; ++i) {
    const v1::SendRequest request = rcm_->Message(room, *hn_, "message " + std::to_string(i));
    v1::SendResponse response;
    ASSERT_EQ(NameOf(Send(*hn_, request, &response)), "OK");
    sent.push_back(request.envelope().message());
  }
  ASSERT_TRUE(early.WaitForItems(before + sent.size()));
  Follower late(rcm_->Channel(*mx_), 0);
  EXPECT_EQ(early.WaitForEnd(seconds(5)), "STREAM_REPLACED");
  ASSERT_TRUE(late.WaitForReplay());
  for (const auto& items : {early.items(), late.items()}) {
    ASSERT_EQ(items.size(), before + sent.size());
    for (size_t i = 0; i < sent.size(); ++i) {
      EXPECT_EQ(items[before + i].entry().message(), sent[i]);
      EXPECT_GT(items[before + i].cursor(), i == 0 ? 0 : items[before + i - 1].cursor());
    }
  }
}

TEST_F(ServerCallsTest, Batch_AcceptsEachMessageForItself) {
  StartWith();
  LiveRoom room = rcm_->Found(*hn_, {&*mx_});
  v1::SendBatchRequest batch;
  *batch.add_requests() = rcm_->Message(room, *hn_, "one");
  *batch.add_requests() = rcm_->Message(room, *hn_, "two");
  batch.mutable_requests(1)->set_room_id("0123456789abcdef");
  *batch.add_requests() = rcm_->Message(room, *hn_, "three");
  const auto stub = v1::RoomService::NewStub(rcm_->Channel(*hn_));
  grpc::ClientContext context;
  SetDeadline(context);
  v1::SendBatchResponse response;
  ASSERT_EQ(NameOf(stub->SendBatch(&context, batch, &response)), "OK");
  ASSERT_EQ(response.results_size(), 3);
  EXPECT_TRUE(response.results(0).has_acceptance());
  EXPECT_EQ(InfoOf(DecodeRpcStatus(response.results(1).refusal())).name, "ROOM_UNKNOWN");
  EXPECT_EQ(response.results(2).acceptance().sequence(),
            response.results(0).acceptance().sequence() + 1);
}

TEST_F(ServerCallsTest, DeviceThatReadsNothing_IsCutWithItsCursorWhileOthersAreServed) {
  StartWith("[limits]\nslow_consumer_s = 1\n");
  LiveRoom room = rcm_->Found(*hn_, {&*mx_});
  const auto stub = v1::InboxService::NewStub(rcm_->Channel(*mx_));
  grpc::ClientContext context;
  const auto reader = stub->Subscribe(&context, {});
  const std::string large(200u << 10, 'x');
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(NameOf(Send(*hn_, rcm_->Message(room, *hn_, large))), "OK");
  }
  // More than a second without a read; meanwhile the others go on.
  const auto end = std::chrono::steady_clock::now() + seconds(4);
  while (std::chrono::steady_clock::now() < end) ASSERT_EQ(NameOf(GetHead(*hn_)), "OK");
  v1::SubscribeResponse message;
  uint64_t cursor = 0;
  while (reader->Read(&message)) {
    for (const v1::InboxItem& item : message.items()) cursor = item.cursor();
  }
  const absl::Status status = FromGrpc(reader->Finish());
  EXPECT_TRUE(HasReason(status, Reason::kSlowConsumer)) << status;
  Follower resumed(rcm_->Channel(*mx_), cursor);
  ASSERT_TRUE(resumed.WaitForReplay());
  ASSERT_FALSE(resumed.items().empty());
  EXPECT_EQ(resumed.items().front().cursor(), cursor + 1);
}

TEST_F(ServerCallsTest, EnrolmentListener_ServesEnrolmentAloneAndLimitsCalls) {
  StartWith("[limits]\nenrolment_calls_per_minute = 20\n");
  const auto stub = v1::EnrolmentService::NewStub(rcm_->EnrolmentChannel());
  const auto other = v1::RegistryService::NewStub(rcm_->EnrolmentChannel());
  grpc::ClientContext context;
  SetDeadline(context);
  v1::GetHeadResponse head;
  EXPECT_EQ(other->GetHead(&context, {}, &head).error_code(), grpc::StatusCode::UNIMPLEMENTED);
  std::string last = "OK";
  for (int i = 0; i < 40 && last == "OK"; ++i) {
    grpc::ClientContext call;
    SetDeadline(call);
    v1::GetChartersResponse charters;
    last = NameOf(stub->GetCharters(&call, {}, &charters));
  }
  EXPECT_EQ(last, "LIMIT_EXCEEDED");
}

TEST_F(ServerCallsTest, Sigterm_EndsStreamsAndTheServerCleanly) {
  StartWith();
  Follower follower(rcm_->Channel(*mx_), 0);
  ASSERT_TRUE(follower.WaitForReplay());
  EXPECT_EQ(rcm_->server().Stop(), 0);
  EXPECT_EQ(follower.WaitForEnd(seconds(5)), "SERVER_STOPPING");
  EXPECT_EQ(rcm_->server().Command({"verify"}).exit.code, 0);
}

TEST_F(ServerCallsTest, LogAndStatus_NameNobody) {
  StartWith();
  LiveRoom room = rcm_->Found(*hn_, {&*mx_});
  ASSERT_EQ(NameOf(Send(*hn_, rcm_->Message(room, *hn_, "text"))), "OK");
  const RunResult status = rcm_->server().Command({"status", "--json"});
  EXPECT_EQ(status.exit.code, 0);
  EXPECT_THAT(status.output, HasSubstr("\"state\":\"serving\""));
  for (const std::string& text : {status.output, rcm_->server().Log()}) {
    EXPECT_THAT(text, ::testing::Not(HasSubstr("ofc-hn-007")));
    EXPECT_THAT(text, ::testing::Not(HasSubstr("hn.consular")));
  }
}

}  // namespace
}  // namespace enlace::testing
