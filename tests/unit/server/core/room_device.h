// A device with its half of rooms: what the tests need of a client, on the real MLS library.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/mls/group.h"
#include "crypto/mls/group_results.h"
#include "crypto/room/commit_context.h"
#include "crypto/room/room_policy.h"
#include "enlace/v1/room.pb.h"
#include "server/core/leaf_identities.h"
#include "tests/unit/identity/world.h"

namespace enlace::testing {

class RoomDevice {
 public:
  RoomDevice(World& world, WorldDevice device);

  const WorldDevice& device() const { return device_; }
  const std::string& uri() const { return device_.uri.text(); }
  mls::Group& group() { return *group_; }

  // A key package as MLSMessage; its private part is kept for Join.
  std::string MakeKeyPackage(bool last_resort = false);

  // A request that founds a room: the founder's group of one and the commit that adds the key
  // packages.
  v1::CreateRoomRequest Found(const std::string& room_id, const room::RoomPolicy& policy,
                              const std::vector<std::string>& key_packages);
  // A commit on the present state that adds key packages and removes leaves.
  v1::CommitBundle MakeCommit(const std::vector<std::string>& key_packages,
                              const std::vector<room::RemovedLeaf>& removed = {});
  // An external commit by a GroupInfo and tree of the server, which takes the device's old leaf
  // out.
  v1::CommitBundle Enter(const std::string& group_info, const Bytes& tree,
                         std::optional<uint32_t> old_leaf = std::nullopt);
  void Process(const std::string& message);
  // The same, for messages that may be invalid.
  absl::Status TryProcess(const std::string& message);
  void Join(const std::string& welcome, const Bytes& tree);
  // An envelope of the present epoch.
  v1::Envelope MakeEnvelope(const std::string& text, const std::string& office);

 private:
  mls::ValidationRules Rules() const;
  room::CommitContext Context() const;

  World& world_;
  WorldDevice device_;
  crypto::SigningKey key_;
  mls::LeafProfile profile_;
  server::LeafIdentities identities_;
  std::vector<mls::KeyPackageBundle> bundles_;
  std::unique_ptr<mls::Group> group_;
};

}  // namespace enlace::testing
