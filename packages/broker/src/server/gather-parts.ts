/** Parts up to this size are cheaper to copy than to hand over one by one; larger ones go out as they are. */
const SMALL_PART_BYTES = 4096

/** Joins runs of small parts, so that a turn's small answers leave as one write. */
export function gatherParts(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  if (parts.length < 2) return parts
  const gathered: Uint8Array[] = []
  for (let start = 0; start < parts.length; ) {
    let end = start
    let sizeBytes = 0
    while (end < parts.length && parts[end]!.length <= SMALL_PART_BYTES)
      sizeBytes += parts[end++]!.length
    if (end - start < 2) {
      gathered.push(parts[start]!)
      start++
      continue
    }
    const joined = Buffer.allocUnsafe(sizeBytes)
    for (let position = 0; start < end; start++) {
      joined.set(parts[start]!, position)
      position += parts[start]!.length
    }
    gathered.push(joined)
  }
  return gathered
}
