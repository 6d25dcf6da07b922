// Entries made ready before their turn: what is stored and sent is what Protobuf would have
// encoded.
#include "server/core/entry_draft.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/room/log_chain.h"
#include "enlace/v1/inbox.pb.h"
#include "server/core/prepared_request.h"

namespace enlace::testing {
namespace {

using server::EntryDraft;

const Bytes kHeader(room::kLogHeaderBytes, 0x5a);

v1::SendRequest FullRequest(size_t message_bytes) {
  v1::SendRequest request;
  request.set_request_id("id of the request");
  request.set_room_id("0123456789abcdef");
  v1::Envelope& envelope = *request.mutable_envelope();
  envelope.set_message(std::string(message_bytes, 'm'));
  envelope.set_epoch(300);
  envelope.set_sender_office_id("hn.consular");
  envelope.set_urgency(v1::URGENCY_URGENT);
  envelope.set_ack_due_after_ms(3600'000);
  envelope.add_ack_office_ids("mx.border");
  envelope.mutable_settles()->set_sequence(7);
  envelope.mutable_settles()->set_office_id("hn.consular");
  envelope.add_blob_ids("fedcba9876543210");
  envelope.set_delete_after_ms(1'800'000'000'000);
  envelope.add_withdraws(5);
  return request;
}

// The item that the draft becomes, as Protobuf encodes it.
v1::InboxItem Expected(const std::string& room_id, const v1::Envelope* envelope,
                       const std::string& content) {
  v1::InboxItem item;
  item.mutable_entry()->set_room_id(room_id);
  item.mutable_entry()->set_header(ToText(kHeader));
  item.mutable_entry()->set_message(content);
  if (envelope != nullptr) {
    *item.mutable_entry()->mutable_envelope() = *envelope;
    item.mutable_entry()->mutable_envelope()->clear_message();
  }
  return item;
}

void ExpectSame(EntryDraft draft, const v1::InboxItem& expected) {
  const server::WireEntry wire = std::move(draft).Complete(kHeader);
  EXPECT_EQ(*wire.item, expected.SerializeAsString());
  EXPECT_EQ(AsText(wire.entry), expected.entry().SerializeAsString());
}

TEST(EntryDraft, Message_IsWhatProtobufEncodes_OfEverySize) {
  for (const size_t bytes : {0u, 1u, 100u, 127u, 128u, 1100u, 16'384u, 262'144u}) {
    SCOPED_TRACE(bytes);
    const v1::SendRequest request = FullRequest(bytes);
    ExpectSame(EntryDraft::OfMessage(request.room_id(), request.envelope()),
               Expected(request.room_id(), &request.envelope(), request.envelope().message()));
  }
}

TEST(EntryDraft, EnvelopeWithNothingButItsContent_StaysAnEnvelope) {
  v1::Envelope envelope;
  envelope.set_message("content");
  ExpectSame(EntryDraft::OfMessage("0123456789abcdef", envelope),
             Expected("0123456789abcdef", &envelope, "content"));
}

TEST(EntryDraft, Commit_HasNoEnvelope) {
  for (const std::string& content : {std::string(), std::string(900, 'c')}) {
    ExpectSame(EntryDraft::OfContent("0123456789abcdef", content),
               Expected("0123456789abcdef", nullptr, content));
  }
}

TEST(EntryDraftDeathTest, HeaderOfAnotherLength_EndsTheProcess) {
  EXPECT_DEATH(EntryDraft::OfContent("0123456789abcdef", "c").Complete(Bytes(3)), "");
}

TEST(PreparedSend, ItsHash_CoversEverythingButTheIdItIsKeptUnder) {
  const v1::SendRequest request = FullRequest(40);
  const auto hash = [](const v1::SendRequest& of) { return server::PrepareSend(of).request; };
  v1::SendRequest other = request;
  other.set_request_id("another id");
  EXPECT_EQ(hash(other), hash(request));
  const std::vector<std::function<void(v1::SendRequest&)>> changes = {
      [](v1::SendRequest& r) { r.mutable_room_id()->back() = 'x'; },
      [](v1::SendRequest& r) { r.mutable_envelope()->mutable_message()->back() = 'x'; },
      [](v1::SendRequest& r) { r.mutable_envelope()->set_epoch(301); },
      [](v1::SendRequest& r) { r.mutable_envelope()->set_sender_office_id("hn.other"); },
      [](v1::SendRequest& r) { r.mutable_envelope()->set_urgency(v1::URGENCY_ROUTINE); },
      [](v1::SendRequest& r) { r.mutable_envelope()->set_ack_due_after_ms(1); },
      [](v1::SendRequest& r) { r.mutable_envelope()->add_ack_office_ids("mx.other"); },
      [](v1::SendRequest& r) { r.mutable_envelope()->mutable_settles()->set_sequence(8); },
      [](v1::SendRequest& r) { r.mutable_envelope()->add_blob_ids("0123456789abcdef"); },
      [](v1::SendRequest& r) { r.mutable_envelope()->set_delete_after_ms(1); },
      [](v1::SendRequest& r) { r.mutable_envelope()->clear_withdraws(); },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    SCOPED_TRACE(i);
    v1::SendRequest changed = request;
    changes[i](changed);
    EXPECT_NE(hash(changed), hash(request));
  }
  // A field that comes to be must be covered too.
  EXPECT_EQ(v1::SendRequest::descriptor()->field_count(), 3);
}

}  // namespace
}  // namespace enlace::testing
