// Branching and reinitialisation: RFC 9420 sections 11.2 and 11.3.

#include <utility>

#include "crypto/mls/group_impl.h"
#include "crypto/mls/group_results.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

// Gives the one PSK that ties the new group to its former one, and what else the caller's store
// has.
class FormerPsk final : public PskStore {
 public:
  FormerPsk(PreSharedKeyId id, SecretBytes psk, const PskStore* rest)
      : id_(std::move(id)), psk_(std::move(psk)), rest_(rest) {}
  absl::StatusOr<SecretBytes> Find(const PreSharedKeyId& id) const override {
    if (id == id_) return psk_.Clone();
    if (rest_ == nullptr) return NotFound("a pre-shared key is not available");
    return rest_->Find(id);
  }

 private:
  PreSharedKeyId id_;
  SecretBytes psk_;
  const PskStore* rest_;
};

}  // namespace

absl::StatusOr<Subgroup> Group::CreateSubgroup(const SubgroupOptions& options,
                                               const ValidationRules& rules,
                                               crypto::Rng& rng) const {
  GroupConfig config{public_group().suite(), options.group_id, options.extensions};
  ResumptionPskUsage usage = ResumptionPskUsage::kBranch;
  if (options.kind == SubgroupKind::kReInit) {
    const std::optional<ReInit>& reinit = public_group().reinit();
    if (!reinit) return FailedPrecondition("the group was not reinitialised");
    if (reinit->version != kProtocolVersionMls10) {
      return MakeStatus(absl::StatusCode::kUnimplemented, "ReInit names another protocol version");
    }
    ENLACE_ASSIGN_OR_RETURN(config.suite, crypto::CipherSuite::FromId(reinit->cipher_suite));
    config.group_id = reinit->group_id;
    config.extensions = reinit->extensions;
    usage = ResumptionPskUsage::kReinit;
  } else {
    ENLACE_RETURN_IF_ERROR(impl_->CheckActive());
  }
  ENLACE_ASSIGN_OR_RETURN(SecretBytes psk, ResumptionPsk(epoch()));
  const PreSharedKeyId id = PreSharedKeyId::Resumption(usage, context().group_id, epoch(),
                                                       rng.PublicBytes(crypto::kHashBytes));
  ENLACE_ASSIGN_OR_RETURN(Group group, Create(config, options.creator, *options.key, rng));
  const FormerPsk psks(id, std::move(psk), options.commit.psks);
  CommitOptions commit = options.commit;
  for (const KeyPackage& member : options.members)
    commit.proposals.push_back(Proposal{Add{member}});
  commit.proposals.push_back(Proposal{PreSharedKey{id}});
  commit.psks = &psks;
  ENLACE_ASSIGN_OR_RETURN(CommitBundle bundle, group.Commit(commit, rules, rng));
  return Subgroup{std::move(group), std::move(bundle)};
}

}  // namespace enlace::mls
