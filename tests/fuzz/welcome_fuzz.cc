// A Welcome from anybody, given to a client with a key package: nobody but the maker of the room
// gets the client into a group.

#include <cstdlib>

#include "tests/fuzz/fuzz_fixture.h"
#include "tests/fuzz/heap_limit.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace enlace;
  static auto* const fixture = new fuzz::FuzzRoom;
  const fuzz::HeapLimit limit;
  mls::WelcomeInput input;
  input.welcome = {data, size};
  input.own = &fixture->daves_bundle;
  input.key = &fixture->dave.key;
  const auto joined = mls::Group::JoinWelcome(input, fixture->room.Rules());
  if (joined.ok() && joined->group.context().group_id != fixture->bob.group->context().group_id) {
    std::abort();
  }
  return 0;
}
