// Result<T>: a value or an Error. TP_TRY propagates in functions, TP_CO_TRY in coroutines.
#pragma once

#include <expected>
#include <type_traits>
#include <utility>

#include "base/error.h"

namespace tp {

template <class T = void>
using Result = std::expected<T, Error>;

/// What a void function or coroutine returns at its end: `return ok;`, `co_return ok;`.
struct Ok {
  // NOLINTNEXTLINE(google-explicit-constructor)
  operator Result<void>() const { return {}; }
};
inline constexpr Ok ok{};

/// `return fail(Code::kNotFound, "no such volume");`
template <class... Args>
[[nodiscard]] std::unexpected<Error> fail(Args&&... args) {
  return std::unexpected<Error>(Error(std::forward<Args>(args)...));
}

}  // namespace tp

#define TP_CONCAT_INNER(a, b) a##b
#define TP_CONCAT(a, b) TP_CONCAT_INNER(a, b)

/// TP_TRY(auto x, expr): x is expr's value, or the function returns expr's error.
#define TP_TRY(declaration, ...) TP_TRY_INNER(TP_CONCAT(tp_result_, __COUNTER__), return, declaration, __VA_ARGS__)
/// The same in a coroutine: TP_CO_TRY(auto n, co_await stream.read_some(buffer)).
#define TP_CO_TRY(declaration, ...) \
  TP_TRY_INNER(TP_CONCAT(tp_result_, __COUNTER__), co_return, declaration, __VA_ARGS__)
#define TP_TRY_INNER(name, leave, declaration, ...)                              \
  auto name = (__VA_ARGS__);                                                     \
  if (!name) [[unlikely]]                                                        \
    leave std::unexpected(std::move(name).error());                              \
  declaration = std::move(*name)

/// For Result<void>: TP_TRY_VOID(expr) returns the error, TP_CO_TRY_VOID does so in a coroutine.
#define TP_TRY_VOID(...) TP_TRY_VOID_INNER(TP_CONCAT(tp_result_, __COUNTER__), return, __VA_ARGS__)
#define TP_CO_TRY_VOID(...) TP_TRY_VOID_INNER(TP_CONCAT(tp_result_, __COUNTER__), co_return, __VA_ARGS__)
#define TP_TRY_VOID_INNER(name, leave, ...) \
  do {                                      \
    auto name = (__VA_ARGS__);              \
    if (!name) [[unlikely]]                 \
      leave std::unexpected(std::move(name).error()); \
  } while (0)
