//===- Tiles.h - Panels whose numbers stand in tiles ------------*- C++ -*-===//
//
// `#program.panels` of `tuple<bf16>` or `tuple<bf16, bf16>`: a number is the
// sum of its parts, the nearest bf16, then the nearest of what is left, and
// numbers stand as a matrix unit takes them. A tile is 16 rows of 64 bytes: in
// each row two neighbouring inputs of each of 16 outputs. A panel is
//
//   [width / 16][K / 32][parts] tiles, K padded with zeros
//
// Of `tuple<i8>`: a number is a code from -127 to 127 times the scale of its
// output, and a row of a tile has four neighbouring inputs. A panel is
//
//   tiles   [width / 16][K / 64], K padded with zeros
//   scales  [width] f32
//   sums    [width] i32, of the codes of each output
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
  /// Whether numbers are codes with scales.
  bool isScaled() const { return part.isInteger(8); }
};

/// Bytes before the scales and the sums of a panel of codes in tiles.
int64_t getTileScalesOffset(PanelsAttr layout);
int64_t getTileSumsOffset(PanelsAttr layout);

/// Whether numbers stand in tiles.
inline bool hasTiles(PanelsAttr layout) {
  return mlir::isa<mlir::TupleType>(layout.getStorage());
}

/// Whether they are codes with a scale an output.
inline bool hasScaledTiles(PanelsAttr layout) {
  auto tiles = TileLayout::find(layout);
  return tiles && tiles->isScaled();
}

} // namespace weft::program

#endif // WEFT_PROGRAM_LAYOUTS_TILES_H
