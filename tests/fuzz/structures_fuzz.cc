// Each wire structure of crypto/mls: what parses encodes to the bytes that were read. The first
// byte chooses the structure.

#include <cstdlib>
#include <functional>
#include <vector>

#include "crypto/mls/framing.h"
#include "crypto/mls/group_context.h"
#include "crypto/mls/key_package.h"
#include "crypto/mls/proposal.h"
#include "crypto/mls/update_path.h"
#include "crypto/mls/welcome.h"

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
  };
  return *targets;
}

}  // namespace
}  // namespace enlace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto& targets = enlace::fuzz::Targets();
  targets[data[0] % targets.size()]({data + 1, size - 1});
  return 0;
}
