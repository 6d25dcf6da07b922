#include "client/registry/registry_replica.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"
#include "tests/unit/client/support/fake_rcm.h"
#include "tests/unit/client/support/temp_folder.h"

namespace enlace::client {
namespace {

using testing::FakeRcm;
using testing::TempFolder;

class ReplicaTest : public ::testing::Test {
 protected:
  ReplicaTest() : session_(testing::ConnectTo(rcm_)) { rcm_.LogOffice("hn.consular"); }

  std::string path() const { return folder_.File("registry.db"); }

  absl::StatusOr<std::unique_ptr<RegistryReplica>> TryOpen(bool read_only = false) {
    return RegistryReplica::Open({path(), rcm_.pin(), read_only});
  }
  std::unique_ptr<RegistryReplica> Open() {
    auto replica = TryOpen();
    EXPECT_TRUE(replica.ok()) << replica.status();
    return std::move(*replica);
  }
  absl::Status Refresh(RegistryReplica& replica) {
    return replica.Refresh(*session_, rcm_.now_ms, kCallTimeoutMs);
  }
  std::unique_ptr<RegistryReplica> OpenFresh() {
    auto replica = Open();
    EXPECT_TRUE(Refresh(*replica).ok());
    return replica;
  }
  void Tamper(const std::string& sql) {
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &raw), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(raw);
    sqlite3_close(raw);
  }

  TempFolder folder_;
  FakeRcm rcm_;
  std::unique_ptr<SessionInterface> session_;
};

TEST_F(ReplicaTest, Refresh_TakesTheLog_AndKeepsItForReadersAndLaterRuns) {
  auto replica = Open();
  EXPECT_TRUE(HasReason(replica->CheckMaySend(rcm_.now_ms), Reason::kCharterMissing));
  ASSERT_TRUE(Refresh(*replica).ok());
  EXPECT_EQ(replica->registry().size(), 2u);
  EXPECT_NE(replica->registry().FindOffice("hn.consular"), nullptr);
  EXPECT_TRUE(replica->CheckMaySend(rcm_.now_ms).ok());
  EXPECT_EQ(replica->refreshed_at_ms(), rcm_.now_ms);
  const auto reader = TryOpen(/*read_only=*/true);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->registry().head(), replica->registry().head());
  replica.reset();
  rcm_.LogOffice("hn.trafficking");
  replica = Open();
  EXPECT_EQ(replica->registry().size(), 2u);
  ASSERT_TRUE(Refresh(*replica).ok());
  EXPECT_EQ(replica->registry().size(), 3u);
  EXPECT_EQ(*replica->EntryAt(2), rcm_.entries[2]);
  EXPECT_TRUE(absl::IsNotFound(replica->EntryAt(3).status()));
}

TEST_F(ReplicaTest, MoreThanAPage_IsFetchedWhole) {
  for (uint32_t i = 0; i < kReplicaPageSize + 7; ++i) {
    rcm_.LogOffice("hn.office" + std::string(1, static_cast<char>('a' + i % 26)) +
                   std::to_string(i));
  }
  EXPECT_EQ(OpenFresh()->registry().size(), rcm_.entries.size());
}

TEST_F(ReplicaTest, ShorterLog_IsAServerBehind_AndNothingIsSent) {
  const auto replica = OpenFresh();
  rcm_.entries.pop_back();
  EXPECT_TRUE(HasReason(Refresh(*replica), Reason::kServerBehind));
  EXPECT_TRUE(HasReason(replica->CheckMaySend(rcm_.now_ms), Reason::kServerBehind));
  EXPECT_EQ(replica->registry().size(), 2u);
}

TEST_F(ReplicaTest, RewrittenPast_IsNoticed_AndNothingOfItIsKept) {
  auto replica = OpenFresh();
  const auto before = replica->registry().head();
  const Bytes office = rcm_.entries.back();
  rcm_.LogOffice("hn.other");
  rcm_.entries[1] = rcm_.entries[2];  // Another history of the same length, properly signed.
  rcm_.entries[2] = office;
  EXPECT_TRUE(HasReason(Refresh(*replica), Reason::kLogInconsistent));
  EXPECT_TRUE(HasReason(replica->CheckMaySend(rcm_.now_ms), Reason::kLogInconsistent));
  replica = Open();
  EXPECT_EQ(replica->registry().head(), before);
}

TEST_F(ReplicaTest, EntryThatNobodyAuthorised_IsNoticed_AlthoughTheServerSignedIt) {
  auto replica = OpenFresh();
  Bytes forged = rcm_.entries.back();
  forged.back() ^= 1;  // The CA's signature.
  rcm_.entries.push_back(forged);
  EXPECT_TRUE(HasReason(Refresh(*replica), Reason::kLogInconsistent));
  EXPECT_EQ(replica->registry().size(), 2u);
  EXPECT_EQ(Open()->registry().size(), 2u);
}

TEST_F(ReplicaTest, HeadOfAnotherKey_IsRefused) {
  const auto stranger = crypto::SigningKey::Generate(rcm_.rng);
  rcm_.spoil_head = [&](merkle::SignedHead& head) {
    head = merkle::SignHead(head.head, head.timestamp_ms, stranger);
  };
  const auto replica = Open();
  EXPECT_TRUE(HasReason(Refresh(*replica), Reason::kLogInconsistent));
  EXPECT_EQ(replica->registry().size(), 0u);
}

TEST_F(ReplicaTest, WithheldEntries_AreNoticed) {
  rcm_.entries_shown = 1;
  const auto replica = Open();
  EXPECT_TRUE(HasReason(Refresh(*replica), Reason::kLogInconsistent));
  EXPECT_EQ(Open()->registry().size(), 0u);
}

TEST_F(ReplicaTest, HeadOlderThanADay_ForbidsSending) {
  const auto replica = OpenFresh();
  const int64_t day_ms = identity::kDayMs;
  EXPECT_TRUE(replica->CheckMaySend(rcm_.now_ms + day_ms).ok());
  const absl::Status old = replica->CheckMaySend(rcm_.now_ms + day_ms + 1);
  ASSERT_TRUE(HasReason(old, Reason::kHeadTooOld));
  EXPECT_EQ(InfoOf(old).metadata["hours"], "24");
  rcm_.now_ms += 2 * day_ms;
  ASSERT_TRUE(Refresh(*replica).ok());
  EXPECT_TRUE(replica->CheckMaySend(rcm_.now_ms).ok());
}

TEST_F(ReplicaTest, ExpiredCharter_ForbidsSending_UntilANewOneIsLogged) {
  const auto replica = OpenFresh();
  rcm_.now_ms += 366 * identity::kDayMs;
  ASSERT_TRUE(Refresh(*replica).ok());
  EXPECT_TRUE(HasReason(replica->CheckMaySend(rcm_.now_ms), Reason::kCharterExpired));
  rcm_.LogCharter([&](identity::Charter& charter) {
    charter.expires_at_ms = rcm_.now_ms + 300 * identity::kDayMs;
  });
  ASSERT_TRUE(Refresh(*replica).ok());
  EXPECT_TRUE(replica->CheckMaySend(rcm_.now_ms).ok());
}

TEST_F(ReplicaTest, CharterBelowThePin_IsRefused) {
  const auto replica = RegistryReplica::Open({path(), {rcm_.pin().root, 2}, false});
  ASSERT_TRUE(replica.ok());
  EXPECT_TRUE(HasReason(Refresh(**replica), Reason::kLogInconsistent));
}

TEST_F(ReplicaTest, PeerHeads_AreOursAheadOrContradictory) {
  const auto replica = OpenFresh();
  EXPECT_TRUE(replica->CheckPeerHead(replica->registry().head()).ok());
  merkle::HeadRef ahead = replica->registry().head();
  ++ahead.size;
  EXPECT_TRUE(HasReason(replica->CheckPeerHead(ahead), Reason::kRegistryBehind));
  merkle::HeadRef other = replica->registry().head();
  other.root[0] ^= 1;
  EXPECT_TRUE(HasReason(replica->CheckPeerHead(other), Reason::kLogInconsistent));
  replica->MarkServerBehind();
  EXPECT_TRUE(HasReason(replica->CheckMaySend(rcm_.now_ms), Reason::kServerBehind));
}

TEST_F(ReplicaTest, ChangedFile_IsNotBelieved) {
  OpenFresh().reset();
  Tamper("DELETE FROM entries WHERE idx=1");
  EXPECT_TRUE(HasReason(TryOpen().status(), Reason::kLogInconsistent));
  Tamper("UPDATE state SET version=2");
  EXPECT_TRUE(HasReason(TryOpen().status(), Reason::kProgramTooOld));
}

TEST_F(ReplicaTest, FileOfAnotherConference_IsRefused_AndAReaderMakesNone) {
  EXPECT_TRUE(HasReason(TryOpen(/*read_only=*/true).status(), Reason::kNotEnrolled));
  OpenFresh().reset();
  identity::CharterPin other = rcm_.pin();
  other.root[0] ^= 1;
  EXPECT_TRUE(
      HasReason(RegistryReplica::Open({path(), other, false}).status(), Reason::kLogInconsistent));
}

}  // namespace
}  // namespace enlace::client
