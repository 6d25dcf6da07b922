#include "server/core/server_log.h"

#include <algorithm>

#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

using store::v1::ServerChain;
using store::v1::ServerLogRow;

std::optional<storage::ChainHead> HeadOf(const ServerChain& chain) {
  if (chain.server_sequence() == 0) return std::nullopt;
  storage::ChainHead head;
  head.generation = chain.generation();
  head.sequence = chain.server_sequence();
  std::copy_n(AsBytes(chain.head()).begin(), std::min(head.hash.size(), chain.head().size()),
              head.hash.begin());
  return head;
}

}  // namespace

absl::StatusOr<ServerPlaces> ReadServerPlaces(const storage::Row& row) {
  storage::KeyReader key(row.key);
  ENLACE_RETURN_IF_ERROR(key.Space().status());
  ServerPlaces places;
  ENLACE_ASSIGN_OR_RETURN(places.last, key.U64());
  ENLACE_ASSIGN_OR_RETURN(places.row, ParseRecord<ServerLogRow>(row.key, row.value));
  const size_t bytes = places.row.heads().size();
  const uint64_t count = bytes / merkle::kHashBytes;
  if (count == 0 || bytes % merkle::kHashBytes != 0 || count > places.last)
    return DamagedRecord(row.key);
  places.first = places.last - count + 1;
  return places;
}

merkle::Hash ServerPlaces::HeadAt(uint64_t server_sequence) const {
  merkle::Hash head{};
  const BytesView heads = AsBytes(row.heads());
  std::copy_n(heads.begin() + static_cast<std::ptrdiff_t>((server_sequence - first) * head.size()),
              head.size(), head.begin());
  return head;
}

absl::StatusOr<std::optional<merkle::Hash>> ServerHeadAt(const storage::ReadView& view,
                                                         uint64_t server_sequence) {
  // The first row that ends there or later holds the place, if any does.
  const storage::KeyRange range = {keys::ServerLog(server_sequence),
                                   storage::PrefixRange(keys::All(keys::kServerLog)).end};
  ENLACE_ASSIGN_OR_RETURN(const auto row, FirstRow(view, range));
  if (!row) return std::optional<merkle::Hash>();
  ENLACE_ASSIGN_OR_RETURN(const ServerPlaces places, ReadServerPlaces(*row));
  if (server_sequence < places.first) return std::optional<merkle::Hash>();
  return std::optional<merkle::Hash>(places.HeadAt(server_sequence));
}

absl::Status ServerLog::Load() {
  ENLACE_ASSIGN_OR_RETURN(const auto stored, ReadRecord<ServerChain>(store_, keys::ServerChain()));
  chain_ = stored.value_or(ServerChain());
  if (chain_.server_sequence() != 0 && chain_.head().size() != merkle::kHashBytes) {
    return DamagedRecord(keys::ServerChain());
  }
  before_operation_ = chain_;
  dirty_ = false;
  heads_.clear();
  kept_heads_bytes_ = 0;
  return absl::OkStatus();
}

absl::Status ServerLog::CompareWith(const std::optional<storage::ChainHead>& mark,
                                    bool declare_loss, int64_t now_ms) {
  const auto lookup =
      [this](uint64_t sequence) -> absl::StatusOr<std::optional<storage::ChainHead>> {
    ENLACE_ASSIGN_OR_RETURN(const auto head, ServerHeadAt(store_, sequence));
    if (!head) return std::optional<storage::ChainHead>();
    storage::ChainHead found;
    // The chain's hash fixes the generation: rows don't repeat it.
    found.sequence = sequence;
    found.hash = *head;
    return std::optional<storage::ChainHead>(found);
  };
  std::optional<storage::ChainHead> newest = HeadOf(chain_);
  auto compared = storage::CompareWithHighWater(
      mark, newest, [&](uint64_t sequence) -> absl::StatusOr<std::optional<storage::ChainHead>> {
        ENLACE_ASSIGN_OR_RETURN(auto found, lookup(sequence));
        if (found && mark) found->generation = mark->generation;
        return found;
      });
  if (!declare_loss) {
    return compared.code() == absl::StatusCode::kDataLoss
               ? MakeError(Reason::kStorageDamaged, {{"what", std::string(MessageOf(compared))}})
               : compared;
  }
  if (!compared.ok() && compared.code() != absl::StatusCode::kDataLoss) return compared;
  DeclareLoss(mark, now_ms);
  return absl::OkStatus();
}

void ServerLog::DeclareLoss(const std::optional<storage::ChainHead>& mark, int64_t now_ms) {
  const uint64_t base_before =
      chain_.losses().empty() ? 0 : chain_.losses(chain_.losses_size() - 1).cursor_base();
  store::v1::DeclaredLoss& loss = *chain_.add_losses();
  loss.set_server_sequence(chain_.server_sequence());
  loss.set_expected_sequence(mark ? mark->sequence : 0);
  loss.set_declared_at_ms(static_cast<uint64_t>(now_ms));
  // By the clock, because nothing in a store that was restored twice tells the two restores apart.
  loss.set_cursor_base(
      std::max(static_cast<uint64_t>(now_ms) << kCursorsPerMsBits, base_before + 1));
  dirty_ = true;
}

std::vector<uint64_t> CursorBases(const ServerChain& chain) {
  std::vector<uint64_t> bases;
  for (const store::v1::DeclaredLoss& loss : chain.losses()) {
    if (loss.cursor_base() != 0) bases.push_back(loss.cursor_base());
  }
  return bases;
}

absl::Status CheckMark(const storage::ReadView& view,
                       const std::optional<storage::ChainHead>& mark) {
  GroupOverlay overlay(view);
  ServerLog log(overlay);
  ENLACE_RETURN_IF_ERROR(log.Load());
  return log.CompareWith(mark, /*declare_loss=*/false, /*now_ms=*/0);
}

room::ServerHead ServerLog::head() const {
  room::ServerHead head;
  head.server_sequence = chain_.server_sequence();
  if (head.server_sequence != 0)
    std::copy_n(AsBytes(chain_.head()).begin(), head.head.size(), head.head.begin());
  return head;
}

void ServerLog::Advance(const room::ServerHead& to) {
  chain_.set_server_sequence(to.server_sequence);
  chain_.set_head(BytesField(to.head));
  dirty_ = true;
}

absl::Status ServerLog::StartGeneration(int64_t now_ms, crypto::Rng& rng) {
  const room::GenerationRecord record =
      room::NextGeneration(chain_.generation() + 1, head(), now_ms, rng);
  room::ServerHead after;
  ENLACE_RETURN_IF_ERROR(room::AdvanceServerHead(head(), record, after));
  chain_.set_generation(record.generation);
  chain_.set_generation_random(BytesField(record.random));
  Advance(after);
  ServerLogRow row;
  row.set_heads(BytesField(after.head));
  row.set_generation_record(BytesField(room::EncodeGenerationRecord(record)));
  WriteRecord(store_, keys::ServerLog(after.server_sequence), row);
  store::v1::GenerationRow start;
  start.set_generation(record.generation);
  start.set_server_sequence(after.server_sequence);
  WriteRecord(store_, keys::Generation(record.random), start);
  return absl::OkStatus();
}

ChainedHeader ServerLog::Append(room::LogHeader& header) {
  const room::ServerHead before = head();
  header.server_sequence = before.server_sequence + 1;
  header.previous_server_head = before.head;
  room::ServerHead after;
  after.server_sequence = header.server_sequence;
  ChainedHeader out;
  out.encoded = room::EncodeLogHeader(header);
  out.head = room::EncodedLogHeaderHash(out.encoded);
  after.head = out.head;
  Advance(after);
  heads_.insert(heads_.end(), after.head.begin(), after.head.end());
  return out;
}

void ServerLog::KeepOperation() {
  before_operation_ = chain_;
  kept_heads_bytes_ = heads_.size();
}

void ServerLog::DropOperation() {
  chain_ = before_operation_;
  heads_.resize(kept_heads_bytes_);
}

void ServerLog::WritePlaces() {
  uint64_t place = chain_.server_sequence() - heads_.size() / merkle::kHashBytes;
  BytesView rest = heads_;
  while (!rest.empty()) {
    const BytesView part = rest.first(std::min(rest.size(), kPlacesOfRowMax * merkle::kHashBytes));
    place += part.size() / merkle::kHashBytes;
    ServerLogRow row;
    row.set_heads(BytesField(part));
    WriteRecord(store_, keys::ServerLog(place), row);
    rest = rest.subspan(part.size());
  }
  heads_.clear();
  kept_heads_bytes_ = 0;
}

void ServerLog::Flush() {
  if (!dirty_) return;
  WritePlaces();
  WriteRecord(store_, keys::ServerChain(), chain_);
  dirty_ = false;
}

void ServerLog::GroupCommitted() {
  before_operation_ = chain_;
  const std::lock_guard lock(mutex_);
  durable_ = HeadOf(chain_);
}

std::optional<storage::ChainHead> ServerLog::durable() const {
  const std::lock_guard lock(mutex_);
  return durable_;
}

}  // namespace enlace::server
