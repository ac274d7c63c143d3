// Consumer groups as kafkajs speaks them (JoinGroup up to version 5); checks.mjs loads this file.
import { check, ensure, equal, eventually, fresh, refused, sleep } from '../lib/frame.mjs'

// A consumer that is started; `found` are its values, `partitions` what it has now.
async function join(kafka, group, topic, { fromBeginning = true } = {}) {
  const consumer = kafka.consumer({ groupId: group, sessionTimeout: 10_000, heartbeatInterval: 200, maxWaitTimeInMs: 100, rebalanceTimeout: 10_000 })
  const one = { consumer, found: [], next: new Map(), partitions: [], joins: 0 }
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    one.partitions = [...(payload.memberAssignment[topic] ?? [])].sort()
    one.joins++
  })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      one.found.push(Number(message.value))
      one.next.set(partition, Number(message.offset) + 1)
    },
  })
  one.commit = () => consumer.commitOffsets([...one.next].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })))
  return one
}

// Waits until the members together have read from, from+1 … end-1, each once, and forgets them.
async function take(from, end, ...members) {
  const found = []
  const more = () => {
    for (const one of members) found.push(...one.found.splice(0))
    return found.length >= end - from
  }
  await eventually('the records', more)
  await sleep(150)
  more()
  equal(found.sort((a, b) => a - b), Array.from({ length: end - from }, (_, i) => from + i), 'values')
}

export function register(kafka, admin, create, send) {
  const write = (topic, partitions, from, end) =>
    send(topic, Array.from({ length: end - from }, (_, i) => ({ key: 'k', value: String(from + i), partition: (from + i) % partitions })), { idempotent: true })
  const offsets = async (group, topic) =>
    (await admin.fetchOffsets({ groupId: group, topics: [topic] }))[0].partitions.sort((a, b) => a.partition - b.partition).map(it => it.offset)

  check('group_reads_all', async () => {
    const topic = await create('group', 3)
    await write(topic, 3, 0, 300)
    const one = await join(kafka, fresh('group'), topic)
    await take(0, 300, one)
    await one.consumer.disconnect()
  })

  check('group_resumes', async () => {
    const topic = await create('resume', 2)
    const group = fresh('resume')
    for (const from of [0, 100, 200]) {
      await write(topic, 2, from, from + 100)
      const one = await join(kafka, group, topic)
      await take(from, from + 100, one)
      await one.commit()
      await one.consumer.disconnect()
    }
  })

  check('group_two_members', async () => {
    const topic = await create('two', 4)
    const group = fresh('two')
    const one = await join(kafka, group, topic)
    const two = await join(kafka, group, topic)
    await eventually('two partitions each', () => one.partitions.length === 2 && two.partitions.length === 2)
    equal([...one.partitions, ...two.partitions].sort(), [0, 1, 2, 3])
    await write(topic, 4, 0, 400)
    await take(0, 400, one, two)
    await one.commit()
    await two.commit()
    await one.consumer.disconnect()
    await eventually('all partitions', () => two.partitions.length === 4)
    await write(topic, 4, 400, 800)
    await take(400, 800, two)
    await two.consumer.disconnect()
  })

  check('group_from_the_end', async () => {
    const topic = await create('latest', 1)
    await write(topic, 1, 0, 10)
    const one = await join(kafka, fresh('latest'), topic, { fromBeginning: false })
    await eventually('its partition', () => one.partitions.length === 1)
    let sent = 10
    await eventually('something new', async () => {
      await write(topic, 1, sent, ++sent)
      return one.found.length > 0
    })
    ensure(one.found[0] >= 10, `an old record: ${one.found[0]}`)
    await one.consumer.disconnect()
  })

  check('describe_and_list_groups', async () => {
    const topic = await create('describe', 2)
    const group = fresh('described')
    const one = await join(kafka, group, topic)
    await eventually('its partitions', () => one.partitions.length === 2)
    const { state, protocolType, protocol, members } = (await admin.describeGroups([group])).groups[0]
    equal([state, protocolType, protocol, members.map(it => it.clientId)], ['Stable', 'consumer', 'RoundRobinAssigner', ['checks']])
    ensure((await admin.listGroups()).groups.some(it => it.groupId === group && it.protocolType === 'consumer'), 'not listed')
    await refused('NON_EMPTY_GROUP', () => admin.deleteGroups([group]))
    await one.consumer.disconnect()
    equal((await admin.describeGroups([group])).groups[0].state, 'Empty')
  })

  check('committed_offsets', async () => {
    const topic = await create('committed', 2)
    const group = fresh('offsets')
    await write(topic, 2, 0, 100)
    equal(await offsets(group, topic), ['-1', '-1'])
    await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '7' }, { partition: 1, offset: '50' }] })
    equal(await offsets(group, topic), ['7', '50'])
    const one = await join(kafka, group, topic)
    await eventually('43 records', () => one.found.length === 43)
    await one.consumer.disconnect()
  })

  check('delete_groups', async () => {
    const topic = await create('delete', 1)
    const group = fresh('deleted')
    await write(topic, 1, 0, 10)
    const one = await join(kafka, group, topic)
    await take(0, 10, one)
    await one.commit()
    await one.consumer.disconnect()
    await admin.deleteGroups([group])
    await refused('GROUP_ID_NOT_FOUND', () => admin.deleteGroups([group]))
    equal(await offsets(group, topic), ['-1'])
  })
}
