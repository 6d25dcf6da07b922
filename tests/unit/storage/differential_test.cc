// Random histories, the same for every engine and for a model of a few lines that shares no code
// with them.
//
// ENLACE_STORAGE_SEEDS is the number of seeds (default 20), ENLACE_STORAGE_SEED replays one.
#include <cstdlib>
#include <map>
#include <random>

#include "gtest/gtest.h"
#include "tests/unit/storage/stores.h"

namespace enlace::storage {
namespace {

using Model = std::map<std::string, std::string>;

uint64_t NumberFromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct RandomTransaction {
  std::vector<Condition> conditions;
  WriteBatch writes;
};

class History {
 public:
  explicit History(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t end) { return random_() % end; }

  // Few and short keys, so that writes meet; zeros and high bytes among them.
  std::string Key() {
    std::string key(1 + Below(3), 0);
    for (char& c : key) c = std::array{'\0', 'a', 'b', '\x7f', '\x80', '\xff'}[Below(6)];
    return key;
  }

  KeyRange Range() {
    std::string begin = Below(5) == 0 ? "" : Key();
    std::string end = Below(5) == 0 ? "" : Key();
    return {ToBytes(begin), ToBytes(end)};
  }

  std::string Value() {
    return std::string(Below(4) == 0 ? Below(3000) : Below(4), static_cast<char>('0' + Below(3)));
  }

  RandomTransaction Transaction(const Model& model) {
    RandomTransaction out;
    for (uint64_t left = Below(3); left > 0; --left) {
      const std::string key = Key();
      const auto at = model.find(key);
      // Mostly true of the store as it is, so that neither outcome is rare.
      std::optional<Bytes> expected;
      if (Below(4) == 0) {
        expected = ToBytes(Value());
      } else if (at != model.end()) {
        expected = ToBytes(at->second);
      }
      out.conditions.push_back({ToBytes(key), std::move(expected)});
    }
    for (uint64_t left = Below(5); left > 0; --left) {
      const uint64_t kind = Below(10);
      if (kind < 7) {
        out.writes.Put(AsBytes(Key()), AsBytes(Value()));
      } else if (kind < 9) {
        out.writes.Delete(AsBytes(Key()));
      } else {
        out.writes.DeleteRange(Range());
      }
    }
    return out;
  }

 private:
  std::mt19937_64 random_;
};

bool ModelCommit(Model& model, const RandomTransaction& transaction) {
  for (const Condition& condition : transaction.conditions) {
    const auto at = model.find(ToText(condition.key));
    if ((at != model.end()) != condition.expected.has_value()) return false;
    if (at != model.end() && at->second != ToText(*condition.expected)) return false;
  }
  transaction.writes.ForEach([&model](const WriteBatch::Write& write) {
    if (write.kind == WriteBatch::Kind::kPut) {
      model[ToText(write.key)] = ToText(write.value);
    } else if (write.kind == WriteBatch::Kind::kDelete) {
      model.erase(ToText(write.key));
    } else {
      const KeyRange range{ToBytes(write.key), ToBytes(write.value)};
      std::erase_if(model, [&](const auto& row) { return range.Contains(AsBytes(row.first)); });
    }
  });
  return true;
}

using Rows = std::vector<std::pair<std::string, std::string>>;

Rows ModelRows(const Model& model, const KeyRange& range, Order order) {
  Rows rows;
  for (const auto& row : model) {
    if (range.Contains(AsBytes(row.first))) rows.push_back(row);
  }
  if (order == Order::kReverse) std::reverse(rows.begin(), rows.end());
  return rows;
}

Rows EngineRows(const ReadView& view, KeyRange range, const ScanOptions& options) {
  Rows rows;
  for (std::optional<KeyRange> rest = std::move(range); rest;) {
    absl::StatusOr<Page> page = view.Scan(*rest, options);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return rows;
    for (const Row& row : page->rows) rows.emplace_back(ToText(row.key), ToText(row.value));
    rest = std::move(page->rest);
  }
  return rows;
}

class Differential : public ::testing::TestWithParam<StoreKind> {
 protected:
  void Start(uint64_t seed) {
    history_.emplace(seed);
    model_.clear();
    snapshot_.reset();
    engine_.reset();
    store_ = GetParam().make();
    Open();
  }

  void Open() {
    absl::StatusOr<std::unique_ptr<Engine>> opened = store_->Open();
    ASSERT_TRUE(opened.ok()) << opened.status();
    engine_ = std::move(*opened);
  }

  void CommitRandomGroup() {
    std::vector<RandomTransaction> transactions;
    std::vector<CommitItem> items;
    for (uint64_t left = 1 + history_->Below(4); left > 0; --left) {
      transactions.push_back(history_->Transaction(model_));
    }
    for (const RandomTransaction& t : transactions) items.push_back({t.conditions, &t.writes});
    const Durability durability =
        history_->Below(8) == 0 ? Durability::kSynced : Durability::kBuffered;
    const std::vector<absl::Status> results = engine_->CommitGroup(items, durability);
    ASSERT_EQ(results.size(), transactions.size());
    for (size_t i = 0; i < transactions.size(); ++i) {
      const bool committed = ModelCommit(model_, transactions[i]);
      committed_ += committed ? 1 : 0;
      aborted_ += committed ? 0 : 1;
      ASSERT_EQ(results[i].code(), committed ? absl::StatusCode::kOk : absl::StatusCode::kAborted);
    }
  }

  void CompareRandomRange(const ReadView& view, const Model& model) {
    const KeyRange range = history_->Range();
    ScanOptions options;
    options.order = history_->Below(2) == 0 ? Order::kForward : Order::kReverse;
    options.rows_max = 1 + history_->Below(20);
    ASSERT_EQ(EngineRows(view, range, options), ModelRows(model, range, options.order));
    const std::string key = history_->Key();
    const auto at = model.find(key);
    ASSERT_EQ(TextAt(view, key), at == model.end() ? "(absent)" : at->second);
  }

  void TakeSnapshot() {
    absl::StatusOr<std::unique_ptr<Snapshot>> snapshot = engine_->NewSnapshot();
    ASSERT_TRUE(snapshot.ok());
    snapshot_ = std::move(*snapshot);
    snapshot_model_ = model_;
  }

  void Reopen() {
    snapshot_.reset();
    ASSERT_TRUE(engine_->Close().ok());
    engine_.reset();
    Open();
  }

  void Step() {
    const uint64_t kind = history_->Below(100);
    if (kind < 60) return CommitRandomGroup();
    if (kind < 85) return CompareRandomRange(*engine_, model_);
    if (kind < 94 && snapshot_) return CompareRandomRange(*snapshot_, snapshot_model_);
    if (kind < 97) return TakeSnapshot();
    if (kind < 98) return snapshot_.reset();
    if (kind < 99) {
      ASSERT_TRUE(engine_->Compact(history_->Range()).ok());
      return;
    }
    Reopen();
  }

  std::optional<History> history_;
  Model model_;
  Model snapshot_model_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Snapshot> snapshot_;
  int committed_ = 0;
  int aborted_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Engines, Differential, ::testing::ValuesIn(AllStores()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(Differential, RandomHistories_AgreeWithTheModel) {
  const uint64_t only = NumberFromEnvironment("ENLACE_STORAGE_SEED", 0);
  const uint64_t seeds = only != 0 ? 1 : NumberFromEnvironment("ENLACE_STORAGE_SEEDS", 20);
  for (uint64_t i = 0; i < seeds; ++i) {
    const uint64_t seed = only != 0 ? only : i + 1;
    SCOPED_TRACE("ENLACE_STORAGE_SEED=" + std::to_string(seed));
    ASSERT_NO_FATAL_FAILURE(Start(seed));
    for (int step = 0; step < 600; ++step) ASSERT_NO_FATAL_FAILURE(Step());
    ASSERT_NO_FATAL_FAILURE(Reopen());
    ASSERT_EQ(EngineRows(*engine_, {}, {}), ModelRows(model_, {}, Order::kForward));
  }
  // A history in which one outcome hardly happens tests nothing.
  EXPECT_GT(committed_, 100);
  EXPECT_GT(aborted_, 100);
}

TEST(MemoryCrash, RandomHistories_LeaveExactlyWhatWasSynced) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    History history(seed);
    const std::shared_ptr<MemoryDisk> disk = NewMemoryDisk();
    std::unique_ptr<Engine> engine = *OpenMemoryEngine(disk);
    std::unique_ptr<Snapshot> snapshot;
    Model model;
    Model synced;
    for (int step = 0; step < 500; ++step) {
      const RandomTransaction transaction = history.Transaction(model);
      const bool sync = history.Below(4) == 0;
      const absl::Status status =
          engine->CommitIf(transaction.conditions, transaction.writes,
                           sync ? Durability::kSynced : Durability::kBuffered);
      ASSERT_EQ(status.ok(), ModelCommit(model, transaction));
      // A group that wrote nothing syncs nothing when its conditions did not hold.
      if (sync && status.ok()) synced = model;
      if (history.Below(10) == 0) snapshot = *engine->NewSnapshot();
      if (history.Below(20) > 0) continue;
      disk->Crash();
      engine = *OpenMemoryEngine(disk);
      model = synced;
      ASSERT_EQ(EngineRows(*engine, {}, {}), ModelRows(model, {}, Order::kForward));
    }
    snapshot.reset();
    ASSERT_TRUE(engine->Commit({}, Durability::kSynced).ok());
    uint64_t row_bytes = 0;
    for (const auto& [key, value] : model) row_bytes += key.size() + value.size();
    ASSERT_EQ(engine->Health()->stored_bytes, row_bytes) << "a version that nobody sees was kept";
  }
}

}  // namespace
}  // namespace enlace::storage
