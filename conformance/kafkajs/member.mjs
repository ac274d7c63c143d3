// A member of a group until SIGTERM; what it says stands in groups/members.py.
import { createRequire } from 'node:module'
import { bootstrap, packages } from '../lib/frame.mjs'

const { Kafka, logLevel } = createRequire(packages)('kafkajs')
const [topic, groupId] = process.argv.slice(2)
const say = (...words) => process.stdout.write(words.join(' ') + '\n')

const kafka = new Kafka({ clientId: 'member', brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { initialRetryTime: 100, retries: 20 } })
const consumer = kafka.consumer({ groupId, sessionTimeout: 4000, heartbeatInterval: 300, rebalanceTimeout: 5000, maxWaitTimeInMs: 100 })
consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => say('owns', [...(payload.memberAssignment[topic] ?? [])].sort().join(',')))
consumer.on(consumer.events.REBALANCING, () => say('owns'))
process.on('SIGTERM', async () => {
  await consumer.disconnect()
  say('left')
  process.exit(0)
})
await consumer.connect()
await consumer.subscribe({ topic, fromBeginning: true })
await consumer.run({
  autoCommit: false,
  eachBatch: async ({ batch, isStale, isRunning, resolveOffset, heartbeat }) => {
    if (isStale() || !isRunning() || batch.messages.length === 0) return
    for (const message of batch.messages) {
      say('read', batch.partition, message.offset)
      resolveOffset(message.offset)
    }
    const next = String(BigInt(batch.messages.at(-1).offset) + 1n)
    await consumer.commitOffsets([{ topic, partition: batch.partition, offset: next }]) // refused: kafkajs joins again by itself
    say('done', batch.partition, next)
    await heartbeat()
  },
})
