/** A fenced block whose first line is the path of a file below `examples`. */
const EXAMPLE = /^(```\w+\n\/\/ (examples\/\S+)\n)[^]*?^```$/gm

/** The page with each such block holding the file as it is now. */
export function withExamples(page: string, read: (path: string) => string): string {
  return page.replace(EXAMPLE, (_block, head: string, path: string) => `${head}${read(path)}\`\`\``)
}
