// DiffCharters of charter_chain.h: both charters are flattened to (subject, field, value) and the
// lists compared.
#include <algorithm>
#include <string>
#include <utility>

#include "crypto/identity/charter_chain.h"

namespace enlace::identity {
namespace {

// Fields of one subject in a fixed order; the subject itself is in the outer list.
using Fields = std::vector<std::pair<std::string, std::string>>;
using Flat = std::vector<std::pair<std::string, Fields>>;

std::string YesNo(bool value) { return value ? "yes" : "no"; }

const char* TlpName(Tlp tlp) {
  static constexpr const char* kNames[] = {"unset", "CLEAR",        "GREEN",
                                           "AMBER", "AMBER+STRICT", "RED"};
  return kNames[static_cast<size_t>(tlp)];
}

const char* StandingName(Standing standing) {
  static constexpr const char* kNames[] = {"member", "observer", "organisation"};
  return kNames[static_cast<size_t>(standing) - 1];
}

std::string CaList(const Authority& authority) {
  std::string list;
  for (const Certificate& ca : authority.cas) {
    list += (list.empty() ? "" : ", ") + ShortFingerprint(ca.fingerprint());
  }
  return list;
}

Flat FlattenKeys(const Charter& charter) {
  Flat flat;
  for (const PublicKey& key : charter.keys)
    flat.push_back({"key " + ShortFingerprint(merkle::Sha256(key)), {}});
  flat.push_back({"keys", {{"threshold", std::to_string(charter.threshold)}}});
  return flat;
}

Flat FlattenServer(const Charter& charter) {
  return {{"server",
           {{"name", charter.server.name},
            {"certificate", ShortFingerprint(merkle::Sha256(charter.server.certificate))},
            {"log key", ShortFingerprint(merkle::Sha256(charter.server.log_key))}}}};
}

Flat FlattenNetworks(const Charter& charter) {
  Flat flat;
  for (const Network& network : charter.networks) {
    flat.push_back(
        {"network " + network.id, {{"name es", network.name.es}, {"name en", network.name.en}}});
  }
  return flat;
}

Flat FlattenStandings(const Charter& charter) {
  Flat flat;
  for (size_t i = 0; i < kStandings; ++i) {
    const StandingPermissions& may = charter.permissions[i];
    flat.push_back({std::string("standing ") + StandingName(static_cast<Standing>(i + 1)),
                    {{"open cases", YesNo(may.open_cases)},
                     {"be ACTION", YesNo(may.be_action)},
                     {"be INFO", YesNo(may.be_info)},
                     {"bulletins", YesNo(may.bulletins)},
                     {"highest TLP", TlpName(may.highest_tlp)}}});
  }
  return flat;
}

Flat FlattenAuthorities(const Charter& charter) {
  Flat flat;
  for (const Authority& authority : charter.authorities) {
    flat.push_back(
        {"authority " + authority.id,
         {{"kind", authority.kind == AuthorityKind::kCountry ? "country" : "organisation"},
          {"standing", StandingName(authority.standing)},
          {"name es", authority.name.es},
          {"name en", authority.name.en},
          {"country code", authority.alpha3},
          {"CA", CaList(authority)}}});
  }
  return flat;
}

Flat FlattenRest(const Charter& charter) {
  return {{"presidency", {{"authority", charter.presidency}}},
          {"validity",
           {{"version", std::to_string(charter.version)},
            {"issued_at_ms", std::to_string(charter.issued_at_ms)},
            {"expires_at_ms", std::to_string(charter.expires_at_ms)}}}};
}

const Fields* Find(const Flat& flat, const std::string& subject) {
  const auto found = std::find_if(flat.begin(), flat.end(),
                                  [&subject](const auto& entry) { return entry.first == subject; });
  return found == flat.end() ? nullptr : &found->second;
}

// Both have the same fields in the same order: the flattening functions give them.
void CompareFields(const std::string& subject, const Fields& before, const Fields& after,
                   std::vector<CharterChange>& changes) {
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i].second == after[i].second) continue;
    changes.push_back({CharterChange::Kind::kChanged, subject, before[i].first, before[i].second,
                       after[i].second});
  }
}

void Compare(const Flat& before, const Flat& after, std::vector<CharterChange>& changes) {
  for (const auto& [subject, fields] : before) {
    const Fields* now = Find(after, subject);
    if (now == nullptr) {
      changes.push_back({CharterChange::Kind::kRemoved, subject, "", "", ""});
    } else {
      CompareFields(subject, fields, *now, changes);
    }
  }
  for (const auto& [subject, fields] : after) {
    if (Find(before, subject) == nullptr)
      changes.push_back({CharterChange::Kind::kAdded, subject, "", "", ""});
  }
}

}  // namespace

std::vector<CharterChange> DiffCharters(const Charter& before, const Charter& after) {
  std::vector<CharterChange> changes;
  for (auto* flatten : {FlattenKeys, FlattenServer, FlattenNetworks, FlattenStandings,
                        FlattenAuthorities, FlattenRest}) {
    Compare(flatten(before), flatten(after), changes);
  }
  return changes;
}

}  // namespace enlace::identity
