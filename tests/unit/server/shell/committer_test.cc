// The order of events around a commit: nobody hears of anything before it is durable.
#include "server/committer/committer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "proto/errors/reasons.h"
#include "server/committer/limits.h"

namespace enlace::server {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

// An engine of which only the commit is used; its outcome and moment are the test's.
class GateEngine : public storage::Engine {
 public:
  std::vector<absl::Status> CommitGroup(std::span<const storage::CommitItem> items,
                                        storage::Durability durability) override {
    std::unique_lock lock(mutex_);
    ++commits_;
    synced_ &= durability == storage::Durability::kSynced;
    entered_.notify_all();
    open_.wait(lock, [this] { return open_gate_; });
    if (full_ && !items[0].writes->allowed_on_full_disk())
      return {items.size(), absl::ResourceExhaustedError("no space")};
    return std::vector<absl::Status>(items.size(), outcome_);
  }
  absl::StatusOr<std::optional<Bytes>> Get(BytesView) const override { return Unused(); }
  absl::StatusOr<storage::Page> Scan(const storage::KeyRange&,
                                     const storage::ScanOptions&) const override {
    return Unused();
  }
  absl::StatusOr<std::unique_ptr<storage::Snapshot>> NewSnapshot() const override {
    return Unused();
  }
  absl::StatusOr<storage::EngineHealth> Health() const override { return Unused(); }
  absl::StatusOr<storage::CompactionReport> Compact(const storage::KeyRange&) override {
    return Unused();
  }
  absl::Status Checkpoint(const std::filesystem::path&) override { return Unused(); }
  absl::Status Close() override { return absl::OkStatus(); }

  void WaitForCommit(int count) {
    std::unique_lock lock(mutex_);
    entered_.wait(lock, [this, count] { return commits_ >= count; });
  }
  void CloseGate() { SetGate(false); }
  void OpenGate() { SetGate(true); }
  void SetOutcome(absl::Status outcome) {
    const std::lock_guard lock(mutex_);
    outcome_ = std::move(outcome);
  }
  // Puts are refused unless the batch gives back more than it takes.
  void SetFull(bool full) {
    const std::lock_guard lock(mutex_);
    full_ = full;
  }
  int commits() {
    const std::lock_guard lock(mutex_);
    return commits_;
  }
  bool synced() {
    const std::lock_guard lock(mutex_);
    return synced_;
  }

 private:
  static absl::Status Unused() { return absl::UnimplementedError("not part of this test"); }
  void SetGate(bool open) {
    const std::lock_guard lock(mutex_);
    open_gate_ = open;
    open_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable entered_;
  std::condition_variable open_;
  bool open_gate_ = true;
  bool synced_ = true;
  bool full_ = false;
  int commits_ = 0;
  absl::Status outcome_;
};

// A core that writes one key an operation and remembers how its groups ended.
class FakeState : public GroupState {
 public:
  bool has_writes() const override { return !batch_.empty(); }
  storage::WriteBatch TakeBatch() override { return std::exchange(batch_, {}); }
  GroupEffects Committed() override {
    ends_.push_back("committed");
    GroupEffects effects;
    effects.registry_grew = true;
    effects.fan_out_waits = std::exchange(fan_out_, false);
    return effects;
  }
  void Abandon() override { ends_.push_back("abandoned"); }
  absl::StatusOr<bool> ContinueFanOut(int64_t) override { return --slices_ > 0; }

  void Write() { batch_.Put(AsBytes("key"), AsBytes("value")); }
  void StartFanOut(int slices) {
    fan_out_ = true;
    slices_ = slices;
  }
  int slices_left() const { return slices_; }
  const std::vector<std::string>& ends() const { return ends_; }

 private:
  storage::WriteBatch batch_;
  std::vector<std::string> ends_;
  bool fan_out_ = false;
  int slices_ = 0;
};

class FakeOperation : public Operation {
 public:
  FakeOperation(std::function<absl::Status()> decide, std::function<void(absl::Status)> settle,
                size_t bytes = 0, bool reclaims = false)
      : decide_(std::move(decide)),
        settle_(std::move(settle)),
        bytes_(bytes),
        reclaims_(reclaims) {}
  absl::Status Decide() override { return decide_(); }
  void Settle(const absl::Status& outcome) override { settle_(outcome); }
  size_t size_bytes() const override { return bytes_; }
  bool reclaims() const override { return reclaims_; }

 private:
  std::function<absl::Status()> decide_;
  std::function<void(absl::Status)> settle_;
  size_t bytes_;
  bool reclaims_;
};

class CommitterTest : public ::testing::Test {
 protected:
  explicit CommitterTest(std::chrono::microseconds gather_max = kGatherMax)
      : committer_({.engine = &engine_,
                    .state = &state_,
                    .now_ms = [] { return int64_t{0}; },
                    .publish = [this](const GroupEffects&) { ++published_; },
                    .observe = [](const GroupFigures&) {},
                    .gather_max = gather_max}) {}
  ~CommitterTest() override { engine_.OpenGate(); }

  // Submits an operation that writes and gives its outcome.
  std::future<absl::Status> SubmitWrite(absl::Status decision = {}, size_t bytes = 0,
                                        bool reclaims = false) {
    auto promise = std::make_shared<std::promise<absl::Status>>();
    auto outcome = promise->get_future();
    committer_.Submit(std::make_unique<FakeOperation>(
        [this, decision] {
          if (decision.ok()) state_.Write();
          return decision;
        },
        [promise](absl::Status status) { promise->set_value(std::move(status)); }, bytes,
        reclaims));
    return outcome;
  }

  GateEngine engine_;
  FakeState state_;
  std::atomic<int> published_{0};
  Committer committer_;
};

TEST_F(CommitterTest, Answer_WaitsForTheSyncedCommit) {
  engine_.CloseGate();
  committer_.Start();
  auto outcome = SubmitWrite();
  engine_.WaitForCommit(1);
  EXPECT_EQ(outcome.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  EXPECT_EQ(published_, 0);
  engine_.OpenGate();
  EXPECT_TRUE(outcome.get().ok());
  EXPECT_TRUE(engine_.synced());
}

TEST_F(CommitterTest, OperationsThatWaitTogether_ShareOneCommit) {
  std::vector<std::future<absl::Status>> outcomes;
  for (int i = 0; i < 100; ++i) outcomes.push_back(SubmitWrite());
  committer_.Start();
  for (auto& outcome : outcomes) EXPECT_TRUE(outcome.get().ok());
  EXPECT_EQ(engine_.commits(), 1);
}

TEST_F(CommitterTest, RefusedOperation_GetsItsOwnErrorWhileTheOthersSucceed) {
  auto good = SubmitWrite();
  auto bad = SubmitWrite(MakeError(Reason::kRoomUnknown));
  committer_.Start();
  EXPECT_TRUE(good.get().ok());
  EXPECT_TRUE(HasReason(bad.get(), Reason::kRoomUnknown));
}

TEST_F(CommitterTest, FailedCommit_GivesTheStorageErrorToAllThatWereAccepted) {
  engine_.SetOutcome(absl::ResourceExhaustedError("no space"));
  auto accepted = SubmitWrite();
  auto refused = SubmitWrite(MakeError(Reason::kRoomUnknown));
  committer_.Start();
  const absl::Status outcome = accepted.get();
  EXPECT_TRUE(HasReason(outcome, Reason::kDiskFull));
  EXPECT_TRUE(InfoOf(outcome).retry_after_ms.has_value());
  EXPECT_TRUE(HasReason(refused.get(), Reason::kRoomUnknown));
  committer_.Stop();
  EXPECT_THAT(state_.ends(), ElementsAre("abandoned"));
  EXPECT_EQ(published_, 0);
}

TEST_F(CommitterTest, OnAFullDisk_WhatReclaimsSpaceIsCommittedApart_AndAllResumes) {
  engine_.SetFull(true);
  auto first = SubmitWrite();
  auto reclaim = SubmitWrite({}, 0, /*reclaims=*/true);
  committer_.Start();
  // Nobody knew yet that the disk is full: they shared a group.
  EXPECT_TRUE(HasReason(first.get(), Reason::kDiskFull));
  EXPECT_TRUE(HasReason(reclaim.get(), Reason::kDiskFull));
  engine_.CloseGate();
  auto blocker = SubmitWrite();
  engine_.WaitForCommit(2);
  auto before = SubmitWrite();
  auto again = SubmitWrite({}, 0, /*reclaims=*/true);
  auto after = SubmitWrite();
  engine_.OpenGate();
  EXPECT_TRUE(HasReason(blocker.get(), Reason::kDiskFull));
  EXPECT_TRUE(HasReason(before.get(), Reason::kDiskFull));
  EXPECT_TRUE(again.get().ok());
  EXPECT_TRUE(HasReason(after.get(), Reason::kDiskFull));
  engine_.SetFull(false);
  EXPECT_TRUE(SubmitWrite().get().ok());
}

TEST_F(CommitterTest, GroupWithoutWrites_IsNotSyncedButEnds) {
  auto refused = SubmitWrite(MakeError(Reason::kRoomUnknown));
  committer_.Start();
  EXPECT_FALSE(refused.get().ok());
  committer_.Stop();
  EXPECT_EQ(engine_.commits(), 0);
  EXPECT_THAT(state_.ends(), ElementsAre("committed"));
}

TEST_F(CommitterTest, OperationsOfOneThread_DecideAndSettleInOrder) {
  std::vector<int> decided;
  std::vector<int> settled;
  std::vector<int> expected;
  for (int i = 0; i < 2000; ++i) {
    expected.push_back(i);
    committer_.Submit(std::make_unique<FakeOperation>(
        [&decided, i] {
          decided.push_back(i);
          return absl::OkStatus();
        },
        [&settled, i](const absl::Status&) { settled.push_back(i); }));
  }
  committer_.Start();
  committer_.Stop();
  EXPECT_THAT(decided, ElementsAreArray(expected));
  EXPECT_THAT(settled, ElementsAreArray(expected));
}

TEST_F(CommitterTest, FullQueue_RefusesAtOnceWithADelay) {
  std::vector<std::future<absl::Status>> waiting;
  for (size_t i = 0; i < kQueuedOperationsMax; ++i) waiting.push_back(SubmitWrite());
  const absl::Status refused = SubmitWrite().get();
  EXPECT_TRUE(HasReason(refused, Reason::kLimitExceeded));
  EXPECT_TRUE(InfoOf(refused).retry_after_ms.has_value());
  committer_.Start();
  EXPECT_TRUE(waiting.back().get().ok());
}

TEST_F(CommitterTest, QueuedBytes_AreBounded) {
  auto waiting = SubmitWrite({}, kQueuedBytesMax);
  EXPECT_TRUE(HasReason(SubmitWrite({}, 1).get(), Reason::kLimitExceeded));
  committer_.Start();
  EXPECT_TRUE(waiting.get().ok());
  EXPECT_TRUE(SubmitWrite({}, 1).get().ok());
}

TEST_F(CommitterTest, Stop_CommitsWhatWaitsAndRefusesWhatComesLater) {
  auto waiting = SubmitWrite();
  committer_.Start();
  committer_.Stop();
  EXPECT_TRUE(waiting.get().ok());
  EXPECT_TRUE(HasReason(SubmitWrite().get(), Reason::kServerStopping));
}

TEST_F(CommitterTest, FanOut_GoesOnWithoutFurtherOperations) {
  state_.StartFanOut(5);
  auto outcome = SubmitWrite();
  committer_.Start();
  EXPECT_TRUE(outcome.get().ok());
  while (published_ < 6) std::this_thread::yield();
  committer_.Stop();
  EXPECT_EQ(state_.slices_left(), 0);
}

TEST_F(CommitterTest, WhileAnswersAreGiven_TheNextGroupIsCommitted) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::atomic<bool> slow_answered{false};
  engine_.CloseGate();
  committer_.Submit(std::make_unique<FakeOperation>(
      [this] {
        state_.Write();
        return absl::OkStatus();
      },
      [released, &slow_answered](const absl::Status&) {
        released.wait();
        slow_answered = true;
      }));
  committer_.Start();
  engine_.WaitForCommit(1);
  auto next = SubmitWrite();
  engine_.OpenGate();
  // The first group's answer hangs; the second is committed meanwhile and answered after it.
  engine_.WaitForCommit(2);
  EXPECT_FALSE(slow_answered);
  EXPECT_EQ(next.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  EXPECT_EQ(published_, 0);
  release.set_value();
  EXPECT_TRUE(next.get().ok());
  EXPECT_TRUE(slow_answered);
}

// Gathers for so long that only a full group or the end can be what ends it.
class GatheringCommitterTest : public CommitterTest {
 protected:
  GatheringCommitterTest() : CommitterTest(std::chrono::hours(1)) {}

  // Lets a group of so many operations be committed, with its answers given.
  void CommitTogether(size_t count) {
    std::vector<std::future<absl::Status>> outcomes;
    for (size_t i = 0; i < count; ++i) outcomes.push_back(SubmitWrite());
    committer_.Start();
    for (auto& outcome : outcomes) EXPECT_TRUE(outcome.get().ok());
  }
};

TEST_F(GatheringCommitterTest, AfterAGroupOfSeveral_AsManyShareTheNextCommit) {
  CommitTogether(kGatherGroupMin);
  std::vector<std::future<absl::Status>> outcomes;
  for (size_t i = 0; i < kGatherGroupMin; ++i) {
    EXPECT_EQ(engine_.commits(), 1);
    outcomes.push_back(SubmitWrite());
  }
  for (auto& outcome : outcomes) EXPECT_TRUE(outcome.get().ok());
  EXPECT_EQ(engine_.commits(), 2);
}

TEST_F(GatheringCommitterTest, AfterAGroupOfFew_NobodyWaits) {
  CommitTogether(kGatherGroupMin - 1);
  EXPECT_TRUE(SubmitWrite().get().ok());
}

TEST_F(GatheringCommitterTest, Stop_CommitsWhatWasGathered) {
  CommitTogether(kGatherGroupMin);
  auto gathered = SubmitWrite();
  committer_.Stop();
  EXPECT_TRUE(gathered.get().ok());
}

TEST_F(CommitterTest, ManyThreads_AreEachAnsweredOnce) {
  constexpr int kThreads = 8;
  constexpr int kEach = 500;
  committer_.Start();
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, &answered] {
      for (int i = 0; i < kEach; ++i) {
        if (SubmitWrite().get().ok()) ++answered;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, kThreads * kEach);
  EXPECT_LE(engine_.commits(), kThreads * kEach);
}

TEST(StorageErrorTest, EngineCodes_BecomeReasons) {
  EXPECT_TRUE(HasReason(StorageError(absl::DataLossError("x")), Reason::kStorageDamaged));
  EXPECT_TRUE(HasReason(StorageError(absl::UnavailableError("x")), Reason::kStorageUnavailable));
  EXPECT_TRUE(HasReason(StorageError(absl::InternalError("x")), Reason::kInternal));
  EXPECT_TRUE(StorageError(absl::OkStatus()).ok());
  const absl::Status kept = MakeError(Reason::kEpochStale, {{"epoch", "3"}});
  EXPECT_EQ(StorageError(kept), kept);
}

}  // namespace
}  // namespace enlace::server
