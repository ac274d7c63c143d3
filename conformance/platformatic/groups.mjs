// Consumer groups as @platformatic/kafka speaks them; checks.mjs loads this file.
import { check, ensure, equal, eventually, fresh, refused, sleep } from '../lib/frame.mjs'

export function register(Consumer, options, admin, create, send) {
  // A consumer with its stream; `found` are the values it read.
  async function join(groupId, topic, more = {}) {
    const consumer = new Consumer({ ...options, groupId, heartbeatInterval: 200, sessionTimeout: 10_000, rebalanceTimeout: 10_000 })
    const one = { consumer, found: [], last: new Map() }
    const stream = await consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest', autocommit: false, maxWaitTime: 100, ...more })
    stream.on('error', error => console.error(error))
    stream.on('data', message => {
      one.found.push(Number(message.value.toString()))
      one.last.set(message.partition, message.offset)
    })
    one.partitions = () => [...(consumer.assignments?.find(it => it.topic === topic)?.partitions ?? [])].sort()
    one.commit = () => consumer.commit({ offsets: [...one.last].map(([partition, offset]) => ({ topic, partition, offset: offset + 1n, leaderEpoch: -1 })) })
    one.leave = async () => {
      await stream.close()
      await consumer.close(true)
    }
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

  const write = (topic, partitions, from, end) =>
    send(topic, Array.from({ length: end - from }, (_, i) => ({ key: 'k', value: String(from + i), partition: (from + i) % partitions })), { idempotent: true })
  const state = async group => (await admin.describeGroups({ groups: [group] })).get(group).state

  check('group_reads_all', async () => {
    const topic = await create('group', 3)
    await write(topic, 3, 0, 300)
    const one = await join(fresh('group'), topic)
    await take(0, 300, one)
    await one.leave()
  })

  check('group_resumes', async () => {
    const topic = await create('resume', 2)
    const group = fresh('resume')
    for (const from of [0, 100, 200]) {
      await write(topic, 2, from, from + 100)
      const one = await join(group, topic)
      await take(from, from + 100, one)
      await one.commit()
      await one.leave()
    }
  })

  check('describe_list_and_delete_groups', async () => {
    const topic = await create('describe', 2)
    const group = fresh('described')
    const one = await join(group, topic)
    await eventually('its partitions', () => one.partitions().length === 2)
    await eventually('stable', async () => (await state(group)) === 'STABLE')
    ensure((await admin.listGroups()).has(group), 'not listed')
    await refused('NON_EMPTY_GROUP', () => admin.deleteGroups({ groups: [group] }))
    await one.leave()
    equal(await state(group), 'EMPTY')
    await admin.deleteGroups({ groups: [group] })
    ensure(!(await admin.listGroups()).has(group), 'still listed')
  })
}
