/** What a change of the metadata comes to when the disk refuses it: nothing has happened, and the client may try again. */
import { DiskError } from '../world.ts'

/** The result of `change`, or `refused` when it could not be made durable. */
export async function orStorageFailure<T>(change: Promise<T>, refused: () => T): Promise<T> {
  try {
    return await change
  } catch (error) {
    if (error instanceof DiskError) return refused()
    throw error
  }
}

export const STORAGE_FAILURE = {
  error: 'KAFKA_STORAGE_ERROR',
  message: 'The change could not be written to the disk of the metadata log.',
} as const
