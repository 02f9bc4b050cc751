import { describeAdapter } from '../support/describe-adapter.ts'
import { openAltcraftBench } from './altcraft-bench.ts'

describeAdapter('altcraft', () => openAltcraftBench())
describeAdapter('altcraft over XML', () => openAltcraftBench({ format: 'xml' }))
