//===- Header.h - The JSON of a safetensors header ------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_SAFETENSORS_HEADER_H
#define WEFT_FRONTENDS_FORMATS_SAFETENSORS_HEADER_H

#include "frontends/formats/safetensors/Safetensors.h"

namespace weft::formats {

/// Reads the JSON. A tensor's offset still counts from the start of the data,
/// and offset and size are those that the header claims: nothing but begin <=
/// end is checked.
Expected<SafetensorsContents> parseSafetensorsHeader(std::string_view text,
                                                     const std::string &file);

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_SAFETENSORS_HEADER_H
