#include "plane/tree/listing/directory_cursors.h"

#include <algorithm>

namespace tp::plane {

uint64_t DirectoryCursors::cookie_of(BytesView name_key) const {
  const uint64_t cookie = sip_hash(key_, name_key) >> 1;
  return std::max(cookie, kFirstCookie);
}

void DirectoryCursors::remember(Page page) {
  auto given = std::make_shared<const Page>(std::move(page));
  std::lock_guard lock(mutex_);
  std::deque<PagePtr>& known = directories_[given->directory];
  // Clients that walk together ask for the same pages.
  if (!known.empty() && known.back()->begin == given->begin && known.back()->cookies == given->cookies) return;
  known.push_back(given);
  cookies_ += given->cookies.size();
  pages_.push_back(std::move(given));
  while (cookies_ > kMaxCookies && pages_.size() > 1) forget_oldest();
}

void DirectoryCursors::forget_oldest() {
  const PagePtr oldest = std::move(pages_.front());
  pages_.pop_front();
  cookies_ -= oldest->cookies.size();
  const auto directory = directories_.find(oldest->directory);
  directory->second.pop_front();
  if (directory->second.empty()) directories_.erase(directory);
}

std::optional<DirectoryCursors::Place> DirectoryCursors::find(FileId directory, uint64_t cookie) const {
  std::lock_guard lock(mutex_);
  const auto known = directories_.find(directory);
  if (known == directories_.end()) return std::nullopt;
  for (size_t i = known->second.size(); i-- > 0;) {
    const PagePtr& page = known->second[i];
    if (page->cookies.back() == cookie) return Place{page, page->cookies.size() - 1};
    const auto found = std::ranges::find(page->cookies, cookie);
    if (found != page->cookies.end()) return Place{page, static_cast<size_t>(found - page->cookies.begin())};
  }
  return std::nullopt;
}

}  // namespace tp::plane
