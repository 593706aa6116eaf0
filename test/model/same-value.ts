/** Whether two values say the same: of bytes only the bytes count, not whose class they are of. */
export function sameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return false
  }
  if (one instanceof Uint8Array) {
    return other instanceof Uint8Array && Buffer.compare(one, other) === 0
  }
  if (Array.isArray(one)) {
    if (!Array.isArray(other) || one.length !== other.length) return false
    return one.every((value, index) => sameValue(value, other[index]))
  }
  if (one instanceof Map) {
    if (!(other instanceof Map) || one.size !== other.size) return false
    for (const [key, value] of one) {
      if (!other.has(key) || !sameValue(value, other.get(key))) return false
    }
    return true
  }
  if (one instanceof Set) {
    if (!(other instanceof Set) || one.size !== other.size) return false
    for (const value of one) if (!other.has(value)) return false
    return true
  }
  const names = Object.keys(one)
  if (names.length !== Object.keys(other).length) return false
  return names.every(
    name =>
      Object.hasOwn(other, name) && sameValue(Reflect.get(one, name), Reflect.get(other, name)),
  )
}
