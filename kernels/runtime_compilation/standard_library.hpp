// What the kernels' sources use of the C++ standard library, for NVRTC, which has none: the headers
// <array>, <bit>, ... are this file there (CMake writes them into the build folder). Only what
// device code needs has a body; what the host alone calls is declared.
#pragma once

// The compiler's own words that NVRTC does not know.
#define __extension__

#define FLT_MAX 3.402823466e+38f
#define NAN __int_as_float(0x7fffffff)

namespace std {

using int8_t = signed char;
using int16_t = short;
using int32_t = int;
using int64_t = long;
using uint8_t = unsigned char;
using uint16_t = unsigned short;
using uint32_t = unsigned int;
using uint64_t = unsigned long;
using size_t = decltype(sizeof(0));

using ::fabs;
using ::floor;
using ::fma;
using ::isfinite;
using ::isnan;
using ::memcpy;
using ::sqrt;

template <bool condition, class A, class B>
struct conditional {
  using type = A;
};
template <class A, class B>
struct conditional<false, A, B> {
  using type = B;
};
template <bool condition, class A, class B>
using conditional_t = typename conditional<condition, A, B>::type;

template <class A, class B>
inline constexpr bool is_same_v = false;
template <class A>
inline constexpr bool is_same_v<A, A> = true;

template <class T>
struct remove_const {
  using type = T;
};
template <class T>
struct remove_const<const T> {
  using type = T;
};
template <class T, class... Others>
inline constexpr bool is_one_of_v = (is_same_v<typename remove_const<T>::type, Others> || ...);

template <class T>
inline constexpr bool is_integral_v =
    is_one_of_v<T, bool, char, signed char, unsigned char, short, unsigned short, int, unsigned int,
                long, unsigned long, long long, unsigned long long>;
template <class T>
inline constexpr bool is_pointer_v = false;
template <class T>
inline constexpr bool is_pointer_v<T*> = true;
template <class T>
inline constexpr bool is_scalar_v = is_integral_v<T> || is_one_of_v<T, float, double> ||
                                    is_pointer_v<typename remove_const<T>::type> || __is_enum(T);
template <class T>
inline constexpr bool is_empty_v = __is_empty(T);
template <class T>
inline constexpr bool is_trivially_copyable_v = __is_trivially_copyable(T);

template <class A, class B>
concept same_as = is_same_v<A, B>;
template <class A, class B>
concept convertible_to = requires(void (*take)(B), A (*give)()) {
  take(give());
};

template <class T, T... values>
struct integer_sequence {};
namespace detail {
template <int count, int... values>
struct counted : counted<count - 1, count - 1, values...> {};
template <int... values>
struct counted<0, values...> {
  using type = integer_sequence<int, values...>;
};
}  // namespace detail
template <class T, T count>
using make_integer_sequence = typename detail::counted<count>::type;

template <class To, class From>
constexpr To bit_cast(const From& from) {
  return __builtin_bit_cast(To, from);
}
template <class T>
constexpr T&& forward(T& value) {
  return static_cast<T&&>(value);
}

template <class T, size_t count>
struct array {
  T values[count == 0 ? 1 : count];
  constexpr size_t size() const { return count; }
  constexpr const T* data() const { return values; }
};
template <class T, class... Others>
array(T, Others...) -> array<T, 1 + sizeof...(Others)>;

template <class T>
class span {
 public:
  constexpr span() = default;
  template <class Array>
  constexpr span(const Array& values) : data_(values.data()), size_(values.size()) {}
  constexpr size_t size_bytes() const { return size_ * sizeof(T); }
  constexpr bool empty() const { return size_ == 0; }
  constexpr T* data() const { return data_; }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};

class string_view {
 public:
  constexpr string_view() = default;
  constexpr string_view(const char* text) : data_(text) {
    while (text[size_] != 0) ++size_;
  }
  bool operator==(const string_view&) const;

 private:
  const char* data_ = nullptr;
  size_t size_ = 0;
};

template <class T>
class optional;
template <class T>
class vector;

}  // namespace std
