import { describeAdapter } from '../support/describe-adapter.ts'
import { openDengageBench } from './dengage-bench.ts'

describeAdapter('dengage', openDengageBench)
