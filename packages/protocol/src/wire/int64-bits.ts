/** An int64 of which no bit is set, in the form that `int64Bits` has: sixteen hexadecimal digits. */
export const ZERO_BITS = '0000000000000000'

/** 64 bits, given as two halves of 32, as sixteen hexadecimal digits. */
export const bitsOf = (high: number, low: number): string => digitsOf(high) + digitsOf(low)

/** Whether `text` is 64 bits in that form. */
export const isBits = (text: string): boolean => /^[0-9a-f]{16}$/.test(text)

const digitsOf = (half: number): string => (half >>> 0).toString(16).padStart(8, '0')
