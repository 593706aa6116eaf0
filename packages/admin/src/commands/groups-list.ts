import type { GroupState, GroupType } from '@varve/client'
import type { Command } from '../command.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'
import { table } from '../table.ts'

interface Options extends ConnectOptions, PrintOptions {
  readonly state: readonly GroupState[] | undefined
  readonly type: readonly GroupType[] | undefined
}

const STATES: readonly GroupState[] = [
  'Empty',
  'PreparingRebalance',
  'CompletingRebalance',
  'Stable',
  'Dead',
  'Assigning',
  'Reconciling',
  'NotReady',
]
const TYPES: readonly GroupType[] = ['classic', 'consumer', 'share', 'streams']

/** `varve groups list` */
export const groupsList: Command<Options> = {
  options: yargs =>
    printOptions(connectOptions(yargs))
      .option('state', {
        choices: STATES,
        array: true,
        nargs: 1,
        requiresArg: true,
        describe: 'Only groups in this state',
      })
      .option('type', {
        choices: TYPES,
        array: true,
        nargs: 1,
        requiresArg: true,
        describe: 'Only groups of this type',
      })
      .example('$0 groups list', '')
      .example('$0 groups list --state Empty --type classic', 'those that nobody reads with')
      .example("$0 groups list --json | jq -r '.[].groupId'", ''),

  async run(options, terminal) {
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const groups = await admin.listGroups({
      states: options.state ?? [],
      types: options.type ?? [],
    })
    await print(options, terminal, {
      data: groups,
      text: () =>
        groups.length === 0
          ? 'There are no such groups.\n'
          : table(
              ['GROUP', 'STATE', 'TYPE', 'PROTOCOL'],
              groups.map(({ groupId, state, type, protocolType }) => [
                groupId,
                state,
                type,
                protocolType || '-',
              ]),
            ),
    })
  },
}
