// Three real PDSes (with their PLC directories, without an AppView) and a stand-in for Jetstream over the first one.
// Prints NAME=VALUE lines and READY; ends when its standard input does.
import { TestNetworkNoAppView } from '@atproto/dev-env'
import { startJetstream } from './jetstream.mjs'

const network = (pds) => TestNetworkNoAppView.create({ pds, plc: {} })
// One as it comes, one that forgets after half a second, one with limits of requests.
const networks = [
  await network({}),
  await network({ repoBackfillLimitMs: 500, maxSubscriptionBuffer: 20 }),
  await network({ rateLimitsEnabled: true }),
]
const [plain, short, limited] = networks.map((net) => net.pds.url)
const jetstream = await startJetstream(plain.replace('http', 'ws'))
console.log(`CAIU_E2E_PDS=${plain}`)
console.log(`CAIU_E2E_PDS_SHORT=${short}`)
console.log(`CAIU_E2E_PDS_LIMITED=${limited}`)
console.log(`CAIU_E2E_PDS_ADMIN=${networks[0].pds.adminAuth()}`)
console.log(`CAIU_E2E_JETSTREAM=${jetstream.url}`)
console.log('READY')

process.stdin.resume()
process.stdin.on('end', async () => {
  setTimeout(() => process.exit(0), 5000).unref()
  await jetstream.close()
  await Promise.allSettled(networks.map((net) => net.close()))
  process.exit(0)
})
