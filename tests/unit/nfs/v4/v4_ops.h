// Ops: writes a COMPOUND's operations. V4Reply: takes its results apart.
#pragma once

#include <gtest/gtest.h>

#include <ostream>

#include "front/nfs/v4/attributes/bitmap.h"
#include "front/nfs/v4/wire_types.h"

namespace tp::nfs::v4 {

using state::StateId;

inline const char* const kVolume = "vol";

inline void PrintTo(Status status, std::ostream* out) { *out << "status " << static_cast<uint32_t>(status); }

/// Operations as they go into a COMPOUND. What a test wants to see done wrong it writes with x.
class Ops {
 public:
  wire::XdrWriter x;
  uint32_t count = 0;

  Ops& op(Op number) {
    x.u32(static_cast<uint32_t>(number));
    ++count;
    return *this;
  }
  Ops& u32(uint32_t value) { return x.u32(value), *this; }
  Ops& u64(uint64_t value) { return x.u64(value), *this; }
  Ops& opaque(BytesView value) { return x.opaque(value), *this; }
  Ops& stateid(const StateId& id) { return write_stateid(x, id), *this; }
  Ops& bitmap(const Bitmap& bitmap) { return bitmap.write(x), *this; }
  Ops& no_attributes() { return u32(0).u32(0); }
  Ops& mode(uint32_t value) { return bitmap({Attribute::kMode}).u32(4).u32(value); }
  Ops& size(uint64_t value) { return bitmap({Attribute::kSize}).u32(8).u64(value); }

  Ops& root() { return op(Op::kPutRootFh); }
  Ops& lookup(BytesView name) { return op(Op::kLookup).opaque(name); }
  /// PUTROOTFH and LOOKUPs: "vol/dir".
  Ops& path(std::string_view path) {
    root();
    while (!path.empty()) {
      const size_t end = std::min(path.find('/'), path.size());
      lookup(path.substr(0, end));
      path.remove_prefix(std::min(end + 1, path.size()));
    }
    return *this;
  }
  Ops& put_fh(BytesView handle) { return op(Op::kPutFh).opaque(handle); }
  Ops& get_fh() { return op(Op::kGetFh); }
  Ops& get_attr(const Bitmap& wanted) { return op(Op::kGetAttr).bitmap(wanted); }
  Ops& make_directory(BytesView name) {
    return op(Op::kCreate).u32(static_cast<uint32_t>(FileType::kDir)).opaque(name).mode(0755);
  }
  /// OPEN up to its openflag4.
  Ops& open_head(uint32_t access, uint32_t deny, BytesView owner) {
    return op(Op::kOpen).u32(0).u32(access).u32(deny).u64(0).opaque(owner);
  }
  Ops& open(BytesView name, uint32_t access = kShareAccessBoth, BytesView owner = "o", uint32_t deny = 0) {
    return open_head(access, deny, owner).u32(0).u32(0).opaque(name);
  }
  Ops& open_create(BytesView name, uint32_t access = kShareAccessBoth, BytesView owner = "o", uint32_t deny = 0) {
    open_head(access, deny, owner).u32(1).u32(static_cast<uint32_t>(CreateMode::kUnchecked)).mode(0644);
    return u32(static_cast<uint32_t>(Claim::kNull)).opaque(name);
  }
  Ops& close(const StateId& id = StateId::current()) { return op(Op::kClose).u32(0).stateid(id); }
  Ops& write(const StateId& id, uint64_t offset, BytesView data, uint32_t stable = 2) {
    return op(Op::kWrite).stateid(id).u64(offset).u32(stable).opaque(data);
  }
  Ops& read(const StateId& id, uint64_t offset, uint32_t bytes) {
    return op(Op::kRead).stateid(id).u64(offset).u32(bytes);
  }

  /// COMPOUND4args.
  Bytes compound(uint32_t minor = 2, BytesView tag = "") const {
    wire::XdrWriter out;
    out.opaque(tag);
    out.u32(minor);
    out.u32(count);
    out.fixed(x.view());
    return out.take();
  }
};

/// COMPOUND4res, taken apart result by result.
class V4Reply {
 public:
  V4Reply(bool answered, Bytes body) : answered_(answered), body_(std::move(body)), in_(BytesView(body_).substr(0)) {
    status = static_cast<Status>(in_.u32());
    tag = Bytes(in_.opaque(kOpaqueLimit));
    count = in_.u32();
  }
  V4Reply(const V4Reply& other) : V4Reply(other.answered_, other.body_) {}

  /// COMPOUND as such was taken: not garbage.
  bool answered() const { return answered_; }
  const Bytes& body() const { return body_; }
  wire::XdrReader& in() { return in_; }
  /// The next result's status; `in()` stands behind it.
  Status next(Op op) {
    EXPECT_EQ(in_.u32(), static_cast<uint32_t>(op));
    const auto result = static_cast<Status>(in_.u32());
    EXPECT_TRUE(in_.good());
    return result;
  }
  void skip_sequence() {
    ASSERT_EQ(next(Op::kSequence), Status::kOk);
    in_.fixed(kSessionIdBytes + 5 * sizeof(uint32_t));
  }

  Status status = Status::kOk;
  Bytes tag;
  uint32_t count = 0;

 private:
  bool answered_;
  Bytes body_;
  wire::XdrReader in_;
};

}  // namespace tp::nfs::v4
