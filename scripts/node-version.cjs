// The Node that Varve needs, demanded before anything else is loaded. Must parse on an old Node, so that it can say that it is too old.

const NEEDED = [20, 19]

function complaintAbout(version) {
  const [major, minor] = version.split('.').map(Number)
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return undefined
  return `Varve needs Node ${NEEDED.join('.')} or newer, and this is ${version}.`
}

function demandNode() {
  const complaint = complaintAbout(process.versions.node)
  if (complaint === undefined) return
  console.error(complaint)
  process.exit(1)
}

module.exports = { complaintAbout, demandNode }
