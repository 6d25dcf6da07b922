#include "client/admin/charter_draft.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "client/admin/admin_context.h"
#include "client/texts/code_names.h"
#include "client/texts/countries.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

using identity::Standing;

constexpr std::array<std::pair<std::string_view, Standing>, identity::kStandings> kStandingNames = {
    {{"member", Standing::kMember},
     {"observer", Standing::kObserver},
     {"organisation", Standing::kOrganisation}}};

absl::StatusOr<Standing> StandingOf(const std::string& name) {
  for (const auto& [text, standing] : kStandingNames) {
    if (text == name) return standing;
  }
  return UsageError("--standing member|observer|organisation");
}

// Country of a two-letter authority; null for an organisation.
const texts::Country* CountryOf(const std::string& authority) {
  std::string code = authority;
  std::transform(code.begin(), code.end(), code.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return code.size() == 2 ? texts::FindCountry(code) : nullptr;
}

}  // namespace

identity::Charter NewCharter() {
  identity::Charter charter;
  charter.version = 1;
  charter.networks = {{"consular", {"Protección Consular", "Consular Protection"}},
                      {"trafficking",
                       {"Combate al tráfico ilícito de migrantes y la trata de personas",
                        "Combat of migrant smuggling and trafficking in persons"}}};
  // Members do everything. Observers and organisations take part where they are asked to.
  charter.permissions[0] = {true, true, true, true, identity::Tlp::kRed};
  charter.permissions[1] = {true, true, true, false, identity::Tlp::kAmberStrict};
  charter.permissions[2] = {true, true, true, false, identity::Tlp::kAmberStrict};
  return charter;
}

absl::Status SetKeys(identity::Charter& charter, std::vector<identity::PublicKey> keys,
                     uint32_t threshold) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (keys.empty() || keys.size() > identity::kCharterKeysMax || threshold > keys.size()) {
    return UsageError("--key / --threshold: 1 … " + std::to_string(identity::kCharterKeysMax));
  }
  const size_t majority = keys.size() / 2 + 1;
  charter.keys = std::move(keys);
  charter.threshold = static_cast<uint8_t>(threshold == 0 ? majority : threshold);
  return absl::OkStatus();
}

absl::StatusOr<identity::Authority> MakeAuthority(const AuthorityFields& fields) {
  if (!identity::IsAuthorityId(fields.id)) {
    return MakeError(Reason::kIdInvalid,
                     {{"id", fields.id}, {"kind", ENLACE_TEXT("authority")}, {"example", "hn"}});
  }
  identity::Authority authority;
  authority.id = fields.id;
  ENLACE_ASSIGN_OR_RETURN(authority.standing, StandingOf(fields.standing));
  authority.name = {fields.name_es, fields.name_en};
  authority.cas = fields.cas;
  std::sort(authority.cas.begin(), authority.cas.end(),
            [](const auto& a, const auto& b) { return a.fingerprint() < b.fingerprint(); });
  if (authority.standing == Standing::kOrganisation) {
    authority.kind = identity::AuthorityKind::kOrganisation;
    if (fields.name_es.empty() || fields.name_en.empty()) {
      return UsageError("--name-es, --name-en");
    }
    return authority;
  }
  const texts::Country* country = CountryOf(fields.id);
  if (country == nullptr) return UsageError(fields.id + ": ISO 3166-1 alpha-2");
  authority.kind = identity::AuthorityKind::kCountry;
  authority.alpha3 = country->alpha3;
  if (authority.name.es.empty()) {
    authority.name.es = texts::CountryName(texts::Language::kSpanish, country->alpha2);
  }
  if (authority.name.en.empty()) {
    authority.name.en = texts::CountryName(texts::Language::kEnglish, country->alpha2);
  }
  return authority;
}

void PutAuthority(identity::Charter& charter, identity::Authority authority) {
  std::erase_if(charter.authorities,
                [&](const identity::Authority& other) { return other.id == authority.id; });
  charter.authorities.push_back(std::move(authority));
  identity::SortCharter(charter);
}

std::string_view StandingName(identity::Standing standing) {
  for (const auto& [text, value] : kStandingNames) {
    if (value == standing) return text;
  }
  return "?";
}

}  // namespace enlace::client::admin
