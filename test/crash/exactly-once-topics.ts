/** The topics of `npm run prove -- exactly-once`. */
export const INPUT = 'numbers'
export const OUTPUT = 'copies'
export const ACCOUNTS = 'accounts'
export const ACCOUNT_PARTITIONS = 4
