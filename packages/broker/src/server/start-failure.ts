import { ConfigError } from '../config/config-error.ts'
import { DiskError, NetworkError } from '../world.ts'

/** Why a broker did not start, as one sentence for the operator. */
export function startFailure(error: unknown): string {
  if (error instanceof NetworkError) return `Varve ${networkSentence(error)}`
  if (error instanceof DiskError) return `Varve ${diskSentence(error)}`
  if (error instanceof ConfigError) return error.message
  if (error instanceof Error && OPERATOR_ERRORS.has(error.name)) return error.message
  return `Varve could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}

/** Errors of lower layers whose message is a sentence for the operator already. */
const OPERATOR_ERRORS: ReadonlySet<string> = new Set(['LogDirectoryError', 'MetadataLogError'])

function networkSentence({ code, message }: NetworkError): string {
  const [, at = ''] = /listen on (.*): [A-Z_]+$/.exec(message) ?? []
  switch (code) {
    case 'EADDRINUSE':
      return `could not listen on ${at}: the port is in use; choose another with --port.`
    case 'EACCES':
    case 'EPERM':
      return `could not listen on ${at}: this user may not use that port.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `could not listen on ${at}: this machine has no such address.`
  }
  return `${message}.`
}

function diskSentence({ code, path, message }: DiskError): string {
  switch (code) {
    case 'ELOCKED':
      return `could not use the data folder ${path}: another broker is using it.`
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `could not use the data folder: ${path} is not writable for this user.`
    case 'ENOTDIR':
    case 'EEXIST':
      return `could not use the data folder: ${path} is not a folder.`
    case 'ENOSPC':
    case 'EDQUOT':
      return `could not start: the disk of ${path} is full.`
    case 'EMFILE':
    case 'ENFILE':
      return `could not start: too many files are open, so that ${path} could not be; raise the limit (ulimit -n, LimitNOFILE) and start again.`
  }
  return `${message}.`
}
