import { codeOnly } from './source-text.ts'
import { eachFile, type Finding, isSource, type Tree } from './tree.ts'

/** Code is ASCII: a look-alike letter in a name cannot be seen. Strings and comments may hold anything. */
export function asciiCode(tree: Tree): Finding {
  return eachFile(tree, isSource, (path, { content }) => {
    // Most files hold no such character at all.
    if (isAscii(content)) return []
    return codeOnly(content)
      .split('\n')
      .flatMap((line, index) =>
        isAscii(line) ? [] : [`${path}:${index + 1}: a character in the code is not ASCII`],
      )
  })
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1)
    if (text.charCodeAt(index) > 0x7e) return false
  return true
}
