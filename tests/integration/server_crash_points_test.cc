// Work that spans several commits, the process killed between them: a fan-out in slices and the end
// of an upload.
#include <gtest/gtest.h>

#include "crypto/merkle/hash.h"
#include "enlace/v1/blob.grpc.pb.h"
#include "proto/errors/reasons.h"
#include "proto/errors/rpc_status.h"
#include "tests/integration/support/live_rcm.h"

namespace enlace::testing {
namespace {

using std::chrono::seconds;

class CrashTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rcm_.server().Start());
    rcm_.Bootstrap();
    hn_.emplace(rcm_.NewDevice("ofc-hn-007", "hn.consular"));
  }
  void ArmPoint() {
    ASSERT_EQ(rcm_.server().Stop(), 0);
    ASSERT_TRUE(rcm_.server().Start({.crash_point = GetParam()}));
  }
  void ComeBack() {
    ASSERT_TRUE(rcm_.server().DiesOfItself(seconds(10))) << "the point was never reached";
    ASSERT_TRUE(rcm_.server().Start());
  }
  void ExpectSoundStore() {
    EXPECT_EQ(rcm_.server().Stop(), 0);
    EXPECT_EQ(rcm_.server().Command({"verify"}).exit.code, 0);
  }
  grpc::Status Send(const v1::SendRequest& request) {
    const auto stub = v1::RoomService::NewStub(rcm_.Channel(*hn_));
    grpc::ClientContext context;
    SetDeadline(context);
    v1::SendResponse response;
    return stub->Send(&context, request, &response);
  }
  // How often the message stands in the device's inbox once something stands there after it.
  int CountInInbox(const LiveDevice& device, const v1::SendRequest& request,
                   const v1::SendRequest& after) {
    const auto stub = v1::InboxService::NewStub(rcm_.Channel(device));
    grpc::ClientContext context;
    SetDeadline(context);
    const auto reader = stub->Subscribe(&context, {});
    v1::SubscribeResponse message;
    int count = 0;
    bool done = false;
    while (!done && reader->Read(&message)) {
      for (const v1::InboxItem& item : message.items()) {
        count += item.entry().message() == request.envelope().message() ? 1 : 0;
        done = done || item.entry().message() == after.envelope().message();
      }
    }
    context.TryCancel();
    while (reader->Read(&message)) {
    }
    static_cast<void>(reader->Finish());
    return done ? count : -1;
  }

  LiveRcm rcm_;
  std::optional<LiveDevice> hn_;
};

class FanOutCrashTest : public CrashTest {};

// More members than one slice holds.
constexpr int kMembers = 200;

TEST_P(FanOutCrashTest, EveryMember_HasTheMessageOnce) {
  std::vector<LiveDevice> members;
  for (int i = 0; i < kMembers; ++i) {
    members.push_back(rcm_.NewDevice("ofc-mx-" + std::to_string(1000 + i), "mx.consular"));
  }
  std::vector<const LiveDevice*> pointers;
  for (const LiveDevice& member : members) pointers.push_back(&member);
  LiveRoom room = rcm_.Found(*hn_, pointers);
  ArmPoint();
  const v1::SendRequest request = rcm_.Message(room, *hn_, "to all");
  static_cast<void>(Send(request));
  ComeBack();
  const grpc::Status repeated = Send(request);
  ASSERT_TRUE(repeated.ok()) << repeated.error_message();
  const v1::SendRequest after = rcm_.Message(room, *hn_, "after");
  ASSERT_TRUE(Send(after).ok());
  for (const size_t i : {0, 1, 99, 198, 199})
    EXPECT_EQ(CountInInbox(members[i], request, after), 1) << i;
  EXPECT_EQ(CountInInbox(*hn_, request, after), 1);
  ExpectSoundStore();
}

INSTANTIATE_TEST_SUITE_P(Points, FanOutCrashTest,
                         ::testing::Values("server.fan_out_decided:1", "server.fan_out_durable:1",
                                           "server.fan_out_decided:2", "server.fan_out_durable:2"));

class BlobCrashTest : public CrashTest {};

TEST_P(BlobCrashTest, InterruptedUpload_EndsWithTheWholeBlob) {
  const LiveDevice mx = rcm_.NewDevice("ofc-mx-021", "mx.consular");
  const LiveRoom room = rcm_.Found(*hn_, {&mx});
  ArmPoint();
  const std::string content(300u << 10, 'b');
  constexpr size_t kChunk = 256u << 10;
  v1::CreateBlobRequest create;
  create.set_request_id(rcm_.RequestId());
  create.set_room_id(ToText(room.id));
  create.set_blob_id(std::string(16, '\7'));
  create.set_size_bytes(content.size());
  create.set_sha256(ToText(merkle::Sha256(AsBytes(content))));
  create.set_office_id("hn.consular");
  // One try at the whole upload, from where the server says that it stands.
  const auto upload = [&]() -> grpc::Status {
    const auto stub = v1::BlobService::NewStub(rcm_.Channel(*hn_));
    v1::CreateBlobResponse created;
    grpc::ClientContext first;
    SetDeadline(first);
    grpc::Status status = stub->CreateBlob(&first, create, &created);
    bool complete = created.complete();
    uint64_t offset = created.received_bytes();
    while (status.ok() && !complete) {
      v1::PutChunkRequest put;
      put.set_blob_id(create.blob_id());
      put.set_offset(offset);
      put.set_chunk(content.substr(offset, kChunk));
      v1::PutChunkResponse answer;
      grpc::ClientContext context;
      SetDeadline(context);
      status = stub->PutChunk(&context, put, &answer);
      offset = answer.received_bytes();
      complete = answer.complete();
    }
    return status;
  };
  EXPECT_FALSE(upload().ok());
  ComeBack();
  const grpc::Status uploaded = upload();
  ASSERT_TRUE(uploaded.ok()) << uploaded.error_message();
  const auto stub = v1::BlobService::NewStub(rcm_.Channel(mx));
  grpc::ClientContext context;
  v1::GetBlobRequest get;
  get.set_blob_id(create.blob_id());
  const auto reader = stub->GetBlob(&context, get);
  v1::GetBlobResponse part;
  std::string read;
  while (reader->Read(&part)) read += part.chunk();
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(read, content);
  ExpectSoundStore();
}

INSTANTIATE_TEST_SUITE_P(Points, BlobCrashTest,
                         ::testing::Values("server.blob_decided:1", "server.blob_durable:1"));

}  // namespace
}  // namespace enlace::testing
