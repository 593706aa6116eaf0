/**
 * What the largest int64 (2^63-1) reads as in the fields where it means "no limit" (Fetch v18's high watermark).
 * It compares above every offset, and no real value collides with it.
 */
export const INT64_MAX = Number.POSITIVE_INFINITY

export const TWO_TO_32 = 4_294_967_296
