/** The names under which cleaned segments lie until they take the place of those that they were made of: Kafka's. */
import { parseSegmentFileName, type SegmentFileKind } from '../segment-files.ts'

/** Being written: a start removes it. */
export const CLEANED = '.cleaned'
/** Whole and synced: a start puts it in the place of the segments that it covers. */
export const SWAP = '.swap'

/** The segment and kind of a `.swap` file; undefined for any other file. */
export function parseSwapFileName(
  name: string,
): { readonly offset: number; readonly kind: SegmentFileKind } | undefined {
  return name.endsWith(SWAP) ? parseSegmentFileName(name.slice(0, -SWAP.length)) : undefined
}
