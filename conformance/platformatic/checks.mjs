// Checks of @platformatic/kafka against the broker at $BOOTSTRAP; the arguments are those of frame.main. Its streams need a
// group (groups.mjs); its consumer can fetch without one.
import { bootstrap, check, crossingKey, crossingValue, ensure, equal, eventually, fresh, main, packages, refused } from '../lib/frame.mjs'
import * as groups from './groups.mjs'

const { Admin, Consumer, Producer } = await import(packages + '@platformatic/kafka/dist/index.js')
const options = { clientId: 'checks', bootstrapBrokers: [bootstrap], retries: 20, retryDelay: 50, timeout: 20_000, metadataMaxAge: 1 }
const admin = new Admin(options)
const impatient = new Admin({ ...options, retries: 0 })
const CODECS = ['none', 'gzip', 'snappy', 'lz4'] // zstd needs Node 22
const TOPIC = 2
const BROKER = 4

const listed = async topic => (await admin.listTopics()).includes(topic)
const partitionsOf = async topic => (await admin.metadata({ topics: [topic], forceUpdate: true })).topics.get(topic)?.partitionsCount ?? 0

async function create(word, partitions = 1, configs = {}) {
  const topic = fresh(`pl-${word}`)
  await admin.createTopics({ topics: [topic], partitions, replicas: 1, configs: Object.entries(configs).map(([name, value]) => ({ name, value })) })
  await eventually(`${topic} is listed`, () => listed(topic))
  return topic
}

async function send(topic, messages, more = {}) {
  const producer = new Producer({ ...options, autocreateTopics: true })
  try {
    const bytes = value => (value === null || value === undefined ? value : Buffer.from(value))
    return await producer.send({ acks: -1, ...more, messages: messages.map(it => ({ ...it, topic, key: bytes(it.key), value: bytes(it.value) })) })
  } finally {
    await producer.close()
  }
}

const numbers = (count, partition = 0) => Array.from({ length: count }, (_, i) => ({ key: 'k', value: String(i), partition }))

// Fetches `count` records of a partition from `offset` on, request by request.
async function read(topic, partition, offset, count, more = {}) {
  const consumer = new Consumer({ ...options, groupId: 'none' })
  try {
    const { id, partitions } = (await consumer.metadata({ topics: [topic], forceUpdate: true })).topics.get(topic)
    const found = []
    const end = Date.now() + 20_000
    let next = BigInt(offset)
    while (found.length < count && Date.now() < end) {
      const wanted = { partition, currentLeaderEpoch: -1, fetchOffset: next, lastFetchedEpoch: -1, partitionMaxBytes: 1_000_000 }
      const answer = await consumer.fetch({ node: partitions[partition].leader, maxWaitTime: 200, minBytes: 1, maxBytes: 10_000_000, ...more,
        topics: [{ topicId: id, partitions: [wanted] }] })
      for (const batch of answer.responses[0]?.partitions[0]?.records ?? []) {
        for (const record of batch.records) {
          const at = batch.firstOffset + BigInt(record.offsetDelta)
          if (at < next) continue
          found.push({ ...record, offset: at, timestamp: batch.firstTimestamp + record.timestampDelta })
          next = at + 1n
        }
      }
    }
    equal(found.length, count, 'records')
    return found
  } finally {
    await consumer.close(true)
  }
}

const text = bytes => (bytes === null || bytes === undefined ? null : bytes.toString())
const values = records => records.map(it => text(it.value))
const texts = (from, end) => Array.from({ length: end - from }, (_, i) => String(from + i))

// The offset of a timestamp, or -1 (end), -2 (beginning).
async function offsetAt(topic, timestamp, partition = 0) {
  const found = await admin.listOffsets({ topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp: BigInt(timestamp) }] }] })
  return Number(found[0].partitions[0].offset)
}

for (const name of CODECS) {
  check(`codec-${name}`, async () => {
    const topic = await create('codec')
    await send(topic, numbers(500), { compression: name })
    equal(values(await read(topic, 0, 0, 500)), texts(0, 500))
  })
}
for (const acks of [0, 1, -1]) {
  check(`acks-${acks}`, async () => {
    const topic = await create('acks')
    await send(topic, numbers(100), { acks })
    equal(values(await read(topic, 0, 0, 100)), texts(0, 100))
  })
}

check('idempotent_producer', async () => {
  const topic = await create('idempotent', 3)
  const producer = new Producer({ ...options, idempotent: true })
  for (let i = 0; i < 30; i++) {
    const answer = await producer.send({ messages: numbers(10, i % 3).map(it => ({ topic, partition: it.partition, key: Buffer.from('k'), value: Buffer.from(it.value) })) })
    equal(answer.offsets.map(it => Number(it.offset)), [Math.floor(i / 3) * 10], 'offset')
  }
  await producer.close()
  equal((await read(topic, 2, 0, 100)).map(it => Number(it.offset)), Array.from({ length: 100 }, (_, i) => i))
})

check('headers_and_nulls', async () => {
  const topic = await create('headers')
  const headers = new Map([[Buffer.from('a'), Buffer.from('1')], [Buffer.from('ünï'), Buffer.from('wörd')]])
  await send(topic, [{ partition: 0, key: 'k', value: 'v', headers }, { partition: 0, value: 'v' }, { partition: 0, key: 'k', value: null }])
  const found = await read(topic, 0, 0, 3)
  equal(found[0].headers.map(([key, value]) => [text(key), text(value)]), [['a', '1'], ['ünï', 'wörd']], 'headers')
  equal(found.map(it => it.key?.length || null), [1, null, 1], 'keys')
  equal(found.map(it => it.value?.length || null), [1, 1, null], 'values')
})

check('one_megabyte', async () => {
  const topic = await create('megabyte')
  await send(topic, [{ partition: 0, key: 'k', value: 'x'.repeat(1_000_000) }])
  equal((await read(topic, 0, 0, 1))[0].value.length, 1_000_000)
})

check('over_topic_max_message_bytes', async () => {
  const topic = await create('toolarge', 1, { 'max.message.bytes': '1000' })
  await refused('MESSAGE_TOO_LARGE', () => send(topic, [{ partition: 0, value: 'x'.repeat(2000) }]))
  await send(topic, [{ partition: 0, value: 'x' }])
  await read(topic, 0, 0, 1)
})

check('timestamps', async () => {
  const topic = await create('createtime')
  const base = BigInt(Date.now() - 3_600_000)
  for (let i = 0; i < 5; i++) await send(topic, [{ partition: 0, value: 'v', timestamp: base + BigInt(i * 1000) }])
  equal((await read(topic, 0, 0, 5)).map(it => it.timestamp - base), [0n, 1000n, 2000n, 3000n, 4000n])
  for (const [stamp, wanted] of [[0n, 0], [base + 1n, 1], [base + 4000n, 4], [base + 4001n, -1], [-1n, 5], [-2n, 0], [-3n, 4]]) {
    equal(await offsetAt(topic, stamp), wanted, `offset at ${stamp}`)
  }
})

check('from_positions', async () => {
  const topic = await create('middle')
  await send(topic, numbers(1000), { compression: 'lz4' })
  equal(values(await read(topic, 0, 623, 377)), texts(623, 1000))
  await refused('OFFSET_OUT_OF_RANGE', () => read(topic, 0, 5000, 1))
})

check('many_partitions', async () => {
  const topic = await create('many', 50)
  await send(topic, Array.from({ length: 50 }, (_, partition) => numbers(10, partition)).flat(), { idempotent: true })
  for (const partition of [0, 17, 49]) equal(values(await read(topic, partition, 0, 10)), texts(0, 10))
})

check('auto_creation', async () => {
  const topic = fresh('pl-auto')
  await send(topic, numbers(3))
  equal(values(await read(topic, 0, 0, 3)), texts(0, 3))
})

check('topic_life', async () => {
  const topic = await create('life', 3)
  const found = (await admin.metadata({ topics: [topic], forceUpdate: true })).topics.get(topic)
  equal(found.partitionsCount, 3)
  for (const each of found.partitions) equal([each.isr, each.replicas], [[each.leader], [each.leader]])
  await admin.deleteTopics({ topics: [topic] })
  await eventually('it is gone', async () => !(await listed(topic)))
  await refused('UNKNOWN_TOPIC_OR_PARTITION', () => impatient.deleteTopics({ topics: [topic] }))
})

check('create_answers_configs', async () => {
  const topic = fresh('pl-answer')
  const [found] = await admin.createTopics({ topics: [topic], partitions: 4, replicas: 1, configs: [{ name: 'retention.ms', value: '77777' }] })
  equal([found.name, found.partitions, found.replicas], [topic, 4, 1])
  equal([found.configuration['retention.ms'], found.configuration['segment.bytes']], ['77777', '1073741824'])
})

check('create_refusals', async () => {
  const topic = await create('refuse')
  const one = (topic, more) => () => impatient.createTopics({ topics: [topic], partitions: 1, replicas: 1, ...more })
  await refused('TOPIC_ALREADY_EXISTS', one(topic))
  await refused('INVALID_TOPIC_EXCEPTION', one('a b'))
  await refused('INVALID_REPLICATION_FACTOR', one(fresh('rf'), { replicas: 3 }))
  await refused('INVALID_PARTITIONS', one(fresh('zero'), { partitions: 0 }))
  await refused('INVALID_CONFIG', one(fresh('conf'), { configs: [{ name: 'no.such.key', value: '1' }] }))
})

check('create_partitions', async () => {
  const topic = await create('grow', 2)
  const grow = (count, validateOnly) => impatient.createPartitions({ topics: [{ name: topic, count, assignments: null }], validateOnly })
  await grow(4, true)
  await grow(4)
  await eventually('4 partitions', async () => (await partitionsOf(topic)) === 4)
  await send(topic, numbers(10, 3))
  equal(values(await read(topic, 3, 0, 10)), texts(0, 10))
  await refused('INVALID_PARTITIONS', () => grow(3))
})

async function described(resourceType, resourceName, configurationKeys) {
  const [found] = await admin.describeConfigs({ resources: [{ resourceType, resourceName, configurationKeys }], includeSynonyms: true, includeDocumentation: true })
  return Object.fromEntries(found.configs.map(it => [it.name, it]))
}

const awaitConfig = (topic, key, value, source) => eventually(`${key}=${value}`, async () => {
  const found = (await described(TOPIC, topic, [key]))[key]
  return found.value === value && found.configSource === source
})

check('describe_configs', async () => {
  const topic = await create('configs', 1, { 'retention.ms': '77777' })
  const found = await described(TOPIC, topic, ['retention.ms', 'cleanup.policy'])
  equal(Object.keys(found).sort(), ['cleanup.policy', 'retention.ms'])
  const { value, configSource, readOnly, isSensitive, configType, documentation } = found['retention.ms']
  equal([value, configSource, readOnly, isSensitive, configType], ['77777', 1, false, false, 5])
  ensure(documentation.length > 20, 'no documentation')
  equal(found['cleanup.policy'].synonyms.map(it => [it.name, it.value, it.source]), [['log.cleanup.policy', 'delete', 5]])
  await refused('UNKNOWN_TOPIC_OR_PARTITION', () => impatient.describeConfigs({ resources: [{ resourceType: TOPIC, resourceName: fresh('unknown') }] }))
  const broker = await described(BROKER, '1', ['node.id', 'log.retention.ms'])
  equal([broker['node.id'].value, broker['node.id'].readOnly, broker['node.id'].configSource], ['1', true, 4])
  equal(broker['log.retention.ms'].readOnly, false)
})

check('alter_configs', async () => {
  const topic = await create('alter', 1, { 'retention.ms': '77777', 'segment.ms': '88888' })
  const alter = (value, more) => impatient.alterConfigs({ ...more, resources: [{ resourceType: TOPIC, resourceName: topic, configs: [{ name: 'retention.ms', value }] }] })
  await alter('5000', { validateOnly: true })
  await awaitConfig(topic, 'retention.ms', '77777', 1)
  await alter('99999')
  await awaitConfig(topic, 'retention.ms', '99999', 1)
  await awaitConfig(topic, 'segment.ms', '604800000', 5)
  await refused('INVALID_CONFIG', () => alter('soon'))
})

check('incremental_alter_configs', async () => {
  const topic = await create('incremental', 1, { 'retention.ms': '77777' })
  const alter = (name, configOperation, value) => impatient.incrementalAlterConfigs({
    resources: [{ resourceType: TOPIC, resourceName: topic, configs: [{ name, configOperation, value }] }] })
  await alter('max.message.bytes', 0, '2000')
  await awaitConfig(topic, 'max.message.bytes', '2000', 1)
  await alter('cleanup.policy', 2, 'compact')
  await awaitConfig(topic, 'cleanup.policy', 'delete,compact', 1)
  await alter('cleanup.policy', 3, 'delete')
  await awaitConfig(topic, 'cleanup.policy', 'compact', 1)
  await alter('retention.ms', 1, null)
  await awaitConfig(topic, 'retention.ms', '604800000', 5)
  await refused('INVALID_CONFIG', () => alter('no.such.key', 0, '1'))
})

check('delete_records', async () => {
  const topic = await create('deleterecords')
  await send(topic, numbers(100))
  const remove = offset => impatient.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: BigInt(offset) }] }] })
  equal((await remove(40))[0].partitions, [{ partition: 0, lowWatermark: 40n }])
  equal(await offsetAt(topic, -2), 40)
  equal(values(await read(topic, 0, 40, 60)), texts(40, 100))
  await refused('OFFSET_OUT_OF_RANGE', () => remove(1000))
  equal((await remove(-1))[0].partitions, [{ partition: 0, lowWatermark: 100n }])
})

check('describe_log_dirs', async () => {
  const topic = await create('logdirs', 2)
  await send(topic, numbers(100, 1))
  const [found] = await admin.describeLogDirs({ topics: [{ name: topic, partitions: [0, 1] }] })
  equal(found.results.length, 1, 'directories')
  ensure(found.results[0].totalBytes > 0n && found.results[0].usableBytes > 0n, 'volume')
  const partitions = found.results[0].topics.find(it => it.name === topic).partitions.sort((a, b) => a.partitionIndex - b.partitionIndex)
  equal(partitions.map(it => [it.partitionIndex, it.partitionSize > 0n, it.offsetLag, it.isFutureKey]), [[0, false, 0n, false], [1, true, 0n, false]])
})

check('describe_cluster', async () => {
  const found = await admin.metadata({ forceUpdate: true })
  equal([...found.brokers.values()].map(it => `${it.host}:${it.port}`), [bootstrap])
  ensure(found.id.length === 22, `cluster id ${found.id}`)
})

groups.register(Consumer, options, admin, create, send)

await main(
  (topic, count, codec) =>
    send(topic, Array.from({ length: count }, (_, i) => ({ key: crossingKey(i), value: crossingValue(i) })), { idempotent: true, compression: codec }),
  async (topic, count) => {
    let seen = 0
    const next = new Map()
    for (let partition = 0; partition < (await partitionsOf(topic)); partition++) {
      for (const each of await read(topic, partition, 0, await offsetAt(topic, -1, partition))) {
        const key = text(each.key)
        const i = next.get(key) ?? Number(key.slice(1))
        equal(text(each.value), crossingValue(i), `record ${i}`)
        next.set(key, i + 7)
        seen++
      }
    }
    equal(seen, count, 'records')
    console.log(`${seen} records, every byte and the order of each key as written`)
  },
)
