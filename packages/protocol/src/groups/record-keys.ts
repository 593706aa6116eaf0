import { string } from '../schema/index.ts'

/** The key of a record that there is once in a group. */
export const groupKey = {
  groupId: string,
}

/** The key of a record that there is once for each member of a group. */
export const memberKey = {
  groupId: string,
  memberId: string,
}
