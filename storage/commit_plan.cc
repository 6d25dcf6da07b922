#include "storage/commit_plan.h"

#include <algorithm>
#include <unordered_map>

namespace enlace::storage {
namespace {

// What the accepted transactions of a group leave, for the conditions of those after them.
class Overlay {
 public:
  void Add(const WriteBatch& batch) {
    batch.ForEach([this](const WriteBatch::Write& write) {
      ++order_;
      if (write.kind == WriteBatch::Kind::kDeleteRange) {
        ranges_.push_back({order_, {ToBytes(write.key), ToBytes(write.value)}});
      } else {
        const bool put = write.kind == WriteBatch::Kind::kPut;
        keys_[AsText(write.key)] = {order_, put, write.value};
      }
    });
  }

  // Whether the group decides `condition`, and how; nullopt when the group did not touch the key.
  std::optional<bool> Holds(const Condition& condition) const {
    const auto key = keys_.find(AsText(condition.key));
    uint64_t key_order = key == keys_.end() ? 0 : key->second.order;
    for (const Range& range : ranges_) {
      if (range.order > key_order && range.range.Contains(condition.key)) {
        return !condition.expected.has_value();
      }
    }
    if (key == keys_.end()) return std::nullopt;
    if (!key->second.put || !condition.expected) {
      return key->second.put == condition.expected.has_value();
    }
    return EqualBytes(key->second.value, *condition.expected);
  }

 private:
  struct Last {
    uint64_t order;
    bool put;
    BytesView value;
  };
  struct Range {
    uint64_t order;
    KeyRange range;
  };

  uint64_t order_ = 0;
  std::unordered_map<std::string_view, Last> keys_;
  std::vector<Range> ranges_;
};

absl::Status CheckWrite(const WriteBatch::Write& write) {
  if (write.kind == WriteBatch::Kind::kDeleteRange) {
    if (write.key.size() > kKeyBytesMax || write.value.size() > kKeyBytesMax) {
      return InvalidArgument("storage: an end of a range is longer than 1024 bytes");
    }
    return absl::OkStatus();
  }
  if (write.value.size() > kValueBytesMax) {
    return InvalidArgument("storage: a value is larger than 4 MiB");
  }
  return CheckKey(write.key);
}

absl::Status CheckItem(const CommitItem& item, bool puts_allowed) {
  if (item.conditions.size() > kConditionsMax) {
    return InvalidArgument("storage: more than 4096 conditions");
  }
  for (const Condition& condition : item.conditions) {
    ENLACE_RETURN_IF_ERROR(CheckKey(condition.key));
  }
  absl::Status status;
  item.writes->ForEach([&status](const WriteBatch::Write& write) {
    if (status.ok()) status = CheckWrite(write);
  });
  ENLACE_RETURN_IF_ERROR(status);
  if (!puts_allowed && !item.writes->allowed_on_full_disk()) {
    return MakeStatus(absl::StatusCode::kResourceExhausted, "storage: the disk is full");
  }
  return absl::OkStatus();
}

absl::Status CheckConditions(const CommitItem& item, const Overlay& overlay,
                             const ConditionCheck& holds) {
  for (const Condition& condition : item.conditions) {
    const std::optional<bool> in_group = overlay.Holds(condition);
    bool held = false;
    if (in_group) {
      held = *in_group;
    } else {
      ENLACE_ASSIGN_OR_RETURN(held, holds(condition));
    }
    if (!held) {
      return MakeStatus(absl::StatusCode::kAborted,
                        "storage: conflict, a key that was read has changed");
    }
  }
  return absl::OkStatus();
}

// One past the last item that has conditions: the overlay serves nobody after it.
size_t ConditionalEnd(std::span<const CommitItem> items) {
  size_t end = items.size();
  while (end > 0 && items[end - 1].conditions.empty()) --end;
  return end;
}

}  // namespace

absl::Status CheckKey(BytesView key) {
  if (key.empty()) return InvalidArgument("storage: a key is empty");
  if (key.size() > kKeyBytesMax) {
    return InvalidArgument("storage: a key is longer than 1024 bytes");
  }
  return absl::OkStatus();
}

absl::Status CheckScan(const ScanOptions& options) {
  if (options.rows_max == 0 || options.rows_max > kPageRowsMax) {
    return InvalidArgument("storage: a page has 1 to 1000 rows");
  }
  if (options.bytes_max > kPageBytesMax) {
    return InvalidArgument("storage: a page has at most 4 MiB");
  }
  return absl::OkStatus();
}

CommitPlan PlanCommit(std::span<const CommitItem> items, bool puts_allowed,
                      const ConditionCheck& holds) {
  CommitPlan plan;
  plan.results.resize(items.size());
  size_t group_bytes = 0;
  for (const CommitItem& item : items) group_bytes += item.writes->size_bytes();
  if (group_bytes > kGroupBytesMax) {
    plan.Settle(InvalidArgument("storage: a group is larger than 64 MiB"));
    return plan;
  }
  Overlay overlay;
  const size_t conditional_end = ConditionalEnd(items);
  for (size_t i = 0; i < items.size(); ++i) {
    absl::Status status = CheckItem(items[i], puts_allowed);
    if (status.ok()) status = CheckConditions(items[i], overlay, holds);
    if (status.ok() && !items[i].writes->empty()) {
      plan.accepted.push_back(items[i].writes);
      if (i + 1 < conditional_end) overlay.Add(*items[i].writes);
    }
    plan.results[i] = std::move(status);
  }
  return plan;
}

bool CommitPlan::AnyAccepted() const {
  return std::any_of(results.begin(), results.end(),
                     [](const absl::Status& result) { return result.ok(); });
}

void CommitPlan::Settle(const absl::Status& outcome) {
  for (absl::Status& result : results) {
    if (result.ok()) result = outcome;
  }
}

void PageBuilder::Add(BytesView key, BytesView value) {
  bytes_ += key.size() + value.size();
  page_.rows.push_back({ToBytes(key), ToBytes(value)});
}

Page PageBuilder::Finish(bool more) {
  if (more && !page_.rows.empty()) {
    const Bytes& last = page_.rows.back().key;
    page_.rest = range_;
    if (options_.order == Order::kForward) {
      page_.rest->begin = KeyAfter(last);
    } else {
      page_.rest->end = last;
    }
  }
  return std::move(page_);
}

}  // namespace enlace::storage
