import { int16, message, type ValueOf } from '../schema/index.ts'

/** The key of a control record, after its version. */
export const ControlRecordTypeSchema = message({
  name: 'ControlRecordTypeSchema',
  versions: [0, 0],
  flexible: undefined,
  fields: {
    type: int16,
  },
})
export type ControlRecordTypeSchema = ValueOf<typeof ControlRecordTypeSchema>
