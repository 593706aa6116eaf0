/** Parts up to this size are cheaper to copy than to hand over one by one; larger ones go out as they are. */
const SMALL_PART_BYTES = 4096

/** Joins runs of small parts, so that a turn's small answers leave as one write. Those that touch in one buffer need no copy. */
export function gatherParts(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  if (parts.length < 2) return parts
  const gathered: Uint8Array[] = []
  for (let start = 0; start < parts.length; ) {
    let end = start
    let sizeBytes = 0
    let isTouching = true
    while (end < parts.length && parts[end]!.length <= SMALL_PART_BYTES) {
      if (end > start) isTouching &&= touch(parts[end - 1]!, parts[end]!)
      sizeBytes += parts[end++]!.length
    }
    if (end - start < 2) {
      gathered.push(parts[start]!)
      start++
      continue
    }
    const first = parts[start]!
    gathered.push(
      isTouching
        ? Buffer.from(first.buffer, first.byteOffset, sizeBytes)
        : Buffer.concat(parts.slice(start, end), sizeBytes),
    )
    start = end
  }
  return gathered
}

const touch = (part: Uint8Array, next: Uint8Array): boolean =>
  part.buffer === next.buffer && part.byteOffset + part.length === next.byteOffset
