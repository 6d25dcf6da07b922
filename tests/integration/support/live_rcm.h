// The RCM of tests/unit/identity/world.h against a live server: its log published over the wire,
// its devices with channels of their own, and rooms that are real MLS groups.
//
// Helpers abort the program when a step that a test does not ask about fails. Thread safety: one
// thread, except that calls of different devices may run together. Ownership: as values.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "crypto/mls/group.h"
#include "crypto/mls/key_package_bundle.h"
#include "enlace/v1/enrolment.grpc.pb.h"
#include "enlace/v1/inbox.grpc.pb.h"
#include "enlace/v1/room.grpc.pb.h"
#include "tests/integration/support/live_server.h"
#include "tests/unit/identity/world.h"

namespace enlace::testing {

// A device that can call.
struct LiveDevice {
  WorldDevice identity;
  std::string office;

  std::string key_pem() const { return ToText(identity.tls_key.ToPem().view()); }
  std::string certificate_pem() const { return identity.tls.ToPem(); }
};

// A room as its founder holds it.
struct LiveRoom {
  Bytes id;
  std::unique_ptr<mls::Group> group;
};

class LiveRcm {
 public:
  // `program` is another build of the server; `disk_bytes` as in LiveServerOptions.
  explicit LiveRcm(const std::string& configuration = {}, const std::string& program = {},
                   uint64_t disk_bytes = 0);

  LiveServer& server() { return server_; }
  World& world() { return world_; }

  // Charter, and an administrator for each authority.
  void Bootstrap(const std::vector<std::string>& authorities = {"hn", "mx"});
  LiveDevice NewDevice(const std::string& officer, const std::string& office);
  // So many devices of one office, each of an officer of its own, published together. Their numbers
  // follow those of the earlier calls.
  std::vector<LiveDevice> NewDevices(size_t count, const std::string& office);
  // The same for a device of another name, office and role.
  struct DeviceOrder {
    std::string officer;
    std::string device = "dev-1";
    std::vector<std::string> offices;
    identity::RoleSet roles = identity::RoleBit(identity::Role::kOfficer);
  };
  WorldDevice Enrol(const DeviceOrder& order);
  // Publishes what was logged in world() meanwhile.
  void Publish();
  // Revokes a device, signed by its authority, published by its administrator.
  void Revoke(const LiveDevice& device);

  // A connection of the device's own. `address` replaces localhost:port, for proxies.
  std::shared_ptr<grpc::Channel> Channel(const LiveDevice& device,
                                         const std::string& address = {}) const;
  std::shared_ptr<grpc::Channel> EnrolmentChannel() const;

  // Founds a room of the first device's office in which all others take part, over the wire.
  LiveRoom Found(const LiveDevice& founder, const std::vector<const LiveDevice*>& members);
  // A message of the room's founder, ready to be sent.
  v1::SendRequest Message(LiveRoom& room, const LiveDevice& sender, const std::string& text);

  std::string RequestId();

 private:
  merkle::SignedHead FetchHead(const LiveDevice& device);
  mls::KeyPackage KeyPackageOf(const LiveDevice& device);

  World world_;
  LiveServer server_;
  std::map<std::string, LiveDevice> admins_;
  size_t published_ = 0;
  size_t numbered_ = 0;
};

int64_t NowMs();
// A deadline so far away.
void SetDeadline(grpc::ClientContext& context,
                 std::chrono::milliseconds away = std::chrono::seconds(20));

}  // namespace enlace::testing
