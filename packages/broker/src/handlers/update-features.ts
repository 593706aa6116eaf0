import { errorCode, UpdateFeatures } from '@varve/protocol'
import { amend } from '../metadata/amend.ts'
import {
  updateFeatures as decide,
  type FeaturesUpdated,
  type FeatureUpdate,
  UPGRADE_TYPE,
} from '../metadata/update-features.ts'
import { clusterRefusal } from './cluster-permission.ts'
import { handler } from './handler.ts'
import { orStorageFailure, STORAGE_FAILURE } from './storage-failure.ts'

/** Versions from here on say how far a change may go, and can ask without changing anything (KIP-778). */
const TYPED_SINCE = 1
/** Versions from here on succeed or fail as a whole, without a result for each feature. */
const WHOLE_SINCE = 2

export const updateFeatures = handler(
  UpdateFeatures,
  ['Alter Cluster'],
  async (request, context) => {
    const { metadata } = context.broker
    const updates = request.featureUpdates.map(
      ({ feature, maxVersionLevel, allowDowngrade, upgradeType }): FeatureUpdate => ({
        feature,
        level: maxVersionLevel,
        upgradeType:
          context.apiVersion >= TYPED_SINCE
            ? upgradeType
            : allowDowngrade
              ? UPGRADE_TYPE.SAFE_DOWNGRADE
              : UPGRADE_TYPE.UPGRADE,
      }),
    )
    const outcome =
      clusterRefusal(context, 'Alter') ??
      (request.validateOnly
        ? decide(metadata.image, updates).outcome
        : await orStorageFailure<FeaturesUpdated>(
            amend(metadata, image => decide(image, updates)),
            () => STORAGE_FAILURE,
          ))
    if (outcome.error !== 'NONE') {
      return { errorCode: errorCode(outcome.error), errorMessage: outcome.message, results: [] }
    }
    return {
      errorCode: 0,
      errorMessage: null,
      results:
        context.apiVersion >= WHOLE_SINCE
          ? []
          : updates.map(({ feature }) => ({ feature, errorCode: 0, errorMessage: null })),
    }
  },
)
