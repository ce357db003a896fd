// READDIR, READDIRPLUS: RFC 1813 §3.3.16, §3.3.17. An answer is built of pages of the plane that are sure to fit, so
// that the next call goes on where a page ended, which the plane finds at once.
#include <algorithm>

#include "front/nfs/v3/procedures.h"
#include "plane/tree/snapshots/snapshot_ids.h"

namespace tp::nfs::v3 {

namespace {

constexpr uint64_t kDotCookie = 1, kDotDotCookie = 2;  // the plane's begin behind them
// Cookies stay good however the directory changes: there is one verifier.
constexpr uint64_t kVerifier = 0x7470646972733031;
constexpr size_t kAttributesBytes = 4 + 84;            // post_op_attr
constexpr size_t kHandleBytes = 4 + 4 + HandleCodec::kHandleBytes;
// Around the entries: the directory's attributes, the verifier, the list's end, eof.
constexpr size_t kFrameBytes = kAttributesBytes + 8 + 4 + 4;
// A further page is asked for only if it may add this part of what is there.
constexpr size_t kWorthwhilePart = 16;

struct Question {
  BytesView directory;
  uint64_t cookie = 0, verifier = 0;
  uint32_t name_bytes = 0;     // dircount: names, ids and cookies, at most
  uint32_t max_bytes = 0;      // of the results behind the status
  bool plus = false;
};

/// A part of an entry: follows, fileid, name, cookie.
size_t name_part_bytes(size_t name_size) { return 4 + 8 + 4 + name_size + wire::xdr_padding(name_size) + 8; }

/// The entries of one answer, which never exceed its limits.
class Listing {
 public:
  explicit Listing(const Question& question)
      : bytes_left_(question.max_bytes < kFrameBytes ? 0 : question.max_bytes - kFrameBytes),
        names_left_(question.name_bytes),
        further_bytes_(question.plus ? kAttributesBytes + kHandleBytes : 0) {}

  bool add(plane::DirectoryEntry entry) {
    const size_t name_part = name_part_bytes(entry.name.size());
    const size_t all = name_part + further_bytes_;
    // The first entry goes over dircount, which is a hint, rather than that the client never gets on.
    if (all > bytes_left_ || (name_part > names_left_ && !entries_.empty())) return false;
    bytes_left_ -= all;
    names_left_ -= std::min(names_left_, name_part);
    entries_.push_back(std::move(entry));
    return true;
  }
  /// How many entries fit whatever their names.
  size_t sure_entries() const {
    const size_t name_part = name_part_bytes(plane::kMaxNameBytes);
    return std::min(bytes_left_ / (name_part + further_bytes_), names_left_ / name_part);
  }
  const std::vector<plane::DirectoryEntry>& entries() const { return entries_; }

  plane::FileAttributes directory;
  bool end = false;

 private:
  size_t bytes_left_, names_left_;
  const size_t further_bytes_;
  std::vector<plane::DirectoryEntry> entries_;
};

plane::DirectoryEntry dot_entry(const char* name, uint64_t cookie, const plane::FileAttributes& attributes) {
  plane::DirectoryEntry entry;
  entry.name = name;
  entry.cookie = cookie;
  entry.attributes = attributes;
  return entry;
}

/// "." and ".." as far as they are asked for; false if the answer is full before their end.
Task<bool> add_dots(V3Call& call, uint64_t cookie, Listing* listing) {
  const plane::FileAttributes itself = listing->directory;
  if (cookie < kDotCookie && !listing->add(dot_entry(".", kDotCookie, itself))) co_return false;
  if (cookie >= kDotDotCookie) co_return true;
  // Who may read the directory may see its "..", whether he may search it or not.
  plane::FileCaller anybody;
  anybody.super_user = true;
  const auto above = co_await call.files().parent(std::move(anybody), itself.file);
  co_return listing->add(dot_entry("..", kDotDotCookie, above ? *above : itself));
}

Task<Listing> list(V3Call& call, Question question) {
  TP_CO_TRY(const Target directory, call.target(question.directory));
  if (question.cookie != 0 && question.verifier != 0 && question.verifier != kVerifier) {
    co_return fail3(Status3::kBadCookie, "a verifier that was never given");
  }
  Listing listing(question);
  bool fits = true, first = true;
  uint64_t after = question.cookie <= kDotDotCookie ? 0 : question.cookie;
  while (fits && !listing.end) {
    const size_t wanted = listing.sure_entries();
    if (!first && (wanted == 0 || wanted < listing.entries().size() / kWorthwhilePart)) break;
    auto page = co_await call.files().read_directory(directory.caller, directory.file, after,
                                                     static_cast<uint32_t>(std::max<size_t>(wanted, 1)), question.plus);
    if (!page) co_return std::unexpected(std::move(page).error());
    listing.directory = page->directory;
    if (first) {
      TP_CO_TRY(fits, co_await add_dots(call, question.cookie, &listing));
    }
    first = false;
    for (plane::DirectoryEntry& entry : page->entries) {
      if (!fits) break;
      const uint64_t cookie = entry.cookie;
      fits = listing.add(std::move(entry));
      if (fits) after = cookie;
    }
    listing.end = fits && page->end;
    if (page->entries.empty()) break;
  }
  if (listing.entries().empty() && !listing.end) co_return fail3(Status3::kTooSmall, "no entry fits");
  co_return listing;
}

Task<void> answer(V3Call& call, Question question) {
  question.max_bytes = std::min(question.max_bytes, kMaxIoBytes);
  auto listed = co_await list(call, question);
  // A frame that does not fit is no answer either, though the directory be at its end.
  if (listed && question.max_bytes < kFrameBytes) listed = fail3(Status3::kTooSmall, "no entry fits");
  call.write_status_of(listed);
  if (!listed) co_return co_await call.write_attributes_now(question.directory);
  wire::XdrWriter& out = call.out();
  call.write_present_attributes(listed->directory);
  out.u64(kVerifier);
  for (const plane::DirectoryEntry& entry : listed->entries()) {
    out.boolean(true);
    out.u64(plane::shown_file_number(entry.attributes.file));
    out.opaque(entry.name);
    out.u64(entry.cookie);
    if (!question.plus) continue;
    call.write_present_attributes(entry.attributes);
    call.write_present_handle(entry.attributes.file);
  }
  out.boolean(false);
  out.boolean(listed->end);
  co_return ok;
}

}  // namespace

Task<void> read_directory(V3Call& call) {
  Question question;
  question.directory = call.read_handle();
  question.cookie = call.in().u64();
  question.verifier = call.in().u64();
  question.max_bytes = call.in().u32();
  question.name_bytes = UINT32_MAX;
  TP_CO_TRY_VOID(call.in().status("READDIR"));
  co_return co_await answer(call, question);
}

Task<void> read_directory_plus(V3Call& call) {
  Question question;
  question.plus = true;
  question.directory = call.read_handle();
  question.cookie = call.in().u64();
  question.verifier = call.in().u64();
  question.name_bytes = call.in().u32();
  question.max_bytes = call.in().u32();
  TP_CO_TRY_VOID(call.in().status("READDIRPLUS"));
  co_return co_await answer(call, question);
}

}  // namespace tp::nfs::v3
