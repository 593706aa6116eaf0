import { asciiCode } from './characters.ts'
import { handlersListed } from './handlers-listed.ts'
import { brokerLayering, packageDirection } from './layers.ts'
import { links } from './links.ts'
import { lockFile } from './lock-file.ts'
import { testMirror } from './mirror.ts'
import { fileNames } from './names.ts'
import { fileSizes } from './sizes.ts'
import type { Rule } from './tree.ts'

/** The rules that no linter knows, by what they ask for. Golden bytes are apart: they need the tables of the protocol. */
export const rules: Readonly<Record<string, Rule>> = {
  'packages depend one way': packageDirection,
  'inside the broker, lower never imports higher': brokerLayering,
  'every source has its test': tree => testMirror(tree),
  'every handler is listed': handlersListed,
  'files are named after their idea': fileNames,
  'files have a size': fileSizes,
  'code is ASCII': asciiCode,
  'links resolve': links,
  'the lock file names no registry': lockFile,
}
