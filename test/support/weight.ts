/** How many objects, elements, characters and bytes hang on a value. */
export const weightOf = (value: unknown): number => {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length
  if (Array.isArray(value)) return value.reduce((sum, element) => sum + weightOf(element), 1)
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, inner) => sum + weightOf(inner), 1)
}
