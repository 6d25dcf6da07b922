#include "tests/unit/server/core/room_fixture.h"

#include "server/core/verify.h"

namespace enlace::testing {

void RoomFixture::SetUp() {
  Bootstrap({"hn", "mx"});
  hn_ = std::make_unique<RoomDevice>(world_, NewDevice("ofc-hn-001", "hn.consular"));
  mx_ = std::make_unique<RoomDevice>(world_, NewDevice("ofc-mx-001", "mx.consular"));
  room_id_ = RequestId();
}

room::RoomPolicy RoomFixture::Policy() {
  room::RoomPolicy policy;
  policy.networks = {"consular"};
  policy.origin_office = "hn.consular";
  policy.participants = {{"mx.consular", room::OfficeRole::kAction}};
  return policy;
}

void RoomFixture::FoundRoom() {
  v1::CreateRoomRequest request = hn_->Found(room_id_, Policy(), {mx_->MakeKeyPackage()});
  request.set_request_id(RequestId());
  const auto created = Do<v1::CreateRoomResponse>(hn_->device(), request);
  ASSERT_EQ(ReasonOf(created.status()), "OK") << created.status();
  hn_->Process(request.bundle().commit());
  const auto items = Inbox(*mx_);
  ASSERT_EQ(items.size(), 1u);
  ASSERT_TRUE(items[0].has_welcome());
  mx_->Join(items[0].welcome().welcome(), Tree(mx_->device(), 1));
}

std::vector<v1::InboxItem> RoomFixture::Inbox(const RoomDevice& device, uint64_t cursor) {
  const auto page = core_->reader().ReadInbox(device.uri(), cursor);
  EXPECT_TRUE(page.ok()) << page.status();
  return page.ok() ? page->items : std::vector<v1::InboxItem>();
}

Bytes RoomFixture::Tree(const WorldDevice& device, uint64_t epoch) {
  v1::GetTreeRequest request;
  request.set_room_id(room_id_);
  request.set_epoch(epoch);
  const auto answer = core_->reader().GetTree(CallerOf(device), request, now_ms());
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.ok() ? ToBytes(AsBytes(answer->chunk())) : Bytes();
}

v1::SendRequest RoomFixture::Message(RoomDevice& device, const std::string& office,
                                     const std::string& text) {
  v1::SendRequest request;
  request.set_request_id(RequestId());
  request.set_room_id(room_id_);
  *request.mutable_envelope() = device.MakeEnvelope(text, office);
  return request;
}

v1::Acceptance RoomFixture::Send(const RoomDevice& device, const v1::SendRequest& request) {
  const auto sent = Do<v1::SendResponse>(device.device(), request);
  EXPECT_EQ(ReasonOf(sent.status()), "OK") << sent.status();
  return sent.ok() ? sent->acceptance() : v1::Acceptance();
}

v1::CommitRequest RoomFixture::CommitOf(const v1::CommitBundle& bundle) {
  v1::CommitRequest request;
  request.set_request_id(RequestId());
  request.set_room_id(room_id_);
  *request.mutable_bundle() = bundle;
  return request;
}

void RoomFixture::ExpectStoreIsWhole() {
  const auto report = server::VerifyStore(*engine_, world_.charter().root);
  ASSERT_TRUE(report.ok()) << report.status();
  for (const server::Finding& finding : report->findings)
    ADD_FAILURE() << finding.where << ": " << finding.what;
}

}  // namespace enlace::testing
