import { nodeCodecs } from '@varve/protocol'

export const codecs = nodeCodecs()
