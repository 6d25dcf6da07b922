#include "crypto/identity/charter.h"

#include <algorithm>
#include <utility>

#include "crypto/codec/fields.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

constexpr std::string_view kCharterLabel = "enlace charter 1";
constexpr std::string_view kRootLabel = "enlace charter root 1";

enum PermissionBit : uint8_t {
  kOpenCases = 1,
  kBeAction = 2,
  kBeInfo = 4,
  kBulletins = 8,
  kAllPermissions = 15
};

void WriteKeys(const std::vector<PublicKey>& keys, codec::Writer& writer) {
  const size_t mark = writer.BeginVector();
  for (const PublicKey& key : keys) writer.Raw(key);
  writer.EndVector(mark);
}

absl::Status ReadKeys(codec::Reader& reader, std::vector<PublicKey>& keys) {
  BytesView raw;
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(raw));
  codec::Reader items(raw);
  while (!items.empty()) {
    if (keys.size() == kCharterKeysMax) return InvalidArgument("a charter has 1 to 16 keys");
    keys.emplace_back();
    ENLACE_RETURN_IF_ERROR(codec::ReadArray(items, keys.back()));
  }
  return absl::OkStatus();
}

void WriteName(const BilingualName& name, codec::Writer& writer) {
  codec::WriteText(name.es, writer);
  codec::WriteText(name.en, writer);
}

absl::Status ReadName(codec::Reader& reader, BilingualName& name) {
  ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kNameBytesMax, name.es));
  return codec::ReadText(reader, kNameBytesMax, name.en);
}

void WriteAuthority(const Authority& authority, codec::Writer& writer) {
  codec::WriteText(authority.id, writer);
  writer.U8(static_cast<uint8_t>(authority.kind));
  writer.U8(static_cast<uint8_t>(authority.standing));
  WriteName(authority.name, writer);
  codec::WriteText(authority.alpha3, writer);
  const size_t mark = writer.BeginVector();
  for (const Certificate& ca : authority.cas) writer.Vector(ca.der());
  writer.EndVector(mark);
}

absl::Status ReadKindAndStanding(codec::Reader& reader, Authority& authority) {
  uint8_t kind = 0;
  uint8_t standing = 0;
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(kind));
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(standing));
  if (kind < 1 || kind > 2 || standing < 1 || standing > kStandings) {
    return InvalidArgument("unknown kind or standing of an authority");
  }
  authority.kind = static_cast<AuthorityKind>(kind);
  authority.standing = static_cast<Standing>(standing);
  return absl::OkStatus();
}

absl::Status ReadAuthority(codec::Reader& reader, Authority& authority) {
  ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kAuthorityIdBytesMax, authority.id));
  ENLACE_RETURN_IF_ERROR(ReadKindAndStanding(reader, authority));
  ENLACE_RETURN_IF_ERROR(ReadName(reader, authority.name));
  ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, 3, authority.alpha3));
  BytesView raw;
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(raw));
  codec::Reader cas(raw);
  while (!cas.empty()) {
    if (authority.cas.size() == kAuthorityCasMax)
      return InvalidArgument("an authority has one or two CAs");
    BytesView der;
    ENLACE_RETURN_IF_ERROR(cas.ReadVector(der));
    ENLACE_ASSIGN_OR_RETURN(Certificate ca, Certificate::FromDer(der));
    authority.cas.push_back(std::move(ca));
  }
  return absl::OkStatus();
}

void WritePermissions(const StandingPermissions& permissions, codec::Writer& writer) {
  writer.U8(static_cast<uint8_t>(
      (permissions.open_cases ? kOpenCases : 0) | (permissions.be_action ? kBeAction : 0) |
      (permissions.be_info ? kBeInfo : 0) | (permissions.bulletins ? kBulletins : 0)));
  writer.U8(static_cast<uint8_t>(permissions.highest_tlp));
}

absl::Status ReadPermissions(codec::Reader& reader, StandingPermissions& permissions) {
  uint8_t bits = 0;
  uint8_t tlp = 0;
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(bits));
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(tlp));
  if (bits > kAllPermissions || tlp > static_cast<uint8_t>(Tlp::kRed)) {
    return InvalidArgument("unknown permission of a standing");
  }
  permissions.open_cases = (bits & kOpenCases) != 0;
  permissions.be_action = (bits & kBeAction) != 0;
  permissions.be_info = (bits & kBeInfo) != 0;
  permissions.bulletins = (bits & kBulletins) != 0;
  permissions.highest_tlp = static_cast<Tlp>(tlp);
  return absl::OkStatus();
}

absl::Status ReadServer(codec::Reader& reader, ServerIdentity& server) {
  ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kNameBytesMax, server.name));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, kCertificateBytesMax, server.certificate));
  return codec::ReadArray(reader, server.log_key);
}

absl::Status ReadNetworks(codec::Reader& reader, std::vector<Network>& networks) {
  BytesView raw;
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(raw));
  codec::Reader items(raw);
  while (!items.empty()) {
    if (networks.size() == kCharterNetworksMax)
      return InvalidArgument("a charter has 1 to 16 networks");
    networks.emplace_back();
    ENLACE_RETURN_IF_ERROR(codec::ReadText(items, kNetworkIdBytesMax, networks.back().id));
    ENLACE_RETURN_IF_ERROR(ReadName(items, networks.back().name));
  }
  return absl::OkStatus();
}

absl::Status ReadAuthorities(codec::Reader& reader, std::vector<Authority>& authorities) {
  BytesView raw;
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(raw));
  codec::Reader items(raw);
  while (!items.empty()) {
    if (authorities.size() == kCharterAuthoritiesMax)
      return InvalidArgument("more than 256 authorities");
    authorities.emplace_back();
    ENLACE_RETURN_IF_ERROR(ReadAuthority(items, authorities.back()));
  }
  return absl::OkStatus();
}

absl::Status ReadCharter(codec::Reader& reader, Charter& charter) {
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kCharterFormatVersion));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(charter.version));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, charter.root));
  ENLACE_RETURN_IF_ERROR(ReadKeys(reader, charter.keys));
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(charter.threshold));
  ENLACE_RETURN_IF_ERROR(ReadNetworks(reader, charter.networks));
  ENLACE_RETURN_IF_ERROR(ReadAuthorities(reader, charter.authorities));
  for (StandingPermissions& permissions : charter.permissions) {
    ENLACE_RETURN_IF_ERROR(ReadPermissions(reader, permissions));
  }
  ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kAuthorityIdBytesMax, charter.presidency));
  ENLACE_RETURN_IF_ERROR(ReadServer(reader, charter.server));
  ENLACE_RETURN_IF_ERROR(codec::ReadTime(reader, charter.issued_at_ms));
  ENLACE_RETURN_IF_ERROR(codec::ReadTime(reader, charter.expires_at_ms));
  return reader.Done();
}

Bytes SignedBytes(BytesView body) {
  Bytes message = ToBytes(kCharterLabel);
  Append(message, body);
  return message;
}

}  // namespace

bool operator==(const Authority& a, const Authority& b) {
  const auto same_der = [](const Certificate& x, const Certificate& y) {
    return x.der() == y.der();
  };
  return a.id == b.id && a.kind == b.kind && a.standing == b.standing && a.name == b.name &&
         a.alpha3 == b.alpha3 &&
         std::equal(a.cas.begin(), a.cas.end(), b.cas.begin(), b.cas.end(), same_der);
}

const Authority* Charter::FindAuthority(std::string_view id) const {
  const auto found = std::find_if(authorities.begin(), authorities.end(),
                                  [id](const Authority& a) { return a.id == id; });
  return found == authorities.end() ? nullptr : &*found;
}

const Network* Charter::FindNetwork(std::string_view id) const {
  const auto found =
      std::find_if(networks.begin(), networks.end(), [id](const Network& n) { return n.id == id; });
  return found == networks.end() ? nullptr : &*found;
}

const StandingPermissions& Charter::PermissionsOf(Standing standing) const {
  return permissions[static_cast<size_t>(standing) - 1];
}

const Certificate* Charter::FindCa(std::string_view authority,
                                   const merkle::Hash& fingerprint) const {
  const Authority* found = FindAuthority(authority);
  if (found == nullptr) return nullptr;
  for (const Certificate& ca : found->cas) {
    if (ca.fingerprint() == fingerprint) return &ca;
  }
  return nullptr;
}

merkle::Hash KeySetRoot(std::vector<PublicKey> keys, uint8_t threshold) {
  std::sort(keys.begin(), keys.end());
  codec::Writer writer;
  writer.Raw(AsBytes(kRootLabel));
  WriteKeys(keys, writer);
  writer.U8(threshold);
  return merkle::Sha256(writer.view());
}

void SortCharter(Charter& charter) {
  std::sort(charter.keys.begin(), charter.keys.end());
  std::sort(charter.networks.begin(), charter.networks.end(),
            [](const Network& a, const Network& b) { return a.id < b.id; });
  std::sort(charter.authorities.begin(), charter.authorities.end(),
            [](const Authority& a, const Authority& b) { return a.id < b.id; });
  for (Authority& authority : charter.authorities) {
    std::sort(authority.cas.begin(), authority.cas.end(),
              [](const Certificate& a, const Certificate& b) {
                return a.fingerprint() < b.fingerprint();
              });
  }
}

absl::StatusOr<Bytes> EncodeCharter(const Charter& charter) {
  ENLACE_RETURN_IF_ERROR(CheckCharter(charter));
  codec::Writer writer;
  writer.U16(kCharterFormatVersion);
  writer.U64(charter.version);
  writer.Raw(charter.root);
  WriteKeys(charter.keys, writer);
  writer.U8(charter.threshold);
  size_t mark = writer.BeginVector();
  for (const Network& network : charter.networks) {
    codec::WriteText(network.id, writer);
    WriteName(network.name, writer);
  }
  writer.EndVector(mark);
  mark = writer.BeginVector();
  for (const Authority& authority : charter.authorities) WriteAuthority(authority, writer);
  writer.EndVector(mark);
  for (const StandingPermissions& permissions : charter.permissions)
    WritePermissions(permissions, writer);
  codec::WriteText(charter.presidency, writer);
  codec::WriteText(charter.server.name, writer);
  writer.Vector(charter.server.certificate);
  writer.Raw(charter.server.log_key);
  codec::WriteTime(charter.issued_at_ms, writer);
  codec::WriteTime(charter.expires_at_ms, writer);
  if (writer.size() > kCharterBytesMax) return InvalidArgument("charter is longer than its limit");
  return writer.Take();
}

absl::StatusOr<Charter> DecodeCharter(BytesView body) {
  if (body.size() > kCharterBytesMax) return InvalidArgument("charter is longer than its limit");
  codec::Reader reader(body);
  Charter charter;
  ENLACE_RETURN_IF_ERROR(ReadCharter(reader, charter));
  ENLACE_RETURN_IF_ERROR(CheckCharter(charter));
  return charter;
}

merkle::Hash CharterHash(BytesView body) { return merkle::Sha256(body); }

void SignCharter(SignedCharter& charter, const crypto::SigningKey& key) {
  CharterSignature added;
  std::copy(key.public_key().begin(), key.public_key().end(), added.key.begin());
  added.signature = key.Sign(SignedBytes(charter.body));
  std::erase_if(charter.signatures,
                [&added](const CharterSignature& s) { return s.key == added.key; });
  const auto place =
      std::find_if(charter.signatures.begin(), charter.signatures.end(),
                   [&added](const CharterSignature& s) { return added.key < s.key; });
  charter.signatures.insert(place, std::move(added));
}

Bytes EncodeSignedCharter(const SignedCharter& charter) {
  codec::Writer writer;
  writer.U16(kCharterFormatVersion);
  writer.Vector(charter.body);
  const size_t mark = writer.BeginVector();
  for (const CharterSignature& signature : charter.signatures) {
    writer.Raw(signature.key);
    writer.Vector(signature.signature);
  }
  writer.EndVector(mark);
  return writer.Take();
}

absl::StatusOr<SignedCharter> DecodeSignedCharter(BytesView bytes) {
  codec::Reader reader(bytes);
  SignedCharter charter;
  BytesView raw;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kCharterFormatVersion));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, kCharterBytesMax, charter.body));
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(raw));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  codec::Reader items(raw);
  while (!items.empty()) {
    if (charter.signatures.size() == kCharterKeysMax)
      return InvalidArgument("charter has too many signatures");
    CharterSignature next;
    ENLACE_RETURN_IF_ERROR(codec::ReadArray(items, next.key));
    ENLACE_RETURN_IF_ERROR(codec::ReadBounded(items, crypto::kSignatureBytes, next.signature));
    if (!charter.signatures.empty() && !(charter.signatures.back().key < next.key)) {
      return InvalidArgument("charter's signatures are not in order");
    }
    charter.signatures.push_back(std::move(next));
  }
  return charter;
}

absl::Status VerifyCharterSignatures(const SignedCharter& charter,
                                     const std::vector<PublicKey>& keys, uint8_t threshold) {
  const Bytes message = SignedBytes(charter.body);
  std::vector<PublicKey> signers;
  for (const CharterSignature& signature : charter.signatures) {
    if (std::find(keys.begin(), keys.end(), signature.key) == keys.end()) {
      return PermissionDenied("charter is signed by a key that may not sign it");
    }
    if (!crypto::VerifySignature(signature.key, message, signature.signature).ok()) {
      return PermissionDenied("a signature of the charter does not verify");
    }
    if (std::find(signers.begin(), signers.end(), signature.key) == signers.end())
      signers.push_back(signature.key);
  }
  if (signers.size() < threshold)
    return PermissionDenied("charter has fewer signatures than its threshold");
  return absl::OkStatus();
}

}  // namespace enlace::identity
