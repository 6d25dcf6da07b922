// Used-up secrets are gone from the memory of the process: a scan of everything that is readable
// and writable finds a secret while it is in use and nowhere afterwards.

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/unit/mls/support/group_fixture.h"

namespace enlace::mls {
namespace {

constexpr size_t kSecretBytes = 32;
constexpr uint8_t kMask = 0xa5;

// A secret kept so that it does not itself stand in memory.
using Masked = std::array<uint8_t, kSecretBytes>;

Masked MaskOf(BytesView secret) {
  Masked out{};
  for (size_t i = 0; i < kSecretBytes; ++i) out[i] = static_cast<uint8_t>(secret[i] ^ kMask);
  return out;
}

bool StandsAt(const uint8_t* at, const Masked& secret) {
  for (size_t i = 0; i < kSecretBytes; ++i) {
    if ((at[i] ^ kMask) != secret[i]) return false;
  }
  return true;
}

// How often the secret stands in [first, last). Reads whole mappings, which the sanitizers' own
// bookkeeping forbids.
size_t CountIn(const uint8_t* first, const uint8_t* last, const Masked& secret) {
  size_t count = 0;
  const int head = secret[0] ^ kMask;
  while (last - first >= static_cast<std::ptrdiff_t>(kSecretBytes)) {
    const size_t room = static_cast<size_t>(last - first) - kSecretBytes + 1;
    const auto* found = static_cast<const uint8_t*>(std::memchr(first, head, room));
    if (found == nullptr) break;
    if (StandsAt(found, secret)) ++count;
    first = found + 1;
  }
  return count;
}

size_t CountInMemory(const Masked& secret) {
  struct Mapping {
    uintptr_t first;
    uintptr_t last;
  };
  std::vector<Mapping> mappings;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    char dash = 0;
    Mapping mapping{};
    std::string rights;
    fields >> std::hex >> mapping.first >> dash >> mapping.last >> rights;
    if (rights.starts_with("rw")) mappings.push_back(mapping);
  }
  size_t count = 0;
  for (const Mapping& mapping : mappings) {
    count += CountIn(reinterpret_cast<const uint8_t*>(mapping.first),
                     reinterpret_cast<const uint8_t*>(mapping.last), secret);
  }
  return count;
}

// The sanitizers map terabytes of their own and keep freed memory, so that a scan under them means
// nothing.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kScanMeansNothing = true;
#else
constexpr bool kScanMeansNothing = false;
#endif

// Secrets of the saved state: the records under `prefix`, `skip` bytes before each secret.
std::vector<Masked> SecretsOf(Group& group, const std::string& prefix, size_t skip) {
  std::vector<Masked> out;
  for (const StateChange& change : group.TakeChanges()) {
    if (!change.key.starts_with(prefix) || !change.value) continue;
    out.push_back(MaskOf(change.value->view().subspan(skip, kSecretBytes)));
  }
  return out;
}

// A ratchet's record is its generation (4 bytes), the length of its secret (1) and the secret.
constexpr size_t kRatchetSecretAt = 5;

TEST(SecretWipeTest, UsedUpRatchetSecrets_AreGoneFromMemory) {
  if (kScanMeansNothing) GTEST_SKIP();
  TestRoom room(5);
  TestClient& alice = room.Create();
  TestClient& bob = room.Add(alice);
  alice.group->TakeChanges();
  bob.group->TakeChanges();

  alice.group->ReserveGenerations(1);
  const std::vector<Masked> sending = SecretsOf(*alice.group, "group/send/a", kRatchetSecretAt);
  ASSERT_EQ(sending.size(), 1u);
  auto message = alice.group->Protect(AsBytes("first"), {}, room.rng);
  ASSERT_TRUE(message.ok());
  ASSERT_TRUE(bob.group->Process(*message, room.Rules()).ok());
  // The sender's ratchet behind the first message is the receiver's ratchet too: two live copies,
  // one in each group.
  EXPECT_EQ(CountInMemory(sending[0]), 2u);

  alice.group->ReserveGenerations(1);
  EXPECT_EQ(CountInMemory(sending[0]), 1u);
  auto second = alice.group->Protect(AsBytes("second"), {}, room.rng);
  ASSERT_TRUE(second.ok());
  ASSERT_TRUE(bob.group->Process(*second, room.Rules()).ok());
  EXPECT_EQ(CountInMemory(sending[0]), 0u);
}

TEST(SecretWipeTest, SecretsOfAnEndedEpoch_AreGoneFromMemory) {
  if (kScanMeansNothing) GTEST_SKIP();
  TestRoom room(6);
  TestClient& alice = room.Create();
  room.Add(alice);
  alice.group->TakeChanges();
  room.CommitEmpty(alice);
  const std::vector<Masked> nodes = SecretsOf(*alice.group, "secret/node/", 0);
  ASSERT_FALSE(nodes.empty());
  EXPECT_GE(CountInMemory(nodes[0]), 1u);
  auto exported = alice.group->Exporter("label", {}, kSecretBytes);
  ASSERT_TRUE(exported.ok());
  const Masked exporter = MaskOf(exported->view());
  EXPECT_EQ(CountInMemory(exporter), 1u);
  exported->Wipe();
  EXPECT_EQ(CountInMemory(exporter), 0u);
  room.CommitEmpty(alice);
  EXPECT_EQ(CountInMemory(nodes[0]), 0u);
}

}  // namespace
}  // namespace enlace::mls
