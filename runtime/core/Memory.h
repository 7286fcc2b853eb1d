//===- Memory.h - Memory that may run out -----------------------*- C++ -*-===//
//
// The runtime has no exceptions, so nothing here throws: what cannot be had is
// null or false, and the caller makes a status of it.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CORE_MEMORY_H
#define WEFT_CORE_MEMORY_H

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

namespace weft {

/// Makes an object; null if there is no memory.
template <typename T, typename... Args> T *create(Args &&...args) {
  static_assert(alignof(T) <= alignof(std::max_align_t),
                "malloc does not align as much");
  void *memory = malloc(sizeof(T));
  return memory ? new (memory) T(std::forward<Args>(args)...) : nullptr;
}

template <typename T> void destroy(T *object) {
  if (!object)
    return;
  object->~T();
  free(object);
}

/// An array of fixed size whose elements begin as T().
template <typename T> class Array {
public:
  Array() = default;
  Array(const Array &) = delete;
  Array &operator=(const Array &) = delete;
  ~Array() { clear(); }

  /// Replaces the contents by `count` new elements; false without memory.
  [[nodiscard]] bool allocate(size_t count) {
    clear();
    // One element at least, so that null means failure.
    elements = static_cast<T *>(calloc(count ? count : 1, sizeof(T)));
    if (!elements)
      return false;
    // calloc's zeros are the value already, and stay untouched pages.
    if constexpr (!std::is_trivially_default_constructible_v<T>)
      for (size_t i = 0; i < count; ++i)
        new (&elements[i]) T();
    length = count;
    return true;
  }

  /// Drops the elements from `count` on, which must be plain values.
  void shrink(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    length = count;
  }

  size_t size() const { return length; }
  T *data() { return elements; }
  const T *data() const { return elements; }
  T &operator[](size_t i) { return elements[i]; }
  const T &operator[](size_t i) const { return elements[i]; }
  T *begin() { return elements; }
  T *end() { return elements + length; }
  const T *begin() const { return elements; }
  const T *end() const { return elements + length; }

private:
  void clear() {
    for (size_t i = 0; i < length; ++i)
      elements[i].~T();
    free(elements);
    elements = nullptr;
    length = 0;
  }

  T *elements = nullptr;
  size_t length = 0;
};

/// Anonymous pages, zeroed, that cost nothing until touched.
class Pages {
public:
  Pages() = default;
  Pages(const Pages &) = delete;
  Pages &operator=(const Pages &) = delete;
  ~Pages() { release(); }

  /// Size of a large page, as nearly all machines with x86-64 have it.
  static constexpr uint64_t kLarge = 2 << 20;

  /// Reserves `bytes` (0: nothing) at a multiple of `alignment`, a power of two
  /// (0: that of a page); false if the address space is not given.
  [[nodiscard]] bool reserve(uint64_t bytes, uint64_t alignment = 0);
  /// Asks for large pages where that saves page faults: for memory that is used
  /// from its begin on.
  void preferLargePages();
  /// Makes one page of the kLarge bytes from `offset` on, a multiple of it in
  /// pages that are aligned so, contents and all; nothing where the system
  /// can't. For memory that is used in part, which takes all of the page then.
  void makeLarge(uint64_t offset);
  void release();

  uint8_t *data() const { return base; }
  uint64_t size() const { return length; }

private:
  uint8_t *base = nullptr;
  uint64_t length = 0;
  void *mapping = nullptr;
  uint64_t mappingLength = 0;
};

} // namespace weft

#endif // WEFT_CORE_MEMORY_H
