// A room with an origin device in hn and an ACTION device in mx, on the fixture of the core.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/unit/server/core/core_fixture.h"
#include "tests/unit/server/core/room_device.h"

namespace enlace::testing {

class RoomFixture : public CoreFixture {
 protected:
  void SetUp() override;

  static room::RoomPolicy Policy();
  // hn founds the room and adds mx; both are in epoch 1.
  void FoundRoom();
  std::vector<v1::InboxItem> Inbox(const RoomDevice& device, uint64_t cursor = 0);
  Bytes Tree(const WorldDevice& device, uint64_t epoch);
  v1::SendRequest Message(RoomDevice& device, const std::string& office,
                          const std::string& text = "text");
  // Sends and gives the acceptance; the test fails when it is refused.
  v1::Acceptance Send(const RoomDevice& device, const v1::SendRequest& request);
  v1::CommitRequest CommitOf(const v1::CommitBundle& bundle);
  void ExpectStoreIsWhole();

  std::unique_ptr<RoomDevice> hn_;
  std::unique_ptr<RoomDevice> mx_;
  std::string room_id_;
};

}  // namespace enlace::testing
