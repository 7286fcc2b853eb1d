//===- Tiles.h - Panels whose numbers stand in tiles ------------*- C++ -*-===//
//
// `#program.panels` of `tuple<bf16>` or `tuple<bf16, bf16>`: a number is the
// sum of its parts, the nearest bf16, then the nearest of what is left, and
// numbers stand as a matrix unit takes them. A tile is 16 rows of 64 bytes: in
// each row two neighbouring inputs of each of 16 outputs. A panel is
//
//   [width / 16][K / 32][parts] tiles, K padded with zeros
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_PROGRAM_LAYOUTS_TILES_H
#define WEFT_PROGRAM_LAYOUTS_TILES_H

#include "dialects/program/layouts/Layouts.h"

namespace weft::program {

/// The tiles of a layout of panels.
struct TileLayout {
  static constexpr int64_t kOutputs = 16, kBytes = 1024;

  /// Nothing where numbers do not stand in tiles.
  static std::optional<TileLayout> find(PanelsAttr layout);
  /// The storage of numbers of `parts` parts.
  static mlir::Type getStorage(mlir::Type part, int64_t parts);

  mlir::Type part; ///< Type of a part.
  int64_t parts;
  int64_t pack;   ///< Neighbouring inputs of an output in a row.
  int64_t inputs; ///< Of a tile.
  int64_t steps;  ///< Tiles of one part along the inputs.

  /// Bytes of the tiles of 16 outputs.
  int64_t getColumnBytes() const { return steps * parts * kBytes; }
};

/// Whether numbers stand in tiles.
inline bool hasTiles(PanelsAttr layout) {
  return mlir::isa<mlir::TupleType>(layout.getStorage());
}

} // namespace weft::program

#endif // WEFT_PROGRAM_LAYOUTS_TILES_H
