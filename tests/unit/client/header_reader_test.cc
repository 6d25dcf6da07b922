// Headers on an inbox stream: what the server shortens the device puts together, byte for byte.
#include "client/session/header_reader.h"

#include <gtest/gtest.h>

#include <vector>

#include "proto/errors/reasons.h"
#include "server/services/header_shortener.h"

namespace enlace::client {
namespace {

// Entries of two rooms in turn and then of one, as a server's log has them; the last but one lost
// its content.
std::vector<v1::RoomEntry> Log() {
  std::vector<v1::RoomEntry> log;
  merkle::Hash server_head = merkle::Sha256(AsBytes("before"));
  std::vector<merkle::Hash> room_heads(2);
  for (const size_t room : {0, 1, 0, 1, 1, 1, 1}) {
    v1::RoomEntry& entry = log.emplace_back();
    const std::string message = "message " + std::to_string(log.size());
    room::LogHeader header;
    header.room_id = Bytes(room::kRoomIdBytes, static_cast<uint8_t>(room + 1));
    header.sequence = log.size();
    header.server_sequence = 40 + log.size();
    header.kind = room::LogKind::kMessage;
    header.sender = room::SenderHash(room == 0 ? "one" : "other");
    header.content_hash = merkle::Sha256(AsBytes(message));
    header.accepted_at_ms = 1000 + static_cast<int64_t>(log.size());
    header.previous_room_head = room_heads[room];
    header.previous_server_head = server_head;
    server_head = room_heads[room] = room::LogHeaderHash(header);
    entry.set_room_id(ToText(header.room_id));
    entry.set_header(ToText(room::EncodeLogHeader(header)));
    if (log.size() != 6) entry.set_message(message);
  }
  return log;
}

v1::SubscribeResponse Shortened(const std::vector<v1::RoomEntry>& log) {
  server::HeaderShortener shortener;
  v1::SubscribeResponse response;
  for (const v1::RoomEntry& entry : log) {
    response.add_items()->mutable_deadline();
    v1::RoomEntry& sent = *response.add_items()->mutable_entry();
    sent = entry;
    shortener.Shorten(sent);
  }
  return response;
}

TEST(HeaderReader, PutsTogetherWhatWasShortened) {
  const std::vector<v1::RoomEntry> log = Log();
  v1::SubscribeResponse response = Shortened(log);
  std::vector<bool> whole;
  for (const v1::InboxItem& item : response.items()) {
    if (item.has_entry()) whole.push_back(!item.entry().has_header_change());
  }
  // The first has nothing before it, and of the tombstone the content can't be hashed again.
  EXPECT_EQ(whole, std::vector<bool>({true, false, false, false, false, true, false}));
  HeaderReader reader;
  ASSERT_TRUE(reader.Complete(response).ok());
  for (size_t i = 0; i < log.size(); ++i) {
    const v1::RoomEntry& entry = response.items(static_cast<int>(2 * i + 1)).entry();
    EXPECT_EQ(entry.SerializeAsString(), log[i].SerializeAsString()) << i;
  }
}

TEST(HeaderReader, GoesOnFromOneResponseToTheNext) {
  const std::vector<v1::RoomEntry> log = Log();
  const v1::SubscribeResponse all = Shortened(log);
  HeaderReader reader;
  for (int i = 0; i < all.items_size(); ++i) {
    v1::SubscribeResponse one;
    *one.add_items() = all.items(i);
    ASSERT_TRUE(reader.Complete(one).ok()) << i;
    if (i % 2 == 1) {
      EXPECT_EQ(one.items(0).entry().header(), log[static_cast<size_t>(i / 2)].header());
    }
  }
}

TEST(HeaderReader, AfterAnEntryThatWasNotShortened_TheNextIsWhole) {
  server::HeaderShortener shortener;
  std::vector<v1::RoomEntry> log = Log();
  shortener.Shorten(log[0]);
  shortener.Forget();
  shortener.Shorten(log[1]);
  EXPECT_FALSE(log[1].has_header_change());
  shortener.Shorten(log[2]);
  EXPECT_TRUE(log[2].has_header_change());
}

TEST(HeaderReader, RefusesAChangeThatLeadsToNoHeader) {
  const v1::SubscribeResponse all = Shortened(Log());
  const auto outcome = [&](auto change_it) {
    v1::SubscribeResponse response = all;
    change_it(*response.mutable_items(3)->mutable_entry());
    HeaderReader reader;
    return reader.Complete(response);
  };
  ASSERT_TRUE(outcome([](v1::RoomEntry&) {}).ok());
  const std::vector<absl::Status> refused = {
      outcome([](v1::RoomEntry& entry) { entry.mutable_header_change()->set_kind(0); }),
      outcome([](v1::RoomEntry& entry) { entry.mutable_header_change()->set_kind(5); }),
      outcome([](v1::RoomEntry& entry) { entry.mutable_header_change()->set_sequence(0); }),
      outcome([](v1::RoomEntry& entry) { entry.mutable_header_change()->set_sender("short"); }),
      outcome([](v1::RoomEntry& entry) { entry.set_header("both"); }),
      outcome([](v1::RoomEntry& entry) { entry.set_room_id("short"); }),
      outcome(
          [](v1::RoomEntry& entry) { entry.mutable_header_change()->clear_previous_room_head(); }),
  };
  for (size_t i = 0; i < refused.size(); ++i)
    EXPECT_TRUE(HasReason(refused[i], Reason::kMalformedRequest)) << i << refused[i];
  v1::SubscribeResponse first;
  *first.add_items() = all.items(3);
  HeaderReader fresh;
  EXPECT_TRUE(HasReason(fresh.Complete(first), Reason::kMalformedRequest)) << "nothing came before";
}

}  // namespace
}  // namespace enlace::client
