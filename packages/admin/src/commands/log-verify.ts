import { DiskError, type Finding, findingKinds, type VerifiedLog, verifyLogs } from '@varve/broker'
import type { Command } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { type PrintOptions, printOptions } from '../print.ts'
import { printable } from '../printable.ts'

interface Options extends PrintOptions {
  readonly logs: readonly string[] | undefined
  readonly data: string
}

/** `varve log verify` */
export const logVerify: Command<Options> = {
  options: yargs =>
    printOptions(yargs)
      .positional('logs', {
        type: 'string',
        array: true,
        describe: 'Topics, or partitions as in orders-3; all when none is named',
      })
      .option('data', {
        type: 'string',
        default: './data',
        requiresArg: true,
        describe: 'The data folder (log.dirs)',
      })
      .example('$0 log verify', 'everything in ./data')
      .example('$0 log verify --data /var/lib/varve orders payments-3', '')
      .example('$0 log verify --json | jq .findings[]', 'JSON lines, one for each log')
      .epilogue(
        'Every checksum, offset and epoch is looked at, and every index, snapshot and checkpoint held against the log. Nothing is changed. ' +
          'It refuses where a broker runs: that reads its logs again by itself (log.scrub.max.bytes.per.second). Exit code 1: something is damaged.',
      ),

  async run(options, terminal) {
    const totals = { logs: 0, batches: 0, sizeBytes: 0, findings: 0, damages: 0 }
    try {
      for await (const log of verifyLogs(options.data, options.logs ?? [])) {
        terminal.interrupted.throwIfAborted()
        await terminal.write(options.json ? `${JSON.stringify(log)}\n` : textOf(log))
        totals.logs += log.folder === '' ? 0 : 1
        totals.batches += log.batchCount
        totals.sizeBytes += log.sizeBytes
        totals.findings += log.findings.length
        totals.damages += log.findings.filter(({ kind }) => findingKinds[kind].isDamage).length
      }
    } catch (error) {
      if (error instanceof DiskError) throw new CommandError(sentenceOf(options, error))
      throw error
    }
    const { logs, batches, sizeBytes, findings, damages } = totals
    const seen = `${count(logs, 'log')}, ${count(batches, 'record batch', 'record batches')}, ${sizeBytes} bytes`
    if (damages > 0) throw new CommandError(`${count(damages, 'damage')} in ${seen}`)
    const remarks = findings === 0 ? '' : `, ${count(findings, 'remark')}`
    terminal.say(`${seen}: nothing is damaged${remarks}`)
  },
}

function textOf({ folder, batchCount, startOffset, endOffset, findings }: VerifiedLog): string {
  if (folder === '') return findings.map(linesOf).join('')
  const isDamaged = findings.some(({ kind }) => findingKinds[kind].isDamage)
  const range = `offsets ${startOffset} to ${endOffset}, ${count(batchCount, 'record batch', 'record batches')}`
  const says = isDamaged ? 'DAMAGED' : 'ok'
  return `${printable(folder)}: ${says}, ${range}\n${findings.map(linesOf).join('')}`
}

/** What is wrong and where, what it means, what to do. */
function linesOf({ kind, file, position, offset, about }: Finding): string {
  const { means, advice } = findingKinds[kind]
  const place = [
    file,
    ...(position === undefined ? [] : [`position ${position}`]),
    ...(offset === undefined ? [] : [`offset ${offset}`]),
  ]
  return `  ${kind}: ${printable(place.join(', '))}\n    ${printable(about)} ${means}\n    ${advice}\n`
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

function sentenceOf({ data }: Options, { code, path }: DiskError): string {
  if (code === 'ELOCKED')
    return `A broker runs in ${data}: stop it first, or leave it to the broker, which reads its logs again by itself`
  if (code === 'ENOENT') return `There is no log at ${path}; --data names the data folder`
  return `${path} cannot be read: ${code}`
}
