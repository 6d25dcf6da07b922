// The group that fuzz targets and the seed writer share: made from one random seed, so that the
// seeds that were written once fit the group that a target makes today.
#pragma once

#include <memory>
#include <utility>

#include "crypto/mls/group.h"
#include "tests/unit/mls/support/group_fixture.h"

namespace enlace::fuzz {

inline constexpr uint64_t kFuzzSeed = 9420;

// Alice, bob and carol share a room; dave has a Welcome to it that waits.
struct FuzzRoom {
  FuzzRoom()
      : room(kFuzzSeed),
        alice(room.Create()),
        bob(room.Add(alice)),
        carol(room.Add(alice)),
        dave("dave", room.rng),
        daves_bundle(dave.MakeKeyPackage(room.rng)) {
    room.CommitEmpty(bob);
    mls::CommitOptions options;
    options.proposals.push_back(mls::Proposal{mls::Add{daves_bundle.key_package}});
    options.want_group_info = true;
    commit = bob.group->Commit(options, room.Rules(), room.rng).value();
  }

  mls::TestRoom room;
  mls::TestClient& alice;
  mls::TestClient& bob;
  mls::TestClient& carol;
  mls::TestClient dave;
  mls::KeyPackageBundle daves_bundle;
  mls::CommitBundle commit;  // Of bob: adds dave.
};

}  // namespace enlace::fuzz
