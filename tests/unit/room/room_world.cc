#include "tests/unit/room/room_world.h"

namespace enlace::testing {
namespace {

World MakeOffices() {
  World world;
  world.AddOffice("hn.consular");
  world.AddOffice("mx.consular");
  world.AddOffice("mx.trafficking", {"trafficking"});
  world.AddOffice("iom.sanjose", {"consular", "trafficking"});
  world.AddOffice("pa.consular");
  world.AddOffice("co.consular");
  return world;
}

}  // namespace

RoomWorld::RoomWorld()
    : world_(MakeOffices()),
      hn(world_.AddDevice("ofc-hn-001", "dev-1", {"hn.consular"})),
      hn2(world_.AddDevice("ofc-hn-002", "dev-1", {"hn.consular"})),
      mx(world_.AddDevice("ofc-mx-001", "dev-1", {"mx.consular"})),
      mx2(world_.AddDevice("ofc-mx-002", "dev-1", {"mx.consular"})),
      iom(world_.AddDevice("ofc-iom-001", "dev-1", {"iom.sanjose"})),
      pa(world_.AddDevice("ofc-pa-001", "dev-1", {"pa.consular"})) {}

room::RoomPolicy RoomWorld::Policy() {
  room::RoomPolicy policy;
  policy.networks = {"consular"};
  policy.origin_office = "hn.consular";
  policy.participants = {{"iom.sanjose", room::OfficeRole::kInfo},
                         {"mx.consular", room::OfficeRole::kAction}};
  return policy;
}

room::RoomState RoomWorld::RoomOf(const std::vector<const WorldDevice*>& devices) {
  room::RoomState state;
  state.policy = Policy();
  state.mark = room::MarkOf(Context());
  for (const WorldDevice* device : devices) {
    state.members.push_back(
        {static_cast<uint32_t>(state.members.size()), device->mls.fingerprint()});
  }
  return state;
}

room::CommitContext RoomWorld::Context() {
  room::CommitContext context;
  context.head = world_.Head();
  context.charter_version = registry().charter()->version;
  return context;
}

room::CommitSummary RoomWorld::CommitBy(uint32_t leaf, const WorldDevice& device) {
  room::CommitSummary commit;
  commit.committer = {leaf, device.mls.fingerprint()};
  commit.context = Context();
  return commit;
}

room::CommitSummary RoomWorld::EntryOf(const WorldDevice& device) {
  room::CommitSummary commit = CommitBy(99, device);
  commit.external = true;
  return commit;
}

void RoomWorld::Remove(room::CommitSummary& commit, uint32_t leaf, room::RemovalReason reason) {
  commit.removed.push_back(leaf);
  commit.context.removed.push_back({leaf, reason});
}

}  // namespace enlace::testing
