#include "tests/unit/identity/world.h"

#include <cstdio>
#include <cstdlib>

namespace enlace::testing {

using identity::Authority;
using identity::AuthorityKind;
using identity::Charter;
using identity::KeyType;
using identity::PrivateKey;
using identity::Standing;
using identity::Tlp;

namespace {

void MustBeOk(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "the world can't be set up: %s\n", status.ToString().c_str());
  std::abort();
}

identity::PublicKey ToPublicKey(const crypto::SigningKey& key) {
  identity::PublicKey out;
  std::copy(key.public_key().begin(), key.public_key().end(), out.begin());
  return out;
}

std::vector<crypto::SigningKey> MakeKeys(crypto::Rng& rng, int count) {
  std::vector<crypto::SigningKey> keys;
  for (int i = 0; i < count; ++i) keys.push_back(crypto::SigningKey::Generate(rng));
  return keys;
}

}  // namespace

World::World(uint8_t seed)
    : rng_(seed),
      charter_keys_(MakeKeys(rng_, 3)),
      server_key_(crypto::SigningKey::Generate(rng_)),
      charter_(FoundingCharter()),
      registry_(charter_.root) {
  MustBeOk(Log(identity::MakeLogEntry(Sign(charter_), now_ms_)));
}

Authority World::AddAuthority(const std::string& id, Standing standing, const std::string& alpha3) {
  PrivateKey key = PrivateKey::Generate(KeyType::kEd25519, rng_);
  identity::Certificate ca = *identity::MakeAuthorityCa(id, key, now_ms_, rng_);
  cas_.emplace(id, Ca{std::move(key), ca});
  const AuthorityKind kind =
      alpha3.empty() ? AuthorityKind::kOrganisation : AuthorityKind::kCountry;
  return {id, kind, standing, {"Nombre " + id, "Name " + id}, alpha3, {ca}};
}

Charter World::FoundingCharter() {
  Charter charter;
  charter.version = 1;
  for (const crypto::SigningKey& key : charter_keys_) charter.keys.push_back(ToPublicKey(key));
  charter.threshold = 2;
  charter.root = identity::KeySetRoot(charter.keys, charter.threshold);
  charter.networks = {{"consular", {"Protección Consular", "Consular Protection"}},
                      {"trafficking", {"Trata y tráfico", "Trafficking"}}};
  charter.authorities = {
      AddAuthority("hn", Standing::kMember, "HND"), AddAuthority("mx", Standing::kMember, "MEX"),
      AddAuthority("pa", Standing::kMember, "PAN"), AddAuthority("co", Standing::kObserver, "COL"),
      AddAuthority("iom", Standing::kOrganisation, "")};
  charter.permissions = {{{true, true, true, true, Tlp::kRed},
                          {false, false, true, true, Tlp::kGreen},
                          {false, true, true, true, Tlp::kAmber}}};
  charter.presidency = "pa";
  const PrivateKey server_tls = PrivateKey::Generate(KeyType::kP256, rng_);
  charter.server = {"enlace.rcm.example",
                    identity::MakeServerCertificate({"enlace.rcm.example", {"enlace.rcm.example"}},
                                                    server_tls, now_ms_, rng_)
                        ->der(),
                    ToPublicKey(server_key_)};
  charter.issued_at_ms = now_ms_;
  charter.expires_at_ms = now_ms_ + identity::kCharterValidityMsMax;
  identity::SortCharter(charter);
  return charter;
}

identity::SignedCharter World::Sign(const Charter& charter) const {
  absl::StatusOr<Bytes> body = identity::EncodeCharter(charter);
  MustBeOk(body.status());
  identity::SignedCharter signed_charter{*std::move(body), {}};
  identity::SignCharter(signed_charter, charter_keys_[0]);
  identity::SignCharter(signed_charter, charter_keys_[1]);
  return signed_charter;
}

void World::Admit(const std::string& id, identity::Standing standing, const std::string& alpha3) {
  const identity::Authority authority = AddAuthority(id, standing, alpha3);
  MustBeOk(LogCharter([&](Charter& charter) { charter.authorities.push_back(authority); }));
}

identity::SignedStatement World::State(const std::string& authority, identity::StatementBody body) {
  const merkle::Hash signer = ca(authority).fingerprint();
  const crypto::SigningKey key = *ca_key(authority).ToSigningKey();
  absl::StatusOr<identity::SignedStatement> made =
      identity::SignStatement({authority, registry_.NextSequence(signer), now_ms_, std::move(body)},
                              {identity::SignerKind::kCa, signer, key});
  MustBeOk(made.status());
  return *std::move(made);
}

identity::SignedStatement World::StateBy(const WorldDevice& device, identity::StatementBody body) {
  const merkle::Hash signer = device.mls.fingerprint();
  const crypto::SigningKey key = device.signing_key();
  absl::StatusOr<identity::SignedStatement> made =
      identity::SignStatement({std::string(device.uri.authority()), registry_.NextSequence(signer),
                               now_ms_, std::move(body)},
                              {identity::SignerKind::kDevice, signer, key});
  MustBeOk(made.status());
  return *std::move(made);
}

absl::Status World::Log(const identity::LogEntry& entry) {
  const Bytes encoded = identity::EncodeLogEntry(entry);
  const absl::Status checked = registry_.Check(encoded);
  const absl::Status applied = registry_.Apply(encoded);
  if (checked != applied) MustBeOk(absl::InternalError("Check and Apply disagree"));
  if (applied.ok()) entries_.push_back(encoded);
  return applied;
}

identity::OfficeStated World::Office(const std::string& id, std::vector<std::string> networks) {
  return {.office_id = id,
          .name = {"Oficina " + id, "Office " + id},
          .networks = std::move(networks),
          .supervisor = "",
          .successor = "",
          .languages = {"en", "es"},
          .time_zone = "America/Tegucigalpa",
          .duty_phone = "+50400000001"};
}

void World::AddOffice(const std::string& id, std::vector<std::string> networks) {
  MustBeOk(
      LogStatement(std::string(identity::AuthorityOfOffice(id)), Office(id, std::move(networks))));
}

WorldDevice World::MakeDevice(const std::string& officer, const std::string& device) {
  identity::DeviceUri uri = *identity::DeviceUri::Create(officer, device);
  const std::string authority(uri.authority());
  PrivateKey tls_key = PrivateKey::Generate(KeyType::kP256, rng_);
  PrivateKey mls_key = PrivateKey::Generate(KeyType::kEd25519, rng_);
  const identity::Issuer issuer{ca(authority), ca_key(authority), now_ms_};
  identity::Certificate tls =
      *identity::IssueDeviceCertificate(*identity::MakeSigningRequest(uri, tls_key), issuer, rng_);
  identity::Certificate mls =
      *identity::IssueDeviceCertificate(*identity::MakeSigningRequest(uri, mls_key), issuer, rng_);
  return {std::move(uri), std::move(tls_key), std::move(mls_key), std::move(tls), std::move(mls)};
}

identity::DeviceEnrolled World::Enrolment(const WorldDevice& device,
                                          std::vector<std::string> offices,
                                          identity::RoleSet roles) {
  return {device.uri.text(), std::move(offices), roles,
          device.tls.der(),  device.mls.der(),   merkle::Hash{}};
}

WorldDevice World::AddDevice(const std::string& officer, const std::string& device,
                             std::vector<std::string> offices, identity::RoleSet roles) {
  WorldDevice made = MakeDevice(officer, device);
  MustBeOk(
      LogStatement(std::string(made.uri.authority()), Enrolment(made, std::move(offices), roles)));
  return made;
}

}  // namespace enlace::testing
