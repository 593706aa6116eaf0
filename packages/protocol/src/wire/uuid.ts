/** The uuid that stands for "none": sixteen zero bytes in Kafka's base64url form. */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'

/** Whether `text` is a uuid in the form that Kafka prints: the base64url of sixteen bytes. */
export const isUuid = (text: string): boolean => /^[A-Za-z0-9_-]{21}[AQgw]$/.test(text)
