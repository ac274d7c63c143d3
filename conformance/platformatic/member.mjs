// A member of a group until SIGTERM; what it says stands in groups/members.py.
import { bootstrap, packages } from '../lib/frame.mjs'

const { Consumer } = await import(packages + '@platformatic/kafka/dist/index.js')
const [topic, groupId] = process.argv.slice(2)
const say = (...words) => process.stdout.write(words.join(' ') + '\n')

const consumer = new Consumer({
  clientId: 'member', bootstrapBrokers: [bootstrap], retries: 20, retryDelay: 50, timeout: 20_000, metadataMaxAge: 1,
  groupId, heartbeatInterval: 300, sessionTimeout: 4000, rebalanceTimeout: 5000,
})
process.on('unhandledRejection', reason => console.error('unhandled', reason))
const stream = await consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest', autocommit: false, maxWaitTime: 100 })
stream.on('error', error => console.error(error))
const read = new Map()
stream.on('data', message => {
  say('read', message.partition, message.offset)
  read.set(message.partition, message.offset + 1n)
})
let owned = ''
let committing = false
setInterval(async () => {
  const now = [...(consumer.assignments?.find(it => it.topic === topic)?.partitions ?? [])].sort().join(',')
  if (now !== owned) say('owns', (owned = now))
  if (committing || read.size === 0) return
  committing = true
  const positions = [...read]
  read.clear()
  try {
    await consumer.commit({ offsets: positions.map(([partition, offset]) => ({ topic, partition, offset, leaderEpoch: -1 })) })
    for (const [partition, offset] of positions) say('done', partition, offset)
  } catch (error) {
    console.error('commit', error.message) // no longer a member: somebody else reads them again, unless it still has them
    for (const [partition, offset] of positions) {
      if (!read.has(partition) && owned.split(',').includes(String(partition))) read.set(partition, offset)
    }
  }
  committing = false
}, 50)
process.on('SIGTERM', async () => {
  await stream.close()
  await consumer.close(true)
  say('left')
  process.exit(0)
})
