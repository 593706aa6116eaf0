import { eachFile, type Finding, isSource, type Tree } from './tree.ts'

const LINES_MAX = 500
const BYTES_MAX = 2 * 1024 * 1024

/** A source that no longer fits a head, and a file that no longer fits a repository. */
export function fileSizes(tree: Tree): Finding {
  return eachFile(
    tree,
    () => true,
    (path, { content, sizeBytes }) => {
      if (sizeBytes > BYTES_MAX) return [`${path}: ${sizeBytes} bytes, more than ${BYTES_MAX}`]
      const lines = content.split('\n').length - 1
      return isSource(path) && lines > LINES_MAX
        ? [`${path}: ${lines} lines, more than ${LINES_MAX}`]
        : []
    },
  )
}
