import { expect, test } from 'vitest';
import { openWorld, type Night, type World } from '../../worlds/world.ts';

const READERS = ['models', 'model_metrics', 'invocations'];

const unlogged = ({ findings }: Night) =>
  findings.filter(({ rule }) => rule === 'model-calls-unlogged').flatMap(({ explained }) => explained['details'] as string[]);

/** From now on no region logs the calls of models. */
function switchOff(world: World): void {
  world.plant('bedrock.GetModelInvocationLoggingConfiguration', () => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: '{}',
  }));
}

test('calls of models that metrics and the history of events tell of are a finding from the night on which logging is off', async () => {
  const world = await openWorld('aws');
  expect(unlogged(await world.scan({ collectors: READERS }))).toEqual([]);
  switchOff(world);
  expect(unlogged(await world.scan({ night: 1, collectors: READERS })).toSorted()).toEqual([
    'agentcore-orders calls models in us-east-1, where calls are not logged',
    'amazon.nova-lite-v1:0 is called in us-east-1, where calls are not logged',
    'order-pipeline calls models in us-east-1, where calls are not logged',
  ]);
});
