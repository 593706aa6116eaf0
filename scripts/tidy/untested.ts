/** Sources that have no test of their own in `test/unit` yet. This list only shrinks; each line says what covers the file meanwhile. */
export const untested: ReadonlySet<string> = new Set([])
