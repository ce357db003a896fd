#include "plane/check/blob_bytes_check.h"
#include "plane/check/history_pass.h"
#include "plane/check/passes/blob_pass.h"
#include "plane/check/passes/inode_pass.h"
#include "plane/check/passes/tree_pass.h"
#include "plane/check/passes/upload_pass.h"
#include "plane/check/passes/volume_pass.h"
#include "plane/check/tier_check.h"
#include "plane/core/plane_impl.h"

namespace tp::plane {

namespace {

/// The checks of the records, one after another over one snapshot.
class RecordsCheck {
 public:
  RecordsCheck(kv::KvEngine& engine, FindingList& findings, bool read_data)
      : snapshot_(engine.snapshot()), view_(engine, kv::ReadMode::kAny, snapshot_.get()), findings_(findings),
        read_data_(read_data) {
    index_.view = [this, &engine](meta::LayerPtr layer) {
      return std::make_unique<meta::ReadView>(engine, kv::ReadMode::kAny, snapshot_.get(), std::move(layer));
    };
  }

  /// False when all is done. Blocking.
  Result<bool> step() {
    if (pass_ == nullptr && !begin_pass()) return false;
    TP_TRY(const bool more, pass_->step());
    if (!more) {
      end_pass();
      pass_.reset();
      ++next_;
    }
    return true;
  }

 private:
  bool begin_pass() {
    switch (next_) {
      case 0: pass_ = std::make_unique<VolumePass>(view_, findings_); break;
      case 1: pass_ = std::make_unique<HistoryPass>(view_, findings_, index_); break;
      case 2: pass_ = std::make_unique<TreePass>(view_, findings_, index_); break;
      case 3: pass_ = std::make_unique<InodePass>(view_, findings_, index_, read_data_); break;
      case 4: pass_ = std::make_unique<UploadPass>(view_, findings_); break;
      case 5: pass_ = std::make_unique<BlobPass>(view_, findings_); break;
      default: return false;
    }
    return true;
  }

  /// Every name is met once by its inode's number; those that no root leads to are not met by the walk of the trees.
  void end_pass() {
    if (const auto* tree = dynamic_cast<TreePass*>(pass_.get())) names_in_trees_ = tree->names_met();
    const auto* inodes = dynamic_cast<InodePass*>(pass_.get());
    if (inodes == nullptr || inodes->names_met() == names_in_trees_) return;
    // No root leads to what is left of a clone that is being freed.
    if (!index_.removed_clones.empty()) return;
    findings_.add("unreachable-names", "names",
                  std::to_string(inodes->names_met()) + " in all, " + std::to_string(names_in_trees_) +
                      " below the volumes' roots");
  }

  std::unique_ptr<kv::Snapshot> snapshot_;
  meta::ReadView view_;
  FindingList& findings_;
  TimeIndex index_;
  const bool read_data_;
  int next_ = 0;
  std::unique_ptr<CheckPass> pass_;
  uint64_t names_in_trees_ = 0;
};

void tell(const CheckOptions& options, FindingList& findings) {
  if (options.progress) options.progress(findings.totals());
}

Task<void> check_records(Core* core, const CheckOptions* options, FindingList* findings) {
  findings->totals().stage = "records";
  RecordsCheck check(core->meta.engine(), *findings, options->read_data);
  bool more = true;
  while (more) {
    auto step = [&] { return check.step(); };
    TP_CO_TRY(more, co_await core->runtime.pool().run(std::move(step)));
    tell(*options, *findings);
  }
  co_return ok;
}

}  // namespace

Task<CheckReport> PlaneImpl::check(CheckOptions options) {
  FindingList findings(options.findings_limit);
  TP_CO_TRY_VOID(co_await check_records(&core_, &options, &findings));
  if (options.read_data) {
    findings.totals().stage = "blobs";
    BlobBytesCheck bytes(core_, findings);
    bool more = true;
    while (more) {
      TP_CO_TRY(more, co_await bytes.step());
      tell(options, findings);
    }
    TP_CO_TRY_VOID(co_await check_tiers(core_, findings));
    findings.totals().stage = "engine";
    tell(options, findings);
    auto verify = [&] { return core_.meta.engine().verify(); };
    const auto verified = co_await core_.runtime.pool().run(std::move(verify));
    if (!verified) findings.add("corrupt-engine", "engine", verified.error().message);
  }
  co_return findings.take();
}

}  // namespace tp::plane
