//===- Quote.h - Names from files, in messages ----------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_COMMON_QUOTE_H
#define WEFT_FRONTENDS_FORMATS_COMMON_QUOTE_H

#include <string>
#include <string_view>

namespace weft::formats {

/// The name for a terminal: a byte that is not printable ASCII is written \xNN,
/// and a long name is cut.
std::string printable(std::string_view name);

/// The same in double quotes.
std::string quote(std::string_view name);

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_COMMON_QUOTE_H
