// receipt: the proof that offices were notified, made and verified.

#include "client/cases/notification_proof.h"
#include "client/cli/commands.h"
#include "client/cli/sheet.h"
#include "client/cli/waiting.h"
#include "client/cli_common/exit_code.h"
#include "client/cli_common/text_file.h"
#include "client/enrolment/device_store.h"
#include "client/texts/time_format.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using nlohmann::json;

json JsonOfProof(const VerifiedProof& proof) {
  json notices = json::array();
  for (const ProvenNotice& one : proof.notices) {
    notices.push_back({{"office_id", one.office_id},
                       {"officer_id", one.officer_id},
                       {"acknowledged", one.acknowledged},
                       {"alert_ids", one.alert_ids},
                       {"digests", one.digests},
                       {"accepted_at", texts::Rfc3339(one.accepted_at_ms)}});
  }
  return {{"case_ref", proof.case_ref},
          {"charter_root", proof.charter_root},
          {"registry_entries", proof.registry_entries},
          {"head_at", texts::Rfc3339(proof.head_at_ms)},
          {"notices", notices}};
}

Page RenderProof(const VerifiedProof& proof, const Screen& screen) {
  Sheet sheet(screen);
  sheet.Text(std::string(screen.glyphs().tick) + " " +
             sheet.T("{case}: the proof holds", {{"case", proof.case_ref}}));
  for (const ProvenNotice& one : proof.notices) {
    const std::string when = TimeOf(sheet, one.accepted_at_ms);
    sheet.Text(
        one.acknowledged
            ? sheet.T("{office}: acknowledged by {officer}, {time}",
                      {{"office", one.office_id}, {"officer", one.officer_id}, {"time", when}})
            : sheet.T("{office}: delivered, {time}", {{"office", one.office_id}, {"time", when}}),
        2);
  }
  sheet.Text(sheet.T("Compare the charter's fingerprint: {root}", {{"root", proof.charter_root}}));
  return sheet.Take();
}

int Verify(App& app, const ReceiptOptions& options) {
  const absl::StatusOr<std::string> text = ReadWholeFile(options.verify);
  if (!text.ok()) return app.Fail(text.status());
  const absl::StatusOr<VerifiedProof> proof = VerifyProof(*text, options.charter_root);
  if (!proof.ok()) return app.Fail(proof.status());
  app.Show("receipt", RenderProof(*proof, app.MakeScreen()), JsonOfProof(*proof));
  return 0;
}

// The server's receipts from the agent, the rest from this profile's own copies.
absl::StatusOr<std::string> Collect(App& app, const OpenVault& open, const std::string& case_ref) {
  ENLACE_ASSIGN_OR_RETURN(const json answer,
                          app.Call("receipts", {{"case", case_ref}}, kSendTimeoutMs));
  ENLACE_ASSIGN_OR_RETURN(const DeviceIdentity identity, LoadDevice(*open.vault));
  ProofSources sources;
  sources.case_ref = case_ref;
  sources.charter_root = identity.pin.root;
  ENLACE_ASSIGN_OR_RETURN(const RegistryReplica* replica, open.registry->Replica());
  sources.head = replica->head();
  for (uint64_t index = 0; index < sources.head.head.size; ++index) {
    ENLACE_ASSIGN_OR_RETURN(Bytes entry, replica->EntryAt(index));
    sources.entries.push_back(std::move(entry));
  }
  for (const json& one : answer.at("receipts")) {
    const std::string hex = one.at("receipt");
    Bytes receipt(hex.size() / 2);
    if (!DecodeHex(hex, receipt)) return MakeError(Reason::kInternal);
    sources.receipts[one.at("sequence").get<uint64_t>()] = std::move(receipt);
  }
  return MakeProof(*open.vault, sources);
}

}  // namespace

int RunReceipt(App& app, const ReceiptOptions& options) {
  if (!options.verify.empty()) return Verify(app, options);
  if (options.case_text.empty() || options.out.empty()) {
    return app.Fail(
        MakeError(Reason::kUsage, {{"what", "CASE --out FILE"}, {"program", "enlace receipt"}}));
  }
  absl::StatusOr<OpenVault> open = app.Open();
  if (!open.ok()) return app.Fail(open.status());
  const absl::StatusOr<std::string> case_ref =
      open->reader->Resolve(options.case_text, app.now_ms());
  if (!case_ref.ok()) return app.Fail(case_ref.status());
  const absl::StatusOr<std::string> text = Collect(app, *open, *case_ref);
  if (!text.ok()) return app.Fail(text.status());
  // What is handed out is what was verified here first.
  const absl::StatusOr<VerifiedProof> proof = VerifyProof(*text, "");
  if (!proof.ok()) return app.Fail(proof.status());
  const absl::Status written = WriteWholeFile({options.out, /*replace=*/false}, AsBytes(*text));
  if (!written.ok()) return app.Fail(written);
  Page page = RenderProof(*proof, app.MakeScreen());
  page.next.push_back(
      app.console().T(ENLACE_TEXT("Whoever gets it checks it with: enlace receipt --verify {path}"),
                      {{"path", options.out}}));
  app.Show("receipt", page, JsonOfProof(*proof));
  return 0;
}

}  // namespace enlace::client
