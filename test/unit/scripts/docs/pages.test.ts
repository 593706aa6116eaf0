import { describe, expect, it } from 'vitest'
import {
  groupsPage,
  protocolPage,
  settingsPage,
  transactionsPage,
} from '../../../../scripts/docs/pages.ts'

describe('the page of the protocol', () => {
  it('has a line for each API, by key, with its versions, and says which are answered', () => {
    const page = protocolPage(
      [
        { key: 18, name: 'ApiVersions', versions: [0, 4], flexible: 3, isAnswered: true },
        {
          key: 17,
          name: 'SaslHandshake',
          versions: [1, 1],
          flexible: undefined,
          isAnswered: false,
        },
      ],
      {},
    )
    expect(page).toContain(
      '| 17 | SaslHandshake | 1 | never |  |\n| 18 | ApiVersions | 0 to 4 | 3 | yes |',
    )
  })

  it('has a line for each error, by code', () => {
    const page = protocolPage([], {
      NONE: { code: 0, retriable: false, about: '' },
      UNKNOWN_SERVER_ERROR: { code: -1, retriable: false, about: 'Something | else.' },
    })
    expect(page).toContain('| -1 | UNKNOWN_SERVER_ERROR |  | Something \\| else. |\n| 0 | NONE |')
  })
})

describe('the page of the groups', () => {
  it('has a line for each state, and what may follow it', () => {
    const page = groupsPage({
      classic: { Empty: { about: 'Nobody.', next: ['Full', 'Dead'] } },
      member: { STABLE: { about: 'At rest.', next: [], code: 0 } },
    })
    expect(page).toContain('| Empty | Nobody. | Full, Dead |')
    expect(page).toContain('| STABLE | 0 | At rest. |  |')
  })
})

describe('the page of the transactions', () => {
  it('has a line for each state, with its number and what may follow it', () => {
    const page = transactionsPage({ Empty: { status: 0, about: 'None.', next: ['Ongoing'] } })
    expect(page).toContain('| Empty | 0 | None. | Ongoing |')
  })
})

describe('the page of the settings', () => {
  it('says which of them have an effect', () => {
    const row = { type: 'INT', default: '5', valid: 'any', mode: 'topic', about: 'A.' }
    const page = settingsPage([
      {
        title: 'T',
        about: 'U.',
        settings: { a: row, b: { ...row, default: null } },
        isImplemented: name => name === 'a',
      },
    ])
    expect(page).toContain('| `a` | int | `5` | any | topic | yes | A. |')
    expect(page).toContain('| `b` | int |  | any | topic | accepted | A. |')
  })
})
