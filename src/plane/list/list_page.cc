#include "plane/list/list_page.h"

#include <algorithm>

#include "meta/keys.h"
#include "plane/list/inode_batch.h"
#include "plane/list/tree_walker.h"

namespace tp::plane {

namespace {

class PageBuilder {
 public:
  PageBuilder(meta::ReadView& view, InodeId root, const ListQuery& query)
      : view_(view), query_(query), walker_(view, root), limit_(std::min(query.max_entries, kMaxListEntries)) {}

  Result<ListPage> build() {
    if (limit_ == 0) return std::move(page_);
    TP_TRY(const bool starts, seek_start());
    while (starts && walker_.valid() && walker_.path().starts_with(query_.prefix)) {
      TP_TRY(const bool more, visit());
      if (!more) break;
    }
    TP_TRY_VOID(fill_objects(view_, inodes_, page_.objects));
    return std::move(page_);
  }

 private:
  /// False if nothing can come after `after`.
  Result<bool> seek_start() {
    Bytes target = query_.prefix;
    if (query_.after_is_prefix && !query_.after.empty()) {
      Bytes past = successor_of_prefix(query_.after);
      if (past.empty()) return false;
      target = std::max(std::move(past), target);
    } else if (query_.after >= query_.prefix && !query_.after.empty()) {
      target = query_.after + '\0';
    }
    TP_TRY_VOID(walker_.seek(target));
    return true;
  }

  /// Looks at the walker's name and moves it on; false ends the page.
  Result<bool> visit() {
    if (walker_.directory() && !walker_.implicit()) {
      TP_TRY(const bool live, has_live_children(view_, walker_.inode()));
      if (!live) {
        TP_TRY_VOID(walker_.next());
        return true;
      }
    }
    const size_t group = group_size();
    if (group != 0) return visit_group(group);
    if (walker_.directory()) {
      TP_TRY_VOID(walker_.descend());
      return true;
    }
    if (full()) return false;
    ListedObject& object = page_.objects.emplace_back();
    object.key = walker_.path();
    if (walker_.listed().empty()) {
      inodes_.push_back(walker_.inode());
    } else {
      TP_TRY_VOID(fill_object(walker_.listed(), object));
      inodes_.emplace_back();
    }
    page_.last = walker_.path();
    page_.last_is_prefix = false;
    TP_TRY_VOID(walker_.next());
    return true;
  }

  Result<bool> visit_group(size_t size) {
    if (full()) return false;
    page_.last = walker_.path().substr(0, size);
    page_.last_is_prefix = true;
    page_.common_prefixes.push_back(page_.last);
    if (walker_.directory() && walker_.path().size() == size) {
      TP_TRY_VOID(walker_.next());
      return true;
    }
    const Bytes past = successor_of_prefix(page_.last);
    if (past.empty()) return false;
    TP_TRY_VOID(walker_.seek(past));
    return true;
  }

  bool full() {
    page_.truncated = page_.objects.size() + page_.common_prefixes.size() >= limit_;
    return page_.truncated;
  }

  /// The length of the common prefix that the walker's name belongs to, 0 if to none. A directory that does not hold
  /// the whole delimiter belongs to none: what is in it may.
  size_t group_size() const {
    if (query_.delimiter.empty()) return 0;
    const size_t found = walker_.path().find(query_.delimiter, query_.prefix.size());
    return found == BytesView::npos ? 0 : found + query_.delimiter.size();
  }

  meta::ReadView& view_;
  const ListQuery& query_;
  TreeWalker walker_;
  const uint32_t limit_;
  ListPage page_;
  std::vector<InodeId> inodes_;  // of page_.objects; none where the name has told all
};

}  // namespace

Result<ListPage> list_page(meta::ReadView& view, InodeId root, const ListQuery& query) {
  return PageBuilder(view, root, query).build();
}

Bytes successor_of_prefix(BytesView prefix) {
  Bytes next(prefix);
  while (!next.empty() && next.back() == '\xff') next.pop_back();
  if (!next.empty()) next.back() = static_cast<char>(static_cast<uint8_t>(next.back()) + 1);
  return next;
}

}  // namespace tp::plane
