// What the checks of the Node clients share: one line of output for each check, then the sum; see lib/checks.py.
import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual, inspect } from 'node:util'

export const bootstrap = process.env.BOOTSTRAP ?? '127.0.0.1:9092'
// The folder into which lib/install put the packages.
export const packages = process.env.HEADWATER_NODE + '/node_modules/'
const SECONDS_PER_CHECK = 60
const checks = []

export const check = (name, run) => checks.push({ name, run })
export const fresh = word => `js-${word}-${randomBytes(5).toString('hex')}`
export const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))

const cut = value => inspect(value, { depth: 6, breakLength: Infinity }).slice(0, 200)

export function equal(found, expected, what = 'value') {
  if (!isDeepStrictEqual(found, expected)) throw new Error(`${what}: found ${cut(found)}, expected ${cut(expected)}`)
}

export function ensure(condition, why) {
  if (!condition) throw new Error(why)
}

// `action` has to fail with an error that has `wanted` somewhere in it: a code or a part of a message.
export async function refused(wanted, action) {
  try {
    await action()
  } catch (error) {
    const found = inspect(error, { depth: 8 })
    ensure(found.includes(wanted), `expected ${wanted}, found ${found.replaceAll('\n', ' ')}`)
    return
  }
  throw new Error(`expected ${wanted}, but there was no error`)
}

// Repeats until it holds, for 15 s: the reference answers changes of metadata before its broker has applied them.
export async function eventually(what, holds) {
  for (let i = 0; i < 300; i++) {
    if (await holds()) return
    await sleep(50)
  }
  throw new Error(`never: ${what}`)
}

async function attempt(run) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${SECONDS_PER_CHECK} s`)), SECONDS_PER_CHECK * 1000)
  })
  try {
    await Promise.race([run(), late])
    return null
  } catch (error) {
    return String(error?.message ?? error).replaceAll('\n', ' ').slice(0, 400)
  } finally {
    clearTimeout(timer)
  }
}

async function runChecks(only) {
  let passed = 0
  let failed = 0
  for (const { name, run } of checks) {
    if (!name.includes(only)) continue
    const begun = Date.now()
    const why = await attempt(run)
    if (why === null) passed++
    else failed++
    console.log(why === null ? `ok ${name}` : `FAIL ${name} ${why}`)
    if (process.env.TIMES) console.log(`  ${Date.now() - begun} ms`)
  }
  console.log(`${passed} passed, ${failed} failed`)
  return failed > 0 ? 1 : 0
}

// Obeys the command line: [PART OF A NAME] | produce TOPIC COUNT CODEC | consume TOPIC COUNT.
export async function main(produce, consume) {
  const [word = '', topic, count, codec] = process.argv.slice(2)
  process.on('unhandledRejection', reason => console.error('unhandled', reason))
  let code = 0
  if (word === 'produce') await produce(topic, Number(count), codec)
  else if (word === 'consume') await consume(topic, Number(count))
  else code = await runChecks(word)
  process.exit(code)
}

// The stream that one client writes and another reads; see lib/checks.py.
export const crossingKey = i => `k${i % 7}`
export const crossingValue = i => `${i}:${'x'.repeat((i * 31) % 97)}`
