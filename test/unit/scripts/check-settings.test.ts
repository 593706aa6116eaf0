import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const brokerHead =
  'name\ttype\tdefault\tvalid_values\timportance\tupdate_mode\tinternal\tin_4.2\tmeaning'
const topicHead =
  'name\ttype\tdefault\tvalid_values\tbroker_synonyms(order of precedence)\tinternal\tin_4.2\tmeaning'
const groupHead = 'name\ttype\tdefault\tvalid_values\tinternal\tin_4.2\tmeaning'

it('fires when the reference says otherwise, and looks at every row', () => {
  const reference = mkdtempSync(join(tmpdir(), 'varve-settings-'))
  try {
    const write = (name: string, ...lines: string[]) =>
      writeFileSync(join(reference, name), lines.join('\n'))
    write(
      'broker-configs.tsv',
      brokerHead,
      'num.partitions\tINT\t2\t[1,...]\tmedium\tread-only\tno\tyes\tx',
    )
    write(
      'topic-configs.tsv',
      topicHead,
      'flush.ms\tLONG\t9223372036854775807\t[0,...]\t-\tno\tyes\tx',
    )
    write(
      'group-configs.tsv',
      groupHead,
      'not.ours\tINT\t1\tany\tno\tyes\tx',
      'newer\tINT\t1\tany\tno\tno\tx',
    )
    const script = [
      '--conditions=@varve/source',
      'scripts/check-settings.ts',
      '--reference',
      reference,
    ]
    const { stdout, status } = spawnSync('node_modules/.bin/tsx', script, { encoding: 'utf8' })
    expect(stdout).toContain('num.partitions default is 1, the reference has 2')
    expect(stdout).toContain(
      'flush.ms broker_synonyms(order of precedence) is log.flush.interval.ms',
    )
    expect(stdout).toContain('not.ours is missing')
    expect(stdout).not.toContain('newer')
    expect(stdout).toMatch(/^0 passed, \d+ failed$/m)
    expect(status).toBe(1)
  } finally {
    rmSync(reference, { recursive: true })
  }
})
