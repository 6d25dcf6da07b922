// The rules that a charter keeps by itself (charter.h, CheckCharter).
#include <algorithm>

#include "crypto/codec/fields.h"
#include "crypto/identity/charter.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

template <typename T>
bool AscendingById(const std::vector<T>& list) {
  return std::adjacent_find(list.begin(), list.end(),
                            [](const T& a, const T& b) { return !(a.id < b.id); }) == list.end();
}

absl::Status CheckName(const BilingualName& name) {
  if (!IsDisplayText(name.es, kNameBytesMax) || !IsDisplayText(name.en, kNameBytesMax)) {
    return InvalidArgument("a name is empty, too long or has characters that can't be shown");
  }
  return absl::OkStatus();
}

absl::Status CheckKeys(const Charter& charter) {
  if (charter.keys.empty() || charter.keys.size() > kCharterKeysMax) {
    return InvalidArgument("a charter has 1 to 16 keys");
  }
  if (!codec::IsStrictlyAscending(charter.keys))
    return InvalidArgument("charter keys are not in order");
  if (charter.threshold < 1 || charter.threshold > charter.keys.size()) {
    return InvalidArgument("charter's threshold is not between 1 and the number of keys");
  }
  return absl::OkStatus();
}

absl::Status CheckNetworks(const Charter& charter) {
  if (charter.networks.empty() || charter.networks.size() > kCharterNetworksMax) {
    return InvalidArgument("a charter has 1 to 16 networks");
  }
  if (!AscendingById(charter.networks)) return InvalidArgument("networks are not in order");
  for (const Network& network : charter.networks) {
    if (!IsNetworkId(network.id)) return InvalidArgument("not a network id: " + network.id);
    ENLACE_RETURN_IF_ERROR(CheckName(network.name));
  }
  return absl::OkStatus();
}

absl::Status CheckCas(const Authority& authority) {
  if (authority.cas.empty() || authority.cas.size() > kAuthorityCasMax) {
    return InvalidArgument("authority " + authority.id + " has not one or two CAs");
  }
  for (const Certificate& ca : authority.cas) {
    if (ca.kind() != CertificateKind::kAuthorityCa || ca.authority() != authority.id) {
      return InvalidArgument("a CA of " + authority.id + " is not one of that authority");
    }
    ENLACE_RETURN_IF_ERROR(ca.VerifySelfSigned());
  }
  // Two entries with one key would make two signers of it.
  if (authority.cas.size() == 2 &&
      authority.cas[0].public_key_info() == authority.cas[1].public_key_info()) {
    return InvalidArgument("both CAs of " + authority.id + " have the same key");
  }
  const bool ordered =
      authority.cas.size() == 1 || authority.cas[0].fingerprint() < authority.cas[1].fingerprint();
  return ordered ? absl::OkStatus()
                 : InvalidArgument("CAs of " + authority.id + " are not in order");
}

absl::Status CheckAuthority(const Authority& authority) {
  if (!IsAuthorityId(authority.id)) return InvalidArgument("not an authority id: " + authority.id);
  ENLACE_RETURN_IF_ERROR(CheckName(authority.name));
  const bool is_country = authority.kind == AuthorityKind::kCountry;
  if (is_country ? !IsAlpha3(authority.alpha3) : !authority.alpha3.empty()) {
    return InvalidArgument("country code of " + authority.id + " does not fit its kind");
  }
  if (is_country == (authority.standing == Standing::kOrganisation)) {
    return InvalidArgument("standing of " + authority.id + " does not fit its kind");
  }
  return CheckCas(authority);
}

absl::Status CheckAuthorities(const Charter& charter) {
  if (charter.authorities.size() > kCharterAuthoritiesMax)
    return InvalidArgument("more than 256 authorities");
  if (!AscendingById(charter.authorities)) return InvalidArgument("authorities are not in order");
  for (const Authority& authority : charter.authorities)
    ENLACE_RETURN_IF_ERROR(CheckAuthority(authority));
  return absl::OkStatus();
}

absl::Status CheckServer(const ServerIdentity& server) {
  if (!IsDisplayText(server.name, kNameBytesMax))
    return InvalidArgument("server has no valid name");
  ENLACE_ASSIGN_OR_RETURN(const Certificate certificate, Certificate::FromDer(server.certificate));
  if (certificate.kind() != CertificateKind::kServer)
    return InvalidArgument("server's certificate is of another kind");
  return certificate.VerifySelfSigned();
}

absl::Status CheckTimes(const Charter& charter) {
  if (charter.issued_at_ms < 0 || charter.expires_at_ms <= charter.issued_at_ms ||
      charter.expires_at_ms - charter.issued_at_ms > kCharterValidityMsMax) {
    return InvalidArgument("charter's validity is not in order or longer than 400 days");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckCharter(const Charter& charter) {
  if (charter.version == 0) return InvalidArgument("charter versions begin at 1");
  ENLACE_RETURN_IF_ERROR(CheckKeys(charter));
  ENLACE_RETURN_IF_ERROR(CheckNetworks(charter));
  ENLACE_RETURN_IF_ERROR(CheckAuthorities(charter));
  const auto tlp_is_set = [](const StandingPermissions& permissions) {
    return permissions.highest_tlp != Tlp::kUnset;
  };
  if (!std::all_of(charter.permissions.begin(), charter.permissions.end(), tlp_is_set)) {
    return InvalidArgument("a standing has no highest TLP");
  }
  if (!charter.presidency.empty() && charter.FindAuthority(charter.presidency) == nullptr) {
    return InvalidArgument("the presidency is not an authority of the charter");
  }
  ENLACE_RETURN_IF_ERROR(CheckServer(charter.server));
  return CheckTimes(charter);
}

}  // namespace enlace::identity
