// A message from anybody to a live group: what is refused changes nothing, and a genuine message
// that comes after it still opens.

#include <cstdlib>
#include <map>
#include <string>

#include "tests/fuzz/fuzz_fixture.h"
#include "tests/fuzz/heap_limit.h"

namespace enlace::fuzz {
namespace {

using Saved = std::map<std::string, SecretBytes>;

struct LiveGroup {
  LiveGroup() {
    for (mls::StateChange& change : fixture.alice.group->TakeChanges()) {
      if (change.value.has_value()) saved.emplace(change.key, *std::move(change.value));
    }
    fixture.carol.group->ReserveGenerations(1);
    genuine = fixture.carol.group->Protect(AsBytes("genuine"), {}, fixture.room.rng).value();
  }

  FuzzRoom fixture;
  Saved saved;
  Bytes genuine;
};

void Run(BytesView input) {
  static auto* const live = new LiveGroup;
  const HeapLimit limit;
  mls::Group group = mls::Group::Restore(live->saved).value();
  const mls::ValidationRules rules = live->fixture.room.Rules();
  group.PeekHandshake(input).status().IgnoreError();
  const auto received = group.Process(input, rules);
  if (received.ok()) return;
  const auto after = group.Process(live->genuine, rules);
  if (!after.ok()) std::abort();
}

}  // namespace
}  // namespace enlace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  enlace::fuzz::Run({data, size});
  return 0;
}
