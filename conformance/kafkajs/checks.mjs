// Checks of kafkajs against the broker at $BOOTSTRAP; the arguments are those of frame.main. It reads only as a member of a
// group (groups.mjs), so here it writes and administers; conformance/crossing reads what it wrote with other clients.
import { createRequire } from 'node:module'
import { bootstrap, check, crossingKey, crossingValue, ensure, equal, eventually, fresh, main, packages, refused } from '../lib/frame.mjs'
import * as groups from './groups.mjs'

const { Kafka, CompressionTypes, ConfigResourceTypes, Partitioners, logLevel } = createRequire(packages)('kafkajs')
const kafka = new Kafka({ clientId: 'checks', brokers: [bootstrap], logLevel: logLevel.NOTHING })
const admin = kafka.admin()
await admin.connect()

const partitionsOf = async topic => {
  try {
    return (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length
  } catch {
    return 0
  }
}
const listed = async topic => (await admin.listTopics()).includes(topic)

async function create(word, partitions = 1, configs = {}) {
  const topic = fresh(`kj-${word}`)
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }] })
  await eventually(`${topic} is listed`, () => listed(topic))
  return topic
}

// Writes messages of one or several partitions; returns what the answers say.
async function send(topic, messages, { acks = -1, compression = CompressionTypes.None, idempotent = false } = {}) {
  const producer = kafka.producer({ idempotent, allowAutoTopicCreation: true, createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  try {
    return await producer.send({ topic, acks, compression, messages })
  } finally {
    await producer.disconnect()
  }
}

const numbers = (count, partition = 0) => Array.from({ length: count }, (_, i) => ({ key: 'k', value: String(i), partition }))

// [low, high] of each partition
const offsets = async topic => (await admin.fetchTopicOffsets(topic)).sort((a, b) => a.partition - b.partition).map(it => [Number(it.low), Number(it.high)])

for (const [name, compression] of [['none', CompressionTypes.None], ['gzip', CompressionTypes.GZIP]]) {
  check(`codec-${name}`, async () => {
    const topic = await create('codec')
    const answer = await send(topic, numbers(500), { compression })
    equal(answer.map(it => [it.partition, it.errorCode, it.baseOffset]), [[0, 0, '0']])
    equal(await offsets(topic), [[0, 500]])
  })
}
for (const acks of [0, 1, -1]) {
  check(`acks-${acks}`, async () => {
    const topic = await create('acks')
    await send(topic, numbers(100), { acks })
    await eventually('100 records are there', async () => (await offsets(topic))[0][1] === 100)
  })
}

check('idempotent_producer', async () => {
  const topic = await create('idempotent', 3)
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  for (let i = 0; i < 30; i++) {
    const answer = await producer.send({ topic, messages: numbers(10, i % 3) })
    equal(answer.map(it => [it.errorCode, it.baseOffset]), [[0, String(Math.floor(i / 3) * 10)]])
  }
  await producer.disconnect()
  equal(await offsets(topic), [[0, 100], [0, 100], [0, 100]])
})

check('headers_and_nulls', async () => {
  const topic = await create('headers')
  await send(topic, [{ key: 'k', value: 'v', headers: { a: ['1', '2'], ünï: 'wörd' } }, { key: null, value: 'v' }, { key: 'k', value: null }])
  equal(await offsets(topic), [[0, 3]])
})

check('one_megabyte', async () => {
  const topic = await create('megabyte')
  await send(topic, [{ key: 'k', value: 'x'.repeat(1_000_000) }])
  equal(await offsets(topic), [[0, 1]])
})

check('over_topic_max_message_bytes', async () => {
  const topic = await create('toolarge', 1, { 'max.message.bytes': '1000' })
  await refused('MESSAGE_TOO_LARGE', () => send(topic, [{ value: 'x'.repeat(2000) }]))
  await send(topic, [{ value: 'x' }])
  equal(await offsets(topic), [[0, 1]])
})

check('offsets_by_time', async () => {
  const topic = await create('bytime')
  const base = Date.now() - 3_600_000
  for (let i = 0; i < 5; i++) await send(topic, [{ key: 'k', value: 'v', timestamp: String(base + i * 1000) }])
  for (const [stamp, wanted] of [[0, '0'], [base + 1, '1'], [base + 4000, '4']]) {
    equal((await admin.fetchTopicOffsetsByTimestamp(topic, stamp)).map(it => it.offset), [wanted], `offset at ${stamp - base}`)
  }
  equal((await admin.fetchTopicOffsetsByTimestamp(topic, base + 9000)).map(it => it.offset), ['5'], 'behind the end')
})

check('many_partitions', async () => {
  const topic = await create('many', 50)
  await send(topic, Array.from({ length: 50 }, (_, partition) => numbers(10, partition)).flat(), { idempotent: true })
  equal(await offsets(topic), Array(50).fill([0, 10]))
})

check('auto_creation', async () => {
  const topic = fresh('kj-auto')
  await send(topic, numbers(3))
  equal(await offsets(topic), [[0, 3]])
})

check('topic_life', async () => {
  const topic = await create('life', 3, { 'retention.ms': '123456' })
  const { partitions } = (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]
  equal(partitions.map(it => it.partitionId).sort(), [0, 1, 2])
  for (const each of partitions) equal([each.isr, each.replicas, each.partitionErrorCode], [[each.leader], [each.leader], 0])
  await admin.deleteTopics({ topics: [topic] })
  await eventually('it is gone', async () => !(await listed(topic)))
  const impatient = kafka.admin({ retry: { retries: 0 } })
  await impatient.connect()
  await refused('UNKNOWN_TOPIC_OR_PARTITION', () => impatient.deleteTopics({ topics: [topic] }))
  await impatient.disconnect()
})

check('create_refusals', async () => {
  const topic = await create('refuse')
  equal(await admin.createTopics({ topics: [{ topic }] }), false, 'twice')
  const one = (topic, more) => () => admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1, ...more }] })
  await refused('INVALID_TOPIC_EXCEPTION', one('a b'))
  await refused('INVALID_REPLICATION_FACTOR', one(fresh('rf'), { replicationFactor: 3 }))
  await refused('INVALID_PARTITIONS', one(fresh('zero'), { numPartitions: 0 }))
  await refused('INVALID_CONFIG', one(fresh('conf'), { configEntries: [{ name: 'no.such.key', value: '1' }] }))
  const validated = fresh('validate')
  equal(await admin.createTopics({ validateOnly: true, waitForLeaders: false, topics: [{ topic: validated }] }), true)
  equal(await listed(validated), false, 'validate only')
})

check('create_partitions', async () => {
  const topic = await create('grow', 2)
  await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] })
  await eventually('4 partitions', async () => (await partitionsOf(topic)) === 4)
  await send(topic, numbers(10, 3))
  equal((await offsets(topic))[3], [0, 10])
  await refused('INVALID_PARTITIONS', () => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }))
})

const described = async (type, name, configNames) => {
  const { resources } = await admin.describeConfigs({ includeSynonyms: true, resources: [{ type, name, configNames }] })
  return Object.fromEntries(resources[0].configEntries.map(it => [it.configName, [it.configValue, it.configSource, it.readOnly]]))
}

check('configs', async () => {
  const topic = await create('configs', 1, { 'retention.ms': '77777', 'segment.ms': '88888' })
  const names = ['retention.ms', 'segment.ms', 'cleanup.policy']
  equal(await described(ConfigResourceTypes.TOPIC, topic, names),
    { 'retention.ms': ['77777', 1, false], 'segment.ms': ['88888', 1, false], 'cleanup.policy': ['delete', 5, false] })
  const alter = (value, more) => admin.alterConfigs({ validateOnly: false, ...more,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: 'retention.ms', value }] }] })
  await alter('5000', { validateOnly: true })
  equal((await described(ConfigResourceTypes.TOPIC, topic, names))['retention.ms'][0], '77777', 'after validate only')
  await alter('99999')
  await eventually('the change is seen', async () => (await described(ConfigResourceTypes.TOPIC, topic, names))['retention.ms'][0] === '99999')
  equal((await described(ConfigResourceTypes.TOPIC, topic, names))['segment.ms'], ['604800000', 5, false], 'what was not named')
  await refused('INVALID_CONFIG', () => alter('soon'))
  equal(await described(ConfigResourceTypes.BROKER, '1', ['node.id']), { 'node.id': ['1', 4, true] })
})

check('delete_records', async () => {
  const topic = await create('deleterecords')
  await send(topic, numbers(100))
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '40' }] })
  equal(await offsets(topic), [[40, 100]])
  await refused('OFFSET_OUT_OF_RANGE', () => admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '1000' }] }))
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '-1' }] })
  equal(await offsets(topic), [[100, 100]])
})

check('reassignments', async () => {
  const topic = await create('reassign', 2)
  const node = (await admin.describeCluster()).brokers[0].nodeId
  const alter = replicas => admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment: [{ partition: 1, replicas }] }] })
  await alter([node])
  equal((await admin.listPartitionReassignments({ topics: [{ topic, partitions: [0, 1] }] })).topics, [])
  await refused('INVALID_REPLICA_ASSIGNMENT', () => alter([77]))
})

check('describe_cluster', async () => {
  const found = await admin.describeCluster()
  equal(found.brokers.map(it => `${it.host}:${it.port}`), [bootstrap])
  equal(found.controller, found.brokers[0].nodeId)
  ensure(found.clusterId.length === 22, `cluster id ${found.clusterId}`)
})

groups.register(kafka, admin, create, send)

await main(async (topic, count, codec) => {
  const messages = Array.from({ length: count }, (_, i) => ({ key: crossingKey(i), value: crossingValue(i) }))
  await send(topic, messages, { idempotent: true, compression: codec === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None })
})
