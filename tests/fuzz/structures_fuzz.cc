// Each wire structure of crypto/mls, and each saved one: what parses encodes to the bytes that were
// read. The first byte chooses the structure.

#include <cstdlib>
#include <functional>
#include <vector>

#include "crypto/mls/framing.h"
#include "crypto/mls/group_context.h"
#include "crypto/mls/group_secrets.h"
#include "crypto/mls/key_package.h"
#include "crypto/mls/key_package_bundle.h"
#include "crypto/mls/proposal.h"
#include "crypto/mls/public_group.h"
#include "crypto/mls/treekem.h"
#include "crypto/mls/update_path.h"
#include "crypto/mls/welcome.h"
#include "tests/fuzz/heap_limit.h"

namespace enlace::fuzz {
namespace {

template <typename T>
void RoundTrip(BytesView input) {
  codec::Reader in(input);
  T value;
  if (!T::Read(in, value).ok()) return;
  const BytesView read = input.first(input.size() - in.remaining());
  codec::Writer out;
  value.Write(out);
  if (!EqualBytes(out.view(), read)) std::abort();
}

void Message(BytesView input) {
  const auto parsed = mls::MlsMessage::Parse(input);
  if (parsed.ok() && !EqualBytes(parsed->Serialize(), input)) std::abort();
}

void Header(BytesView input) {
  const auto header = mls::ParseMessageHeader(input);
  const auto whole = mls::MlsMessage::Parse(input);
  // What a server routes by is what a member parses.
  if (!whole.ok()) return;
  const bool routed = whole->wire_format() == mls::WireFormat::kPublicMessage ||
                      whole->wire_format() == mls::WireFormat::kPrivateMessage;
  if (routed != header.ok()) std::abort();
}

void ExtensionContents(BytesView input) {
  const auto senders = mls::ParseExternalSenders(input);
  if (senders.ok() && !EqualBytes(mls::SerializeExternalSenders(*senders), input)) std::abort();
  const auto required = mls::RequiredCapabilities::Parse(input);
  if (required.ok() && !EqualBytes(required->Serialize(), input)) std::abort();
}

void GroupSecrets(BytesView input) {
  const auto parsed = mls::GroupSecrets::Parse(input);
  if (parsed.ok() && !EqualBytes(parsed->Serialize().view(), input)) std::abort();
}

void SavedKeyPackage(BytesView input) {
  const auto parsed = mls::KeyPackageBundle::Parse(input);
  if (parsed.ok() && !EqualBytes(parsed->Serialize().view(), input)) std::abort();
}

// A saved private tree lists its keys in any order and once each; written again it reads the same.
void SavedPrivateTree(BytesView input) {
  const auto parsed = mls::PrivateTree::Parse(input);
  if (!parsed.ok()) return;
  const SecretBytes again = parsed->Serialize();
  const auto twice = mls::PrivateTree::Parse(again.view());
  if (!twice.ok() || !EqualBytes(twice->Serialize().view(), again.view())) std::abort();
}

void SavedPublicGroup(BytesView input) {
  const auto parsed = mls::PublicGroup::Parse(input);
  if (!parsed.ok()) return;
  const auto again = mls::PublicGroup::Parse(parsed->Serialize());
  if (!again.ok() || again->context() != parsed->context()) std::abort();
}

const std::vector<std::function<void(BytesView)>>& Targets() {
  static const auto* const targets = new std::vector<std::function<void(BytesView)>>{
      Message,
      Header,
      ExtensionContents,
      RoundTrip<mls::LeafNode>,
      RoundTrip<mls::Capabilities>,
      RoundTrip<mls::Credential>,
      RoundTrip<mls::KeyPackage>,
      RoundTrip<mls::UpdatePath>,
      RoundTrip<mls::Proposal>,
      RoundTrip<mls::Commit>,
      RoundTrip<mls::GroupContext>,
      RoundTrip<mls::GroupInfo>,
      RoundTrip<mls::Welcome>,
      RoundTrip<mls::PublicMessage>,
      RoundTrip<mls::PrivateMessage>,
      RoundTrip<mls::AuthenticatedContent>,
      RoundTrip<mls::ExtensionList>,
      RoundTrip<mls::PreSharedKeyId>,
      RoundTrip<mls::Sender>,
      GroupSecrets,
      SavedKeyPackage,
      SavedPrivateTree,
      SavedPublicGroup,
  };
  return *targets;
}

}  // namespace
}  // namespace enlace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto& targets = enlace::fuzz::Targets();
  const enlace::fuzz::HeapLimit limit;
  targets[data[0] % targets.size()]({data + 1, size - 1});
  return 0;
}
