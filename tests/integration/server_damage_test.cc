// A real server on a damaged data folder: refused with what to do, found by verify, and served
// again by the way that the operator is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "proto/errors/reasons.h"
#include "proto/errors/rpc_status.h"
#include "tests/integration/support/live_rcm.h"

namespace enlace::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr size_t kBlockBytes = 32u << 10;
constexpr size_t kRecordHeaderBytes = 7;

// Where the records of RocksDB's log end: blocks of 32 KiB, each record with checksum, length and
// type before it (RocksDB wiki, "Write Ahead Log File Format").
std::vector<size_t> RecordEnds(const std::string& log) {
  std::vector<size_t> ends;
  size_t at = 0;
  while (at + kRecordHeaderBytes <= log.size()) {
    const size_t left = kBlockBytes - at % kBlockBytes;
    if (left < kRecordHeaderBytes) {
      at += left;
      continue;
    }
    const size_t length = static_cast<uint8_t>(log[at + 4]) |
                          static_cast<size_t>(static_cast<uint8_t>(log[at + 5])) << 8;
    const int type = log[at + 6];
    at += kRecordHeaderBytes + length;
    const bool ends_a_record = type == 1 || type == 4;
    if (ends_a_record && at <= log.size()) ends.push_back(at);
  }
  return ends;
}

class ServerDamageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rcm_.server().Start());
    rcm_.Bootstrap();
    hn_.emplace(rcm_.NewDevice("ofc-hn-007", "hn.consular"));
    mx_.emplace(rcm_.NewDevice("ofc-mx-021", "mx.consular"));
    room_ = rcm_.Found(*hn_, {&*mx_});
    for (int i = 0; i < 5; ++i) ASSERT_EQ(Send("message " + std::to_string(i)), "OK");
  }

  std::string NameOf(const grpc::Status& status) {
    if (status.ok()) return "OK";
    return InfoOf(FromGrpc(status)).name;
  }
  std::string Send(const std::string& text) {
    const auto stub = v1::RoomService::NewStub(rcm_.Channel(*hn_));
    grpc::ClientContext context;
    SetDeadline(context);
    v1::SendResponse response;
    last_ = rcm_.Message(room_, *hn_, text);
    return NameOf(stub->Send(&context, last_, &response));
  }

  // What a device has after one replay of its inbox.
  struct Replay {
    std::vector<v1::InboxItem> items;
    v1::SubscribeRequest next;  // What it asks with afterwards.
    std::string end = "OK";
  };
  Replay ReadInbox(const v1::SubscribeRequest& request) {
    const auto stub = v1::InboxService::NewStub(rcm_.Channel(*mx_));
    grpc::ClientContext context;
    const auto reader = stub->Subscribe(&context, request);
    Replay replay;
    replay.next = request;
    v1::SubscribeResponse message;
    bool replayed = false;
    while (!replayed && reader->Read(&message)) {
      for (const v1::InboxItem& item : message.items()) {
        replay.items.push_back(item);
        replay.next.set_cursor(item.cursor());
      }
      replayed = message.replayed() && message.server_sequence() != 0;
    }
    if (replayed) {
      replay.next.set_generation(message.generation());
      replay.next.set_server_sequence(message.server_sequence());
      replay.next.set_server_head(message.server_head());
      context.TryCancel();
    }
    while (reader->Read(&message)) {
    }
    const grpc::Status status = reader->Finish();
    if (!replayed) replay.end = NameOf(status);
    return replay;
  }

  fs::path store() { return rcm_.server().folder() / "store"; }
  fs::path Wal() {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(store())) {
      const bool wal = entry.path().extension() == ".log" && fs::file_size(entry.path()) > 0;
      if (wal && entry.path() > newest) newest = entry.path();
    }
    EXPECT_FALSE(newest.empty());
    return newest;
  }

  // The server says what is wrong and what to do, and verify finds it too.
  void ExpectRefused(const std::string& what) {
    EXPECT_FALSE(rcm_.server().Start());
    EXPECT_THAT(rcm_.server().Log(), HasSubstr(what));
    EXPECT_NE(rcm_.server().Command({"verify"}).exit.code, 0);
  }

  LiveRcm rcm_;
  std::optional<LiveDevice> hn_;
  std::optional<LiveDevice> mx_;
  LiveRoom room_;
  v1::SendRequest last_;
};

TEST_F(ServerDamageTest, WalCutOnARecordBoundary_IsRefused_AndGoesOnAfterTheDeclaration) {
  ASSERT_EQ(rcm_.server().Stop(), 0);
  const std::vector<size_t> ends = RecordEnds(ReadText(Wal()));
  ASSERT_GT(ends.size(), 2u);
  fs::resize_file(Wal(), ends[ends.size() - 2]);
  ExpectRefused("declare the loss");
  ASSERT_TRUE(rcm_.server().Start({.declare_loss = true})) << rcm_.server().Log();
  // The message that was lost is offered again under its request id.
  const auto stub = v1::RoomService::NewStub(rcm_.Channel(*hn_));
  grpc::ClientContext context;
  SetDeadline(context);
  v1::SendResponse response;
  EXPECT_EQ(NameOf(stub->Send(&context, last_, &response)), "OK");
  EXPECT_EQ(ReadInbox({}).items.back().entry().message(), last_.envelope().message());
  ASSERT_EQ(rcm_.server().Stop(), 0);
  EXPECT_EQ(rcm_.server().Command({"verify"}).exit.code, 0);
}

TEST_F(ServerDamageTest, DeletedWal_IsRefused) {
  ASSERT_EQ(rcm_.server().Stop(), 0);
  fs::remove(Wal());
  ExpectRefused("declare the loss");
}

TEST_F(ServerDamageTest, FlippedBit_IsRefused) {
  ASSERT_EQ(rcm_.server().Stop(), 0);
  const fs::path wal = Wal();
  std::string log = ReadText(wal);
  log[log.size() / 2] ^= 1;
  std::ofstream(wal, std::ios::binary) << log;
  ExpectRefused("");
}

TEST_F(ServerDamageTest, OldCopy_IsRefused_AndADeviceThatWasFurtherMissesNothingAfterwards) {
  const fs::path copy = rcm_.server().root() / "copy";
  ASSERT_EQ(rcm_.server().Command({"backup", copy.string()}).exit.code, 0);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(Send("after the copy"), "OK");
  const Replay before = ReadInbox({});
  ASSERT_EQ(rcm_.server().Stop(), 0);
  fs::remove_all(store());
  fs::copy(copy / "store", store(), fs::copy_options::recursive);
  ExpectRefused("declare the loss");
  ASSERT_TRUE(rcm_.server().Start({.declare_loss = true})) << rcm_.server().Log();
  ASSERT_EQ(Send("after the loss"), "OK");
  const Replay after = ReadInbox(before.next);
  EXPECT_EQ(after.end, "OK");
  ASSERT_EQ(after.items.size(), 1u);
  EXPECT_EQ(after.items[0].entry().message(), last_.envelope().message());
}

TEST_F(ServerDamageTest, LossThatNoMarkKnows_IsProvenByADevice_AndReported) {
  const fs::path copy = rcm_.server().root() / "copy";
  ASSERT_EQ(rcm_.server().Command({"backup", copy.string()}).exit.code, 0);
  ASSERT_EQ(Send("after the copy"), "OK");
  const Replay before = ReadInbox({});
  ASSERT_EQ(rcm_.server().Stop(), 0);
  fs::remove_all(rcm_.server().folder() / "marks");
  fs::remove_all(store());
  fs::copy(copy / "store", store(), fs::copy_options::recursive);
  ExpectRefused("declare the loss");
  ASSERT_TRUE(rcm_.server().Start({.declare_loss = true})) << rcm_.server().Log();
  EXPECT_EQ(ReadInbox(before.next).end, "OK");
  // What is presented as seen since then is not covered by that declaration.
  v1::SubscribeRequest ahead = ReadInbox(before.next).next;
  ahead.set_server_sequence(ahead.server_sequence() + 100);
  EXPECT_EQ(ReadInbox(ahead).end, "SERVER_BEHIND");
  const RunResult status = rcm_.server().Command({"status", "--json"});
  EXPECT_THAT(status.output, HasSubstr("\"refused_as_behind\":1"));
}

}  // namespace
}  // namespace enlace::testing
