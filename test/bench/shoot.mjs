// Sends one request again and again over several connections. Standard input: { url, connections, seconds, stored, body }; it prints
// { perSecond, p50, p99 }, the latencies in milliseconds. A refused request ends it.
import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import autocannon from 'autocannon'

const { url, connections, seconds, stored, body } = JSON.parse(await text(process.stdin))
const start = Date.now()
let number = 0
const bodyOf = () => {
  number += 1
  return body
    .replaceAll('{n}', `${start}-${number}`)
    .replaceAll('{k}', String((number * 7919) % stored))
    .replaceAll('{u}', () => randomUUID())
}
const result = await autocannon({
  url,
  connections,
  duration: seconds,
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  requests: [
    {
      setupRequest: (request) => ({ ...request, body: bodyOf() }),
      onResponse: (status, answer) => {
        if (status === 200 && !/"errors":|"(key|profile|profileByTenantAndTypeAndKey)":null|FAILED/.test(answer)) return
        console.error(`an answer was ${status} ${answer.slice(0, 500)}`)
        process.exit(1)
      },
    },
  ],
})
const { p50, p99 } = result.latency
console.log(JSON.stringify({ perSecond: result.requests.average, p50, p99 }))
