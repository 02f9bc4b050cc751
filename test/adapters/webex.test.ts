import { describeAdapter } from '../support/describe-adapter.ts'
import { openWebexBench } from './webex-bench.ts'

describeAdapter('webex', openWebexBench)
