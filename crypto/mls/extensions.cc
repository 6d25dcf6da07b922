#include "crypto/mls/extensions.h"

#include <algorithm>
#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

auto FindIn(auto& items, uint16_t type) {
  return std::find_if(items.begin(), items.end(),
                      [type](const Extension& item) { return item.type == type; });
}

}  // namespace

bool IsDefaultExtension(uint16_t type) {
  return type >= kExtensionApplicationId && type <= kExtensionExternalSenders;
}

bool IsDefaultProposal(uint16_t type) {
  return type >= kProposalAdd && type <= kProposalGroupContextExtensions;
}

absl::Status ExtensionList::Read(codec::Reader& in, ExtensionList& out) {
  BytesView body;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(body));
  codec::Reader items(body);
  out.items_.clear();
  while (!items.empty()) {
    Extension extension;
    ENLACE_RETURN_IF_ERROR(items.ReadU16(extension.type));
    ENLACE_RETURN_IF_ERROR(items.ReadVector(extension.data));
    if (out.Has(extension.type)) return InvalidArgument("extension type stands twice in a list");
    out.items_.push_back(std::move(extension));
  }
  return absl::OkStatus();
}

void ExtensionList::Write(codec::Writer& out) const {
  const size_t mark = out.BeginVector();
  for (const Extension& extension : items_) {
    out.U16(extension.type);
    out.Vector(extension.data);
  }
  out.EndVector(mark);
}

std::optional<BytesView> ExtensionList::Find(uint16_t type) const {
  const auto found = FindIn(items_, type);
  if (found == items_.end()) return std::nullopt;
  return BytesView(found->data);
}

void ExtensionList::Set(uint16_t type, BytesView data) {
  const auto found = FindIn(items_, type);
  if (found == items_.end()) {
    items_.push_back({type, ToBytes(data)});
  } else {
    found->data = ToBytes(data);
  }
}

void ExtensionList::Remove(uint16_t type) {
  std::erase_if(items_, [type](const Extension& item) { return item.type == type; });
}

absl::StatusOr<RequiredCapabilities> RequiredCapabilities::Parse(BytesView data) {
  codec::Reader in(data);
  RequiredCapabilities out;
  ENLACE_RETURN_IF_ERROR(ReadU16Vector(in, out.extension_types));
  ENLACE_RETURN_IF_ERROR(ReadU16Vector(in, out.proposal_types));
  ENLACE_RETURN_IF_ERROR(ReadU16Vector(in, out.credential_types));
  ENLACE_RETURN_IF_ERROR(in.Done());
  return out;
}

Bytes RequiredCapabilities::Serialize() const {
  codec::Writer out;
  WriteU16Vector(out, extension_types);
  WriteU16Vector(out, proposal_types);
  WriteU16Vector(out, credential_types);
  return out.Take();
}

absl::Status ReadU16Vector(codec::Reader& in, std::vector<uint16_t>& out) {
  BytesView body;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(body));
  codec::Reader items(body);
  out.clear();
  out.reserve(body.size() / 2);
  while (!items.empty()) {
    uint16_t value = 0;
    ENLACE_RETURN_IF_ERROR(items.ReadU16(value));
    out.push_back(value);
  }
  return absl::OkStatus();
}

void WriteU16Vector(codec::Writer& out, std::span<const uint16_t> values) {
  const size_t mark = out.BeginVector();
  for (uint16_t value : values) out.U16(value);
  out.EndVector(mark);
}

}  // namespace enlace::mls
