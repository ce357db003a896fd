#include "blob/codec/erasure_code.h"

#include <isa-l/erasure_code.h>

#include <algorithm>
#include <array>

#include "base/check.h"

namespace tp::blob {

namespace {

constexpr size_t kTableBytes = 32;  // isa-l's, of one coefficient

unsigned char* bytes_of(const char* piece) {
  return reinterpret_cast<unsigned char*>(const_cast<char*>(piece));  // isa-l's sources are not const
}

void multiply(size_t size, unsigned columns, unsigned rows, const std::vector<unsigned char>& tables,
              std::span<const char* const> sources, std::span<char* const> out) {
  std::array<unsigned char*, kMaxPieces> from{}, to{};
  for (unsigned i = 0; i < columns; ++i) from[i] = bytes_of(sources[i]);
  for (unsigned i = 0; i < rows; ++i) to[i] = bytes_of(out[i]);
  ec_encode_data(static_cast<int>(size), static_cast<int>(columns), static_cast<int>(rows),
                 const_cast<unsigned char*>(tables.data()), from.data(), to.data());
}

}  // namespace

ErasureCode::ErasureCode(unsigned data, unsigned parity)
    : data_(data), parity_(parity), matrix_(size_t{data + parity} * data), tables_(kTableBytes * data * parity) {
  TP_CHECK(data >= 1 && data + parity <= kMaxPieces);
  gf_gen_cauchy1_matrix(matrix_.data(), static_cast<int>(data + parity), static_cast<int>(data));
  if (parity > 0) {
    ec_init_tables(static_cast<int>(data), static_cast<int>(parity), matrix_.data() + size_t{data} * data,
                   tables_.data());
  }
}

void ErasureCode::encode(size_t size, std::span<char* const> pieces) const {
  TP_CHECK(pieces.size() == data_ + parity_);
  if (parity_ == 0 || size == 0) return;
  std::array<const char*, kMaxPieces> sources{};
  for (unsigned i = 0; i < data_; ++i) sources[i] = pieces[i];
  multiply(size, data_, parity_, tables_, std::span(sources.data(), data_), pieces.subspan(data_));
}

Result<void> ErasureCode::reconstruct(size_t size, std::span<const unsigned> from, std::span<const char* const> sources,
                                      std::span<const unsigned> wanted, std::span<char* const> out) const {
  if (from.size() != data_ || sources.size() != data_ || wanted.size() != out.size()) {
    return fail(Code::kInternal, "erasure code: the wrong number of pieces");
  }
  if (wanted.empty() || size == 0) return ok;
  std::vector<unsigned char> chosen(size_t{data_} * data_), inverse(chosen.size());
  for (unsigned row = 0; row < data_; ++row) {
    if (from[row] >= data_ + parity_) return fail(Code::kInternal, "erasure code: no such slot");
    std::copy_n(matrix_.data() + size_t{from[row]} * data_, data_, chosen.data() + size_t{row} * data_);
  }
  if (gf_invert_matrix(chosen.data(), inverse.data(), static_cast<int>(data_)) != 0) {
    return fail(Code::kInternal, "erasure code: a slot was named twice");
  }
  // A slot's row times the inverse gives it from the sources.
  std::vector<unsigned char> rows(wanted.size() * data_, 0);
  for (size_t w = 0; w < wanted.size(); ++w) {
    if (wanted[w] >= data_ + parity_) return fail(Code::kInternal, "erasure code: no such slot");
    for (unsigned column = 0; column < data_; ++column) {
      unsigned char sum = 0;
      for (unsigned i = 0; i < data_; ++i) {
        sum ^= gf_mul(matrix_[size_t{wanted[w]} * data_ + i], inverse[size_t{i} * data_ + column]);
      }
      rows[w * data_ + column] = sum;
    }
  }
  std::vector<unsigned char> tables(kTableBytes * data_ * wanted.size());
  ec_init_tables(static_cast<int>(data_), static_cast<int>(wanted.size()), rows.data(), tables.data());
  multiply(size, data_, static_cast<unsigned>(wanted.size()), tables, sources, out);
  return ok;
}

}  // namespace tp::blob
