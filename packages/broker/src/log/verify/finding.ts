/** What can be wrong with the files of a log, what it means, and what to do about it. */

export const findingKinds = {
  corruption: {
    isDamage: true,
    means: 'It was durable, and is not any more what it was.',
    advice:
      'Keep the folder as it is. Put the file back from a copy or another replica; without one, the records of this record batch are lost.',
  },
  'lost records': {
    isDamage: true,
    means: 'Records that were durable are not there.',
    advice: 'Put the files back from a copy; until then a start leaves the partition offline.',
  },
  'torn tail': {
    isDamage: false,
    means: 'A crash has left it unfinished. Nobody was told that it is there.',
    advice:
      'Nothing: the next start cuts it, and keeps what it holds of whole record batches as .torn.',
  },
  gap: {
    isDamage: false,
    means: 'Offsets are missing. Compaction leaves such gaps.',
    advice:
      'Nothing, if the topic was ever compacted. If it was not, records are lost: put them back from a copy.',
  },
  'wrong index': {
    isDamage: true,
    means: 'It does not say what the log says, so readers may be led to the wrong place.',
    advice: 'Stop the broker and remove the file: it is built again from the log.',
  },
  'wrong snapshot': {
    isDamage: true,
    means: 'It does not say what the log says about producers.',
    advice: 'Stop the broker and remove the file: an older one and the log stand in for it.',
  },
  'wrong sequences': {
    isDamage: true,
    means:
      'It does not say which record batches producers sent last, so that a repeated one may be taken for new.',
    advice:
      'Stop the broker and remove the file: the snapshot beside it stands in for it, and knows the last record batch of each producer.',
  },
  'wrong leader epochs': {
    isDamage: true,
    means: 'It does not say under which leader epochs the log was written.',
    advice:
      'Put the file back from a copy; followers that ask for the end of an epoch are misled until then.',
  },
  'wrong checkpoint': {
    isDamage: true,
    means: 'It speaks of offsets that the log does not have.',
    advice:
      'Look for what happened to the log before you start the broker; a start believes the log.',
  },
  'fewer records': {
    isDamage: false,
    means: 'Records that counted are not there.',
    advice:
      'Nothing, for a topic of flush.mode relaxed: a power loss may take them. For a durable one put the files back from a copy.',
  },
  'damaged journal': {
    isDamage: true,
    means: 'A group in the middle of the journal is damaged: what only it held is lost.',
    advice: 'Keep the folder. Logs that do not reach their durable end stay offline after a start.',
  },
  'damaged file': {
    isDamage: true,
    means: 'It makes no sense.',
    advice: 'Put it back from a copy.',
  },
  leftover: {
    isDamage: false,
    means: 'It is no part of the log.',
    advice: 'Nothing: the next start tends to it, or leaves it alone.',
  },
} as const satisfies Readonly<
  Record<string, { readonly isDamage: boolean; readonly means: string; readonly advice: string }>
>

export type FindingKind = keyof typeof findingKinds

/** One thing that was found. */
export interface Finding {
  readonly kind: FindingKind
  /** The path of the file within the data folder. */
  readonly file: string
  /** The byte position in it, where there is one to name. */
  readonly position: number | undefined
  /** The offset that is concerned, where there is one to name. */
  readonly offset: number | undefined
  /** What is wrong, as a sentence. */
  readonly about: string
}
