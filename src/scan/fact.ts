import type { Fact } from '../policy/integration.ts';
import type { AppKey, StoredObservation } from '../store/rows.ts';
import type { ObservationBody, VolatileBody } from './rows.ts';

/** A stored observation of an app, as judgement sees it. */
export function factOf(app: AppKey, row: StoredObservation): Fact {
  const body = JSON.parse(row.body) as ObservationBody;
  const volatile = (row.volatile === null ? {} : JSON.parse(row.volatile)) as VolatileBody;
  const { evidence: _evidence, lastUsedAt: _none, ...facts } = body as ObservationBody & { lastUsedAt?: undefined };
  return {
    ...facts,
    ...(volatile.lastUsedAt && { lastUsedAt: volatile.lastUsedAt }),
    attributes: { ...body.attributes, ...volatile.attributes },
    connector: app.connector,
    account: app.account,
    collector: row.collector,
    mode: row.mode,
    thing: row.thing,
    kind: row.kind as Fact['kind'],
    state: row.state,
  };
}
