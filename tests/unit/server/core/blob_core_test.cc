// Blobs: resumable, checked, of one room, within a quota, and gone when nobody needs them.
#include "crypto/merkle/hash.h"
#include "server/core/limits.h"
#include "tests/unit/server/core/room_fixture.h"

namespace enlace::testing {
namespace {

constexpr size_t kSizeBytes = 600u << 10;

class BlobCoreTest : public RoomFixture {
 protected:
  void SetUp() override {
    options_.office_quota_bytes = 2 * kSizeBytes;
    Restart();
    RoomFixture::SetUp();
    FoundRoom();
    content_.resize(kSizeBytes);
    for (size_t i = 0; i < content_.size(); ++i) content_[i] = static_cast<char>(i * 31 >> 3);
  }
  v1::CreateBlobRequest Announcement(const std::string& id) {
    v1::CreateBlobRequest request;
    request.set_request_id(RequestId());
    request.set_room_id(room_id_);
    request.set_blob_id(id);
    request.set_size_bytes(content_.size());
    request.set_sha256(ToText(merkle::Sha256(AsBytes(content_))));
    request.set_office_id("hn.consular");
    return request;
  }
  absl::StatusOr<v1::CreateBlobResponse> Create(const std::string& id) {
    return Do<v1::CreateBlobResponse>(hn_->device(), Announcement(id));
  }
  absl::StatusOr<v1::PutChunkResponse> Put(const std::string& id, uint64_t offset, size_t bytes) {
    v1::PutChunkRequest request;
    request.set_blob_id(id);
    request.set_offset(offset);
    request.set_chunk(content_.substr(offset, bytes));
    return Do<v1::PutChunkResponse>(hn_->device(), request);
  }
  void Upload(const std::string& id) {
    ASSERT_EQ(ReasonOf(Create(id).status()), "OK");
    for (uint64_t at = 0; at < content_.size(); at += server::kBlobChunkBytes)
      ASSERT_EQ(ReasonOf(Put(id, at, server::kBlobChunkBytes).status()), "OK");
  }
  // What a device reads from an offset on; the reason when it may not.
  std::string Read(const RoomDevice& device, const std::string& id, uint64_t offset = 0) {
    std::string all;
    v1::GetBlobRequest request;
    request.set_blob_id(id);
    while (true) {
      request.set_offset(offset + all.size());
      const auto part = core_->reader().ReadBlob(CallerOf(device.device()), request);
      if (!part.ok()) return ReasonOf(part.status());
      if (part->empty()) return all;
      all += ToText(*part);
    }
  }
  v1::SendRequest MessageWith(const std::string& blob) {
    v1::SendRequest request = Message(*hn_, "hn.consular");
    request.mutable_envelope()->add_blob_ids(blob);
    return request;
  }

  std::string content_;
};

TEST_F(BlobCoreTest, Upload_ResumesWhereItStopped_AndMembersReadItFromAnyOffset) {
  const std::string id = RandomId();
  ASSERT_TRUE(Create(id).ok());
  ASSERT_TRUE(Put(id, 0, server::kBlobChunkBytes).ok());
  Restart();
  EXPECT_EQ(Read(*hn_, id), "BLOB_UNKNOWN");
  const auto again = Create(id);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->received_bytes(), server::kBlobChunkBytes);
  EXPECT_FALSE(again->complete());
  // A chunk whose answer was lost is repeated without harm; a gap is refused.
  EXPECT_EQ(Put(id, 0, server::kBlobChunkBytes)->received_bytes(), server::kBlobChunkBytes);
  EXPECT_EQ(ReasonOf(Put(id, 2 * server::kBlobChunkBytes, 10).status()), "MALFORMED_REQUEST");
  ASSERT_TRUE(Put(id, server::kBlobChunkBytes, server::kBlobChunkBytes).ok());
  const auto last = Put(id, 2 * server::kBlobChunkBytes, server::kBlobChunkBytes);
  ASSERT_TRUE(last.ok());
  EXPECT_TRUE(last->complete());
  EXPECT_EQ(Read(*mx_, id), content_);
  EXPECT_EQ(Read(*mx_, id, 300'000), content_.substr(300'000));
  const RoomDevice stranger(world_, NewDevice("ofc-mx-002", "mx.child"));
  EXPECT_EQ(Read(stranger, id), "BLOB_UNKNOWN");
  ExpectStoreIsWhole();
}

TEST_F(BlobCoreTest, OtherBytesThanAnnounced_AreRefused_AndTheUploadCanBeMended) {
  const std::string id = RandomId();
  ASSERT_TRUE(Create(id).ok());
  const std::string right = content_;
  content_[content_.size() - 1] = static_cast<char>(content_.back() ^ 1);
  ASSERT_TRUE(Put(id, 0, server::kBlobChunkBytes).ok());
  ASSERT_TRUE(Put(id, server::kBlobChunkBytes, server::kBlobChunkBytes).ok());
  const uint64_t third = 2 * server::kBlobChunkBytes;
  EXPECT_EQ(ReasonOf(Put(id, third, server::kBlobChunkBytes).status()), "BLOB_MISMATCH");
  content_ = right;
  EXPECT_TRUE(Put(id, third, server::kBlobChunkBytes)->complete());
  content_ += "more";
  EXPECT_EQ(ReasonOf(Put(id, kSizeBytes, 4).status()), "BLOB_MISMATCH");
}

TEST_F(BlobCoreTest, Quota_IsPerOffice_AndComesBackWhenUnreferencedBlobsAreCollected) {
  const std::string first = RandomId();
  Upload(first);
  Upload(RandomId());
  EXPECT_EQ(ReasonOf(Create(RandomId()).status()), "QUOTA_EXCEEDED");
  world_.Advance(server::kBlobUnreferencedMs + 1);
  TickUntilDone();
  EXPECT_EQ(Read(*hn_, first), "BLOB_UNKNOWN");
  EXPECT_EQ(ReasonOf(Create(RandomId()).status()), "OK");
  ExpectStoreIsWhole();
}

TEST_F(BlobCoreTest, NamedBlob_StaysUntilItsMessageIsWithdrawn) {
  const std::string id = RandomId();
  Upload(id);
  const v1::Acceptance named = Send(*hn_, MessageWith(id));
  world_.Advance(server::kBlobUnreferencedMs + 1);
  TickUntilDone();
  EXPECT_EQ(Read(*mx_, id), content_);
  v1::SendRequest withdrawal = Message(*hn_, "hn.consular");
  withdrawal.mutable_envelope()->add_withdraws(named.sequence());
  Send(*hn_, withdrawal);
  TickUntilDone();
  EXPECT_EQ(Read(*mx_, id), "BLOB_UNKNOWN");
  ExpectStoreIsWhole();
}

TEST_F(BlobCoreTest, BlobOfAnotherRoomOrNobody_CannotBeNamed) {
  EXPECT_EQ(ReasonOf(Do<v1::SendResponse>(hn_->device(), MessageWith(RandomId())).status()),
            "BLOB_UNKNOWN");
  v1::CreateBlobRequest elsewhere = Announcement(RandomId());
  elsewhere.set_room_id(RandomId());
  ASSERT_TRUE(Do<v1::CreateBlobResponse>(hn_->device(), elsewhere).ok());
  EXPECT_EQ(
      ReasonOf(Do<v1::SendResponse>(hn_->device(), MessageWith(elsewhere.blob_id())).status()),
      "BLOB_UNKNOWN");
  v1::CreateBlobRequest of_others = Announcement(RandomId());
  of_others.set_office_id("mx.consular");
  EXPECT_EQ(ReasonOf(Do<v1::CreateBlobResponse>(hn_->device(), of_others).status()),
            "NOT_YOUR_OFFICE");
  v1::CreateBlobRequest huge = Announcement(RandomId());
  huge.set_size_bytes(server::kBlobBytesMax + 1);
  EXPECT_EQ(ReasonOf(Do<v1::CreateBlobResponse>(hn_->device(), huge).status()), "BODY_TOO_LARGE");
}

}  // namespace
}  // namespace enlace::testing
