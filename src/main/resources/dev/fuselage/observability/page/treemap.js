// Lays areas out in a rectangle: rows along the shorter side, each filled for as long as its areas
// come nearer to squares ("squarified").

/** items: [{size}], largest first; returns [{item, x, y, width, height}] of those with a size. */
export function layout(items, x, y, width, height) {
  const shown = items.filter((item) => item.size > 0);
  const total = shown.reduce((sum, item) => sum + item.size, 0);
  const placed = [];
  if (total === 0 || width <= 0 || height <= 0) {
    return placed;
  }
  const scale = (width * height) / total;
  let rest = { x, y, width, height };
  let begin = 0;
  while (begin < shown.length) {
    const side = Math.min(rest.width, rest.height);
    let end = begin + 1;
    let sum = shown[begin].size * scale;
    let ratio = worst(shown[begin].size * scale, shown[begin].size * scale, sum, side);
    while (end < shown.length) {
      const next = shown[end].size * scale;
      const nextRatio = worst(shown[begin].size * scale, next, sum + next, side);
      if (nextRatio > ratio) {
        break;
      }
      ratio = nextRatio;
      sum += next;
      end++;
    }
    rest = place(shown.slice(begin, end), sum, scale, rest, placed);
    begin = end;
  }
  return placed;
}

/** The ratio of the sides of the row's most oblong area. */
function worst(largest, smallest, sum, side) {
  const depth = sum / side;
  return Math.max((largest / depth) / depth, depth / (smallest / depth));
}

function place(row, sum, scale, rest, placed) {
  const upright = rest.width >= rest.height;
  const side = upright ? rest.height : rest.width;
  const depth = side > 0 ? sum / side : 0;
  let along = 0;
  for (const item of row) {
    const length = depth > 0 ? (item.size * scale) / depth : 0;
    placed.push(
      upright
        ? { item, x: rest.x, y: rest.y + along, width: depth, height: length }
        : { item, x: rest.x + along, y: rest.y, width: length, height: depth });
    along += length;
  }
  return upright
    ? { x: rest.x + depth, y: rest.y, width: rest.width - depth, height: rest.height }
    : { x: rest.x, y: rest.y + depth, width: rest.width, height: rest.height - depth };
}
