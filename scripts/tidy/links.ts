import { posix } from 'node:path'
import { eachFile, type Finding, type Tree } from './tree.ts'

/** A link in a page leads to a file of the repository, and to a heading that the page has. */
export function links(tree: Tree): Finding {
  const files = eachFile(
    tree,
    path => path.endsWith('.md'),
    (path, { content }) => linksOf(content).flatMap(target => broken(tree, path, target)),
  )
  return files
}

function broken(tree: Tree, path: string, target: string): string[] {
  if (/^[a-z]+:/.test(target)) return []
  const [file = '', anchor] = target.split('#')
  const resolved =
    file === '' ? path : posix.join(posix.dirname(path), decodeURI(file)).replace(/\/$/, '')
  const page = tree.get(resolved)
  if (page === undefined) {
    const isFolder = [...tree.keys()].some(other => other.startsWith(`${resolved}/`))
    return isFolder ? [] : [`${path}: ${target} leads nowhere`]
  }
  if (anchor === undefined || !resolved.endsWith('.md') || headingsOf(page.content).has(anchor))
    return []
  return [`${path}: ${target} names a heading that is not there`]
}

const withoutCode = (page: string): string =>
  page.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')

function linksOf(page: string): string[] {
  return [...withoutCode(page).matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].map(
    match => match[1] ?? '',
  )
}

/** The anchors that a forge gives to headings. */
function headingsOf(page: string): Set<string> {
  const headings = page.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6}\s+(.*)$/gm)
  return new Set([...headings].map(match => slug(match[1] ?? '')))
}

const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
