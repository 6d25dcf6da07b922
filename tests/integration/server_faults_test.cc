// A real server whose disk fails or fills up, and peers that flood it or send it nonsense.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "crypto/merkle/hash.h"
#include "enlace/v1/blob.grpc.pb.h"
#include "enlace/v1/registry.grpc.pb.h"
#include "proto/errors/reasons.h"
#include "proto/errors/rpc_status.h"
#include "tests/integration/support/live_rcm.h"

namespace enlace::testing {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr std::string_view kServing("\x08\x01", 2);
constexpr std::string_view kNotServing("\x08\x02", 2);

std::string NameOf(const grpc::Status& status) {
  if (status.ok()) return "OK";
  const std::string name = InfoOf(FromGrpc(status)).name;
  return name.empty() ? "code " + std::to_string(status.error_code()) : name;
}

class ServerFaultsTest : public ::testing::Test {
 protected:
  void Begin(uint64_t disk_bytes = 0) {
    rcm_ = std::make_unique<LiveRcm>("", "", disk_bytes);
    run_.environment = {{"LD_PRELOAD", ENLACE_DISK_SHIM},
                        {"ENLACE_TEST_SYNC_FAILS", SyncFails()},
                        {"ENLACE_TEST_DISK_FULL", DiskFull()}};
    ASSERT_TRUE(rcm_->server().Start(run_)) << rcm_->server().Log();
    rcm_->Bootstrap();
    hn_.emplace(rcm_->NewDevice("ofc-hn-007", "hn.consular"));
    mx_.emplace(rcm_->NewDevice("ofc-mx-021", "mx.consular"));
    room_ = rcm_->Found(*hn_, {&*mx_});
  }
  std::string SyncFails() const { return (rcm_->server().root() / "sync-fails").string(); }
  std::string DiskFull() const { return (rcm_->server().root() / "disk-full").string(); }
  static void Touch(const std::string& path) { std::ofstream(path) << "x"; }

  grpc::Status Send(const v1::SendRequest& request, v1::Acceptance* acceptance = nullptr) {
    const auto stub = v1::RoomService::NewStub(rcm_->Channel(*hn_));
    grpc::ClientContext context;
    SetDeadline(context);
    v1::SendResponse response;
    const grpc::Status status = stub->Send(&context, request, &response);
    if (acceptance != nullptr) *acceptance = response.acceptance();
    return status;
  }
  v1::SendRequest Message(const std::string& text) { return rcm_->Message(room_, *hn_, text); }

  // Everything in the inbox of mx.
  std::vector<v1::InboxItem> ReadInbox() {
    const auto stub = v1::InboxService::NewStub(rcm_->Channel(*mx_));
    grpc::ClientContext context;
    SetDeadline(context);
    const auto reader = stub->Subscribe(&context, {});
    v1::SubscribeResponse message;
    std::vector<v1::InboxItem> items;
    bool replayed = false;
    while (!replayed && reader->Read(&message)) {
      items.insert(items.end(), message.items().begin(), message.items().end());
      replayed = message.replayed();
    }
    EXPECT_TRUE(replayed);
    context.TryCancel();
    while (reader->Read(&message)) {
    }
    static_cast<void>(reader->Finish());
    return items;
  }
  int CountInInbox(const v1::SendRequest& request) {
    int count = 0;
    for (const v1::InboxItem& item : ReadInbox())
      count += item.entry().message() == request.envelope().message() ? 1 : 0;
    return count;
  }

  // One unary call of any method with any bytes.
  grpc::Status CallRaw(const std::string& method, std::string_view bytes, std::string& answer) {
    grpc::GenericStub stub(rcm_->Channel(*hn_));
    grpc::ClientContext context;
    SetDeadline(context);
    const grpc::Slice slice(bytes.data(), bytes.size());
    const grpc::ByteBuffer request(&slice, 1);
    grpc::CompletionQueue queue;
    const auto call = stub.PrepareUnaryCall(&context, method, request, &queue);
    grpc::ByteBuffer response;
    grpc::Status status;
    call->StartCall();
    call->Finish(&response, &status, this);
    void* tag = nullptr;
    bool ok = false;
    EXPECT_TRUE(queue.Next(&tag, &ok));
    std::vector<grpc::Slice> slices;
    answer.clear();
    if (status.ok() && response.Dump(&slices).ok()) {
      for (const grpc::Slice& part : slices)
        answer.append(reinterpret_cast<const char*>(part.begin()), part.size());
    }
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) {
    }
    return status;
  }
  // Waits until grpc.health.v1 says so of the writing service.
  bool HealthBecomes(std::string_view state) {
    const std::string service = "enlace.v1.RoomService";
    const std::string request =
        "\x0a" + std::string(1, static_cast<char>(service.size())) + service;
    const auto end = std::chrono::steady_clock::now() + seconds(20);
    std::string answer;
    while (std::chrono::steady_clock::now() < end) {
      if (CallRaw("/grpc.health.v1.Health/Check", request, answer).ok() && answer == state)
        return true;
      std::this_thread::sleep_for(milliseconds(100));
    }
    return false;
  }
  // Offers the request until it is accepted; false when that takes longer than 30 s.
  bool ResumesByItself(const v1::SendRequest& request) {
    const auto end = std::chrono::steady_clock::now() + seconds(30);
    while (std::chrono::steady_clock::now() < end) {
      const grpc::Status status = Send(request);
      if (status.ok()) return true;
      EXPECT_EQ(NameOf(status), "DISK_FULL");
      std::this_thread::sleep_for(milliseconds(200));
    }
    return false;
  }
  void ExpectDiskFull() {
    const grpc::Status refused = Send(Message("refused"));
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(NameOf(refused), "DISK_FULL");
    EXPECT_GT(InfoOf(FromGrpc(refused)).retry_after_ms.value_or(0), 0);
    EXPECT_TRUE(HealthBecomes(kNotServing));
    EXPECT_THAT(rcm_->server().Command({"status", "--json"}).output,
                HasSubstr("\"state\":\"disk_full\""));
  }

  LiveRun run_;
  std::unique_ptr<LiveRcm> rcm_;
  std::optional<LiveDevice> hn_;
  std::optional<LiveDevice> mx_;
  LiveRoom room_;
};

TEST_F(ServerFaultsTest, FailedSync_StopsWritingUntilARestart_ReadsGoOn_AndTheRepeatIsThereOnce) {
  Begin();
  const v1::SendRequest before = Message("before");
  ASSERT_EQ(NameOf(Send(before)), "OK");
  Touch(SyncFails());
  const v1::SendRequest interrupted = Message("interrupted");
  const grpc::Status refused = Send(interrupted);
  EXPECT_EQ(NameOf(refused), "STORAGE_UNAVAILABLE");
  EXPECT_GT(InfoOf(FromGrpc(refused)).retry_after_ms.value_or(0), 0);
  EXPECT_TRUE(HealthBecomes(kNotServing));
  EXPECT_EQ(CountInInbox(before), 1);
  fs::remove(SyncFails());
  // What the operating system failed to write once is not believed again.
  EXPECT_EQ(NameOf(Send(interrupted)), "STORAGE_UNAVAILABLE");
  rcm_->server().Kill();
  ASSERT_TRUE(rcm_->server().Start(run_)) << rcm_->server().Log();
  EXPECT_EQ(NameOf(Send(interrupted)), "OK");
  EXPECT_EQ(CountInInbox(interrupted), 1);
  EXPECT_EQ(CountInInbox(before), 1);
}

TEST_F(ServerFaultsTest, DiskBelowItsReserve_RefusesWrites_ServesReads_AndResumesByItself) {
  Begin();
  const v1::SendRequest before = Message("before");
  ASSERT_EQ(NameOf(Send(before)), "OK");
  Touch(DiskFull());
  ExpectDiskFull();
  EXPECT_EQ(CountInInbox(before), 1);
  fs::remove(DiskFull());
  const v1::SendRequest after = Message("after");
  EXPECT_TRUE(ResumesByItself(after));
  EXPECT_TRUE(HealthBecomes(kServing));
  EXPECT_EQ(CountInInbox(after), 1);
}

TEST_F(ServerFaultsTest, RetentionOnAFullDisk_GoesOnWhileOthersKeepSending) {
  Begin();
  v1::SendRequest request = Message("expires soon");
  request.mutable_envelope()->set_delete_after_ms(static_cast<uint64_t>(NowMs() + 2000));
  ASSERT_EQ(NameOf(Send(request)), "OK");
  ASSERT_EQ(CountInInbox(request), 1);
  Touch(DiskFull());
  const auto end = std::chrono::steady_clock::now() + seconds(20);
  int count = 1;
  while (count != 0 && std::chrono::steady_clock::now() < end) {
    for (int i = 0; i < 20; ++i) EXPECT_EQ(NameOf(Send(Message("refused"))), "DISK_FULL");
    count = CountInInbox(request);
  }
  EXPECT_EQ(count, 0) << "the content is still there";
  fs::remove(DiskFull());
  EXPECT_TRUE(ResumesByItself(Message("after")));
}

TEST_F(ServerFaultsTest, SmallDiskWithNoByteLeft_RefusesWrites_ServesReads_AndResumesByItself) {
  constexpr uint64_t kDiskBytes = 160u << 20;
  Begin(kDiskBytes);
  if (!rcm_->server().has_own_disk())
    GTEST_SKIP() << "a tmpfs can't be mounted here; the tests above play a full disk";
  const v1::SendRequest before = Message("before");
  ASSERT_EQ(NameOf(Send(before)), "OK");
  const fs::path ballast = rcm_->server().folder() / "ballast";
  const int fd = open(ballast.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  struct statvfs info {};
  off_t size_bytes = 0;
  while (statvfs(rcm_->server().folder().c_str(), &info) == 0 && info.f_bavail > 0) {
    const off_t more = static_cast<off_t>(info.f_bavail * info.f_frsize);
    if (posix_fallocate(fd, size_bytes, more) != 0) break;
    size_bytes += more;
  }
  close(fd);
  ExpectDiskFull();
  EXPECT_EQ(CountInInbox(before), 1);
  ASSERT_TRUE(fs::remove(ballast));
  const v1::SendRequest after = Message("after");
  EXPECT_TRUE(ResumesByItself(after));
  EXPECT_TRUE(HealthBecomes(kServing));
  EXPECT_EQ(CountInInbox(after), 1);
}

TEST_F(ServerFaultsTest, OversizedAndMalformedMessages_AreAnsweredAndHarmNothing) {
  Begin();
  v1::SendBatchRequest batch;
  for (int i = 0; i < 10; ++i) *batch.add_requests() = Message(std::string(230u << 10, 'x'));
  const auto stub = v1::RoomService::NewStub(rcm_->Channel(*hn_));
  grpc::ClientContext context;
  SetDeadline(context);
  v1::SendBatchResponse response;
  EXPECT_EQ(NameOf(stub->SendBatch(&context, batch, &response)), "BODY_TOO_LARGE");
  std::string answer;
  // Past what is read at all gRPC answers, without a reason.
  EXPECT_EQ(CallRaw("/enlace.v1.RoomService/Send", std::string(5u << 20, 'x'), answer).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  for (const std::string& nonsense : {std::string("\x0a\xff\xff\xff\xff\x0f"),
                                      std::string("nonsense"), std::string(1000, '\xff')}) {
    for (const char* method : {"/enlace.v1.RoomService/Send", "/enlace.v1.InboxService/Subscribe",
                               "/enlace.v1.RegistryService/Publish"}) {
      EXPECT_FALSE(CallRaw(method, nonsense, answer).ok()) << method;
    }
  }
  EXPECT_EQ(CallRaw("/enlace.v1.RoomService/NoSuchCall", "", answer).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(NameOf(Send(Message("still served"))), "OK");
}

uint64_t ResidentBytes(pid_t pid) {
  std::ifstream statm("/proc/" + std::to_string(pid) + "/statm");
  uint64_t total = 0;
  uint64_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

// Processor time of a process, in clock ticks.
uint64_t ProcessorTicks(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string field;
  // The name of the program, which is the second field, has no space.
  for (int i = 0; i < 13; ++i) stat >> field;
  uint64_t user = 0;
  uint64_t system = 0;
  stat >> user >> system;
  return user + system;
}

// Waits until the process has nothing left to do, at most half a minute.
void AwaitIdle(pid_t pid) {
  constexpr uint64_t kTicksOfIdleMax = 2;
  for (int i = 0; i < 60; ++i) {
    const uint64_t before = ProcessorTicks(pid);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    if (ProcessorTicks(pid) - before <= kTicksOfIdleMax) return;
  }
}

// A call that is reset at once dies inside gRPC, which lets the caller's place under the limit of
// streams go before it has freed the call: a flood costs what gRPC has not caught up with, and the
// memory is used again by the next one.
TEST_F(ServerFaultsTest, FloodsOfStreamResets_CostMemoryOnce_AndOthersAreServed) {
  Begin();
  constexpr int kResets = 5000;
  constexpr uint64_t kBytesPerReset = 32u << 10;
  constexpr uint64_t kLaterBytesMax = 64u << 20;
  const pid_t server = rcm_->server().pid();
  const auto stub = v1::InboxService::NewStub(rcm_->Channel(*mx_));
  const auto flood = [&] {
    for (int i = 0; i < kResets; ++i) {
      grpc::ClientContext context;
      const auto reader = stub->Subscribe(&context, {});
      context.TryCancel();
      static_cast<void>(reader->Finish());
      if (i % 1000 == 0) {
        EXPECT_EQ(NameOf(Send(Message("meanwhile"))), "OK");
      }
    }
    const uint64_t resident = ResidentBytes(server);
    AwaitIdle(server);
    return resident;
  };
  const uint64_t before = ResidentBytes(server);
  const uint64_t first = flood();
  EXPECT_LT(first, before + kResets * kBytesPerReset);
  const uint64_t second = flood();
  flood();
  EXPECT_LT(flood(), std::max(first, second) + kLaterBytesMax);
  EXPECT_EQ(NameOf(Send(Message("afterwards"))), "OK");
}

uint64_t FolderBytes(const fs::path& folder) {
  uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::error_code gone;
    const uint64_t size = entry.is_regular_file(gone) ? entry.file_size(gone) : 0;
    bytes += gone ? 0 : size;
  }
  return bytes;
}

TEST_F(ServerFaultsTest, WithdrawnContentAndItsBlob_FreeTheFoldersSpace) {
  Begin();
  constexpr size_t kBlobBytes = 8u << 20;
  constexpr size_t kChunk = 256u << 10;
  const std::string content = ToText(rcm_->world().rng().PublicBytes(kBlobBytes));
  v1::CreateBlobRequest create;
  create.set_request_id(rcm_->RequestId());
  create.set_room_id(ToText(room_.id));
  create.set_blob_id(std::string(16, '\7'));
  create.set_size_bytes(content.size());
  create.set_sha256(ToText(merkle::Sha256(AsBytes(content))));
  create.set_office_id("hn.consular");
  const auto blobs = v1::BlobService::NewStub(rcm_->Channel(*hn_));
  v1::CreateBlobResponse created;
  grpc::ClientContext first;
  SetDeadline(first);
  ASSERT_TRUE(blobs->CreateBlob(&first, create, &created).ok());
  for (size_t at = 0; at < content.size(); at += kChunk) {
    v1::PutChunkRequest put;
    put.set_blob_id(create.blob_id());
    put.set_offset(at);
    put.set_chunk(content.substr(at, kChunk));
    v1::PutChunkResponse answer;
    grpc::ClientContext context;
    SetDeadline(context);
    ASSERT_TRUE(blobs->PutChunk(&context, put, &answer).ok());
  }
  v1::SendRequest withdrawal = Message("withdrawal");
  for (int i = 0; i < 40; ++i) {
    v1::SendRequest request = Message(ToText(rcm_->world().rng().PublicBytes(100'000)));
    if (i == 0) request.mutable_envelope()->add_blob_ids(create.blob_id());
    v1::Acceptance acceptance;
    ASSERT_EQ(NameOf(Send(request, &acceptance)), "OK");
    withdrawal.mutable_envelope()->add_withdraws(acceptance.sequence());
  }
  const fs::path store = rcm_->server().folder() / "store";
  ASSERT_EQ(rcm_->server().Command({"compact"}).exit.code, 0);
  const uint64_t full_bytes = FolderBytes(store);
  EXPECT_GT(full_bytes, kBlobBytes + 40 * 100'000);
  ASSERT_EQ(NameOf(Send(withdrawal)), "OK");
  // The blob goes with the next second's collection; then the folder holds headers only.
  const auto end = std::chrono::steady_clock::now() + seconds(20);
  uint64_t now_bytes = full_bytes;
  while (now_bytes > full_bytes / 4 && std::chrono::steady_clock::now() < end) {
    ASSERT_EQ(rcm_->server().Command({"compact"}).exit.code, 0);
    now_bytes = FolderBytes(store);
  }
  EXPECT_LT(now_bytes, full_bytes / 4);
  RecordProperty("full_bytes", std::to_string(full_bytes));
  RecordProperty("left_bytes", std::to_string(now_bytes));
  ASSERT_EQ(rcm_->server().Stop(), 0);
  EXPECT_EQ(rcm_->server().Command({"verify"}).exit.code, 0);
}

}  // namespace
}  // namespace enlace::testing
